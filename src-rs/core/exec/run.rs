//! Inference: a batch through the network from a given state, with what is to be recorded.

use crate::control::Control;
use crate::error::{Error, Result, try_vec};
use crate::exec::estimate::{Workload, chunking};
use crate::exec::input::{InputValues, Signal};
use crate::exec::network::Network;
use crate::exec::pass::{Pass, Workspace};
use crate::exec::state::NetworkState;
use crate::memory;
use crate::projection::{Element, all_finite};

/// Steps that a run holds at a time.
const SEGMENT: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    Spikes,
    /// Index of a state of the population.
    State(usize),
}

/// A recorded variable, `[time, batch, neurons]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Recording<F> {
    Spikes(Vec<u8>),
    State(Vec<F>),
}

pub struct RunOutput<F> {
    /// In the order of the request.
    pub recordings: Vec<Recording<F>>,
    pub state: NetworkState<F>,
    /// Spikes of each population over the whole run, all samples.
    pub spikes: Vec<u64>,
    /// For each projection the spikes that entered it; for values, the non-zero ones.
    pub events: Vec<u64>,
}

impl<F: Element> Network<F> {
    /// `layer.variable`, for example `lif1.v` or `lif1.spikes`.
    pub fn variable(&self, name: &str) -> Result<(usize, Variable)> {
        let unknown =
            |did_you_mean| Error::UnknownName { kind: "recording".into(), name: name.into(), did_you_mean };
        let names = || {
            let all = self.plan.layers.iter().flat_map(|l| {
                let states = l.bound.states.iter().map(|s| format!("{}.{}", l.name, s.name));
                l.bound.spiking.then(|| format!("{}.spikes", l.name)).into_iter().chain(states)
            });
            Some(all.collect::<Vec<_>>().join(", "))
        };
        let (layer, variable) = name.rsplit_once('.').ok_or_else(|| unknown(names()))?;
        let index = self.plan.layers.iter().position(|l| l.name == layer).ok_or_else(|| unknown(names()))?;
        let bound = &self.plan.layers[index].bound;
        if variable == "spikes" && bound.spiking {
            return Ok((index, Variable::Spikes));
        }
        match bound.states.iter().position(|s| s.name == variable) {
            Some(state) => Ok((index, Variable::State(state))),
            None => Err(unknown(names())),
        }
    }

    /// Runs a batch. Equal input and state give equal bits whatever the number of threads.
    pub fn run(
        &self,
        input: InputValues<F>,
        record: &[(usize, Variable)],
        initial: Option<&NetworkState<F>>,
        control: &Control,
    ) -> Result<RunOutput<F>> {
        self.check_input(&input, initial)?;
        let (steps, batch) = (input.steps, input.batch);
        let segment = steps.min(SEGMENT);
        let work = Workload { batch, steps, segment, training: false, input: input.kind() };
        let sizes = record.iter().map(|&(layer, variable)| {
            let bytes = if variable == Variable::Spikes { 1 } else { size_of::<F>() };
            let each = (self.plan.layers[layer].neurons * bytes) as u64;
            // The engine's and JavaScript's.
            (steps as u64).saturating_mul(batch as u64).saturating_mul(2 * each)
        });
        let recordings = sizes.fold(0, u64::saturating_add);
        memory::check("this run", recordings.saturating_add(self.estimate(&work).tape))?;
        let mut recordings = Vec::new();
        for &(layer, variable) in record {
            let len = steps * batch * self.plan.layers[layer].neurons;
            recordings.push(match variable {
                Variable::Spikes => Recording::Spikes(try_vec("recording", len, 0)?),
                Variable::State(_) => Recording::State(try_vec("recording", len, F::ZERO)?),
            });
        }
        let mut keep = self.plan.read_as_values();
        for &(layer, variable) in record {
            keep[layer] |= variable != Variable::Spikes;
        }
        let (tile, tiles) = chunking(&self.plan, &keep, batch, segment, size_of::<F>() as u64);
        let mut state = NetworkState::rest(self, batch);
        let mut spikes = vec![0; self.plan.layers.len()];
        let mut input_events = 0;
        let mut w = Workspace::default();
        let chunk = tile * tiles;
        for first in (0..batch).step_by(chunk) {
            let samples = first..(first + chunk).min(batch);
            let pass = Pass { input, samples, tile, segment };
            pass.forward(self, &mut w, &keep, false, initial, |range, g, tapes, signal| {
                control.check()?;
                for (&(layer, variable), recording) in record.iter().zip(&mut recordings) {
                    let window = pass.window(self.plan.layers[layer].neurons, range.start);
                    match (variable, recording) {
                        (Variable::State(i), Recording::State(out)) => {
                            window.collect_state(g, &tapes[layer], i, out)
                        }
                        (Variable::Spikes, Recording::Spikes(out)) => {
                            window.collect_spikes(g, &tapes[layer], [0, 1], out)
                        }
                        _ => {}
                    }
                }
                for (total, tape) in spikes.iter_mut().zip(tapes) {
                    *total += tape.spikes.count(g);
                }
                input_events += match signal {
                    Signal::Spikes(s) => s.count(g),
                    Signal::Values(values, _) => values.nonzero(g, range.clone()),
                };
                control.report(
                    (first * steps + range.end * pass.samples.len()) as u64,
                    (batch * steps) as u64,
                    || serde_json::Value::Null,
                );
                Ok(())
            })?;
            let last = pass.segments().pop().map_or(0, |s| s.len());
            let g = crate::exec::geometry::Geometry::new(first, pass.samples.len(), tile, last);
            for (layer, tape) in w.tapes.iter().enumerate() {
                state.save(layer, first, tape, &g);
            }
        }
        self.check_state(&state, steps)?;
        let events = self.projection_events(&spikes, input_events);
        Ok(RunOutput { recordings, state, spikes, events })
    }

    /// Refuses a run in which a state left the numbers, in sums too large for the precision: the
    /// neuron would stay silent from then on without a word.
    fn check_state(&self, state: &NetworkState<F>, steps: usize) -> Result<()> {
        for (plan, layer) in self.plan.layers.iter().zip(&state.layers) {
            for (info, values) in plan.bound.states.iter().zip(&layer.states) {
                if all_finite(self.level, values).is_some() {
                    let (layer, name) = (plan.name.clone(), info.name.to_string());
                    return Err(Error::NonFinite { layer, step: steps - 1, name });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn check_input(
        &self,
        input: &InputValues<F>,
        initial: Option<&NetworkState<F>>,
    ) -> Result<()> {
        if input.channels != self.plan.input_size {
            return Err(Error::ShapeMismatch {
                layer: "input".into(),
                expected: format!("[…, {}]", self.plan.input_size),
                got: format!("[…, {}]", input.channels),
            });
        }
        if let Some(state) = initial {
            state.check(self, input.batch)?;
        }
        Ok(())
    }

    /// Spikes entering each projection, from those of populations and of the input.
    pub fn projection_events(&self, spikes: &[u64], input: u64) -> Vec<u64> {
        let mut events = vec![0; self.plan.projections.len()];
        for (l, layer) in self.plan.layers.iter().enumerate() {
            for feed in &layer.feeds {
                if let Some(j) = feed.projection {
                    events[j] = match feed.source {
                        crate::graph::Source::Input => input,
                        crate::graph::Source::Layer(s) => spikes[s],
                    };
                }
            }
            layer.feedback.iter().for_each(|&j| events[j] = spikes[l]);
        }
        events
    }
}
