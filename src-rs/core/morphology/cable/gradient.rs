//! A loss over what a simulation records, and its gradient.

use std::sync::atomic::{AtomicUsize, Ordering};

use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use rayon::prelude::*;
use serde::Deserialize;

use super::adjoint::{Course, TileGradient};
use super::checkpoint::Checkpoint;
use super::record::Source;
use super::simulation::{Run, Simulation};
use super::tile::Shared;

/// How the samples of a record enter the loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The mean of the squared differences from the values.
    SquaredError,
    /// The sum of products with the values, which are then the derivatives of a loss.
    Linear,
}

/// A term of the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    pub record: usize,
    pub kind: Kind,
    pub weight: f64,
    /// One for each sample.
    pub values: Vec<f64>,
}

/// A loss with its gradient, summed over the cells. It is the exact derivative of the computed loss: spikes that move within a step change
/// nothing, and no spike moves to another step.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    pub loss: f64,
    pub run: Run,
    pub mechanisms: Vec<Differentiated>,
    /// By the initial voltage of each node, from which the states follow.
    pub voltage: Vec<f64>,
    /// By the resistance to the parent.
    pub axial: Vec<f64>,
    /// By the capacitance in µF/cm².
    pub capacitance: Vec<f64>,
    /// By the weight of all own events of a synapse.
    pub synapses: Vec<f64>,
    pub connections: Vec<f64>,
    pub gaps: Vec<f64>,
}

/// The gradient by the numbers of a mechanism, `[name][node of the mechanism]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Differentiated {
    pub parameters: Vec<(String, Vec<f64>)>,
    /// By the initial states.
    pub states: Vec<(String, Vec<f64>)>,
}

/// Steps between two checkpoints: checkpoints and frames take about the same memory.
pub fn segment(steps: usize) -> usize {
    let root = (steps as f64).sqrt().ceil();
    (root as usize).max(1)
}

impl Simulation {
    /// Runs `steps` steps from the beginning, and computes the loss and its gradient.
    ///
    /// # Errors
    /// Those of [`Simulation::run`]; `invalid-parameter` for a term that does not fit what is recorded.
    pub fn differentiate(&mut self, steps: usize, terms: &[Term], control: &Control) -> Result<Gradient> {
        let samples = steps / self.shared.sample_every + 1;
        self.check_terms(terms, samples)?;
        let segment = segment(steps);
        memory::check("gradient of cells", self.needed_by_gradient(steps))?;
        // The backward pass repeats each step, which is as long, and differentiates it.
        let total = 3 * steps as u64 * self.tiles.len() as u64;
        let report = |done: u64| control.report(done, total, || serde_json::Value::Null);
        let mut spikes = Vec::new();
        let mut checkpoints: Vec<Vec<Checkpoint>> = self.tiles.iter().map(|_| vec![]).collect();
        let tiles = self.tiles.len() as u64;
        while self.done < steps {
            let pairs = self.tiles.par_iter().zip(&mut checkpoints);
            pairs.for_each(|(tile, checkpoints)| checkpoints.push(Checkpoint::of(tile)));
            let to = (self.done + segment).min(steps);
            self.advance(to, &mut spikes, control, |done| report(done as u64 * tiles))?;
        }
        let run = self.recorded(spikes);
        let (loss, derivatives) = loss(terms, &run.traces);
        let course = Course { steps, segment, samples: &derivatives };
        let passed = AtomicUsize::new(0);
        let Simulation { shared, tiles, .. } = self;
        let gradients = (tiles.par_iter_mut().zip(&checkpoints))
            .map(|(tile, checkpoints)| {
                tile.differentiate(shared, checkpoints, &course, control, |steps| {
                    let passed = passed.fetch_add(steps, Ordering::Relaxed) + steps;
                    report(total / 3 + 2 * passed as u64);
                })
            })
            .collect::<Result<Vec<TileGradient>>>()?;
        Ok(self.reduced(loss, run, &gradients))
    }

    fn check_terms(&self, terms: &[Term], samples: usize) -> Result<()> {
        let sources =
            self.tiles.iter().flat_map(|tile| tile.records.iter().map(|&(row, source, _)| (row, source)));
        let mut taken = std::collections::BTreeMap::from_iter(sources);
        for Term { record, weight, values, .. } in terms {
            let name = format!("objective[{record}]");
            let expected = "a record, once, of a voltage, a state or a concentration";
            match taken.remove(record) {
                Some(Source::Voltage { .. } | Source::State { .. } | Source::Concentration { .. }) => {}
                _ => return Err(Error::invalid(name, record, expected)),
            }
            if values.len() != samples {
                return Err(Error::invalid(
                    name,
                    format!("{} values", values.len()),
                    format!("{samples} values, one for each sample"),
                ));
            }
            if let Some(x) = values.iter().chain([weight]).find(|x| !x.is_finite()) {
                return Err(Error::invalid(name, x, "finite numbers"));
            }
        }
        Ok(())
    }

    /// Memory of checkpoints, frames and gradients in bytes.
    fn needed_by_gradient(&self, steps: usize) -> u64 {
        let segment = segment(steps);
        let segments = steps.div_ceil(segment);
        let of = |tile: &super::tile::Tile| {
            let states: usize = tile.locals.iter().flat_map(|local| &local.states).map(Vec::len).sum();
            let elements = tile.around.v.len();
            let checkpoint = elements + states + 2 * tile.synapses.len();
            (checkpoint, checkpoint + elements * (1 + 2 * tile.around.ions.len()))
        };
        let mut sizes: Vec<(usize, usize)> = self.tiles.iter().map(of).collect();
        let kept: usize = sizes.iter().map(|&(checkpoint, _)| checkpoint * (segments + 3)).sum();
        sizes.sort_by_key(|&(_, frame)| std::cmp::Reverse(frame));
        let workers = rayon::current_num_threads();
        let frames: usize = sizes.iter().take(workers).map(|&(_, frame)| frame * (segment + 1)).sum();
        8 * (kept as u64 + frames as u64)
    }

    /// Sums the gradients of the cells in their order.
    fn reduced(&self, loss: f64, run: Run, gradients: &[TileGradient]) -> Gradient {
        let Shared { placed, tree, densities, gaps, .. } = &self.shared;
        let sum = |n: usize, of: &dyn Fn(&TileGradient) -> &[f64], factor: &dyn Fn(usize, usize) -> f64| {
            let mut sums = vec![0.0; n];
            for (tile, gradient) in self.tiles.iter().zip(gradients) {
                let cells = tile.members.len();
                for (place, &cell) in tile.members.iter().enumerate() {
                    // The gradients of padding are 0.
                    let rows = sums.iter_mut().zip(of(gradient).chunks_exact(cells));
                    rows.enumerate().for_each(|(i, (sum, row))| *sum += factor(i, cell) * row[place]);
                }
            }
            sums
        };
        let of_parameter = |i: usize, k: usize| {
            let scale = |cell: usize| placed[i].scale(k, cell);
            sum(placed[i].nodes.len(), &|gradient| &gradient.locals[i].parameters[k], &|_, cell| scale(cell))
        };
        let of_state = |i: usize, k: usize| {
            sum(placed[i].nodes.len(), &|gradient| &gradient.locals[i].states[k], &|_, _| 1.0)
        };
        let n = tree.parent.len();
        let mut synapses = vec![0.0; self.synapses.len()];
        let mut connections = vec![0.0; self.connections.iter().map(Vec::len).sum()];
        let mut between = vec![0.0; gaps.len()];
        for (tile, gradient) in self.tiles.iter().zip(gradients) {
            for ((index, _), weight) in tile.synapses.iter().zip(&gradient.weights) {
                synapses[*index] = *weight;
            }
            gradient.connections.iter().for_each(|&(index, weight)| connections[index] += weight);
            between.iter_mut().zip(&gradient.gaps).for_each(|(sum, gap)| *sum += gap);
        }
        Gradient {
            loss,
            run,
            mechanisms: (placed.iter().enumerate())
                .map(|(i, placed)| Differentiated {
                    parameters: named(&placed.bound.parameters, &|k| of_parameter(i, k)),
                    states: named(&placed.bound.states, &|k| of_state(i, k)),
                })
                .collect(),
            voltage: sum(n, &|gradient| &gradient.around.v, &|_, _| 1.0),
            // By the resistance: the conductance is its reciprocal.
            axial: sum(n, &|gradient| &gradient.axial, &|i, _| -tree.axial[i] * tree.axial[i]),
            // µF/cm² times µm² over ms in µS; a density's factor is 0.01 times the area.
            capacitance: sum(n, &|gradient| &gradient.capacitance, &|i, _| {
                1e-3 * densities[i] / (self.shared.dt / self.shared.factor())
            }),
            synapses,
            connections,
            gaps: between,
        }
    }
}

fn named(names: &[String], of: &dyn Fn(usize) -> Vec<f64>) -> Vec<(String, Vec<f64>)> {
    names.iter().enumerate().map(|(k, name)| (name.clone(), of(k))).collect()
}

/// The loss, and by record its derivatives with respect to the samples.
fn loss(terms: &[Term], traces: &[Vec<f64>]) -> (f64, Vec<Option<Vec<f64>>>) {
    let mut derivatives = vec![None; traces.len()];
    let mut sum = 0.0;
    for &Term { record, kind, weight, ref values } in terms {
        let pairs = traces[record].iter().zip(values);
        let scale = 1.0 / values.len() as f64;
        sum += weight
            * match kind {
                Kind::SquaredError => scale * pairs.clone().map(|(x, y)| (x - y) * (x - y)).sum::<f64>(),
                Kind::Linear => pairs.clone().map(|(x, y)| x * y).sum::<f64>(),
            };
        derivatives[record] = Some(match kind {
            Kind::SquaredError => pairs.map(|(x, y)| 2.0 * weight * scale * (x - y)).collect(),
            Kind::Linear => pairs.map(|(_, y)| weight * y).collect(),
        });
    }
    (sum, derivatives)
}
