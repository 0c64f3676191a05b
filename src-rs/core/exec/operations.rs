//! What a run costs: its operations, activity and an energy estimate, counted from recordings.

use crate::control::Control;
use crate::energy::{
    ConnectionCounts, EnergyEstimate, HOROWITZ_45_NM, SynapticOperations, activation_sparsity,
    connection_sparsity, fan_outs, is_spiking_input, membrane_updates, synaptic_operations,
};
use crate::error::{Result, try_vec};
use crate::exec::input::InputValues;
use crate::exec::map::MapKernel;
use crate::exec::network::Network;
use crate::exec::packed::PackedSpikes;
use crate::exec::run::{Recording, Variable};
use crate::graph::{ProjectionKind, Shape, Source, Temporal};
use crate::projection::{Element, PANEL};
use serde::Serialize;

/// Of a whole network; operations, updates and joules are those of one sample.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operations {
    #[serde(flatten)]
    pub synaptic: SynapticOperations,
    /// Changes of a membrane.
    pub membrane_updates: f64,
    /// Spikes of all populations.
    pub spikes: f64,
    /// The share of neurons and steps without a spike, over all spiking populations.
    pub activation_sparsity: f64,
    /// The share of weights that are zero, to four decimals.
    pub connection_sparsity: f64,
    /// Weights, biases and learned parameters of neurons.
    pub parameters: u64,
    pub parameter_bytes: u64,
    pub energy: EnergyEstimate,
}

/// One signal's non-zero values per channel, and whether all of them are spikes.
struct Activity {
    events: Vec<u64>,
    spiking: bool,
}

impl<F: Element> Network<F> {
    /// Runs a batch from rest and counts.
    ///
    /// # Errors
    /// Those of [`Network::run`]; `too-large` where the recordings of all populations are.
    pub fn operations(&self, input: InputValues<F>, control: &Control) -> Result<Operations> {
        let (steps, batch) = (input.steps, input.batch);
        let record: Vec<(usize, Variable)> = (self.plan.layers.iter().enumerate())
            .flat_map(|(l, layer)| {
                let spikes = layer.bound.spiking.then_some((l, Variable::Spikes));
                std::iter::once((l, Variable::State(0))).chain(spikes)
            })
            .chain((0..self.plan.maps.len()).map(|m| (m, Variable::Values)))
            .collect();
        let run = self.run(input, &record, None, control)?;
        let mut outgoing = Vec::new();
        let mut fed_back = Vec::new();
        let (mut updates, mut outputs) = (0, 0);
        let mut recordings = run.recordings.iter();
        for layer in &self.plan.layers {
            let rows = steps * batch;
            let (Some(Recording::State(v)), width) = (recordings.next(), layer.neurons) else { continue };
            updates += membrane_updates(v, batch * width)?;
            let spikes = if layer.bound.spiking { recordings.next() } else { None };
            let Some(Recording::Spikes(spikes)) = spikes else {
                outgoing.push(values(v, rows, width)?);
                fed_back.push(None);
                continue;
            };
            outputs += spikes.len() as u64;
            outgoing.push(Activity { events: counts(spikes, width)?, spiking: true });
            // What returns at a step are the spikes of the one before.
            let returning = &spikes[..(rows - batch) * width];
            fed_back.push(Some(Activity { events: counts(returning, width)?, spiking: true }));
        }
        let mut given = Vec::new();
        for map in &self.plan.maps {
            let Some(Recording::State(v)) = recordings.next() else { continue };
            given.push(values(v, steps * batch, map.shape.elements())?);
        }
        let entering = self.entering(&input)?;
        let mut connections = Vec::new();
        let of = |source: Source| match source {
            Source::Input => &entering,
            Source::Layer(s) => &outgoing[s],
            Source::Map(m) => &given[m],
        };
        for (m, map) in self.plan.maps.iter().enumerate() {
            connections.extend(map.projection.map(|j| (j, Some(m), of(map.sources[0]))));
        }
        for (l, layer) in self.plan.layers.iter().enumerate() {
            for feed in &layer.feeds {
                let Some(j) = feed.projection else { continue };
                connections.push((j, None, of(feed.source)));
            }
            connections.extend(layer.feedback.iter().filter_map(|&j| Some((j, None, fed_back[l].as_ref()?))));
        }
        let (mut fans, mut synapses, mut weights, mut non_zero) = (vec![], vec![], 0, 0);
        for &(j, map, _) in &connections {
            let projection = &self.plan.projections[j];
            let public = self.parameters[self.slots[j].weight].values();
            weights += public.len() as u64;
            non_zero += public.iter().filter(|&&w| w != F::ZERO).count() as u64;
            let inputs = projection.inputs;
            let image = self.feedback[j].as_deref();
            let convolution = image.or(map.and_then(|m| match &self.maps[m] {
                MapKernel::Convolution(convolution) => Some(&**convolution),
                _ => None,
            }));
            let scatter = convolution.map(|convolution| &convolution.forward);
            let (fan, all) = match (projection.kind, scatter) {
                (ProjectionKind::Dense, _) => (fan_outs(&public, inputs)?, public.len() as u64),
                (_, Some(scatter)) => {
                    let stored = &self.parameters[self.slots[j].weight].data;
                    (scatter.fan_outs(stored, |w| w != F::ZERO), scatter.synapses())
                }
                // A row is looked up, not multiplied.
                (ProjectionKind::Table, _) => (vec![0; 1], 0),
                // One factor for each element, however many share it.
                (ProjectionKind::Affine(_), _) => {
                    let elements = map.map_or(0, |m| self.plan.maps[m].shape.elements());
                    (vec![1; elements], elements as u64)
                }
                (ProjectionKind::Time, _) => {
                    let shape = map.map_or(Shape::flat(1), |m| self.plan.maps[m].shape);
                    let temporal = map.and_then(|m| self.plan.maps[m].operation.temporal());
                    over_time(&public, inputs, shape, temporal)
                }
                _ => (public.iter().map(|&w| u64::from(w != F::ZERO)).collect(), public.len() as u64),
            };
            synapses.push(all);
            fans.push(fan);
        }
        let counted: Vec<ConnectionCounts> = (connections.iter().zip(&fans).zip(&synapses))
            .map(|(((_, _, source), fan_out), &synapses)| ConnectionCounts {
                events: &source.events,
                fan_out,
                synapses,
                spiking_input: source.spiking,
            })
            .collect();
        let synaptic = synaptic_operations(&counted, batch as u64, steps as u64)?;
        let spikes = run.spikes.iter().sum::<u64>();
        let parameters = self.parameters.iter().map(|p| p.layout.public_len() as u64).sum::<u64>();
        Ok(Operations {
            synaptic,
            membrane_updates: updates as f64 / batch as f64,
            spikes: spikes as f64 / batch as f64,
            activation_sparsity: activation_sparsity(spikes, outputs),
            connection_sparsity: connection_sparsity(non_zero, weights),
            parameters,
            parameter_bytes: parameters * size_of::<F>() as u64,
            energy: HOROWITZ_45_NM.estimate(&synaptic),
        })
    }

    fn entering(&self, input: &InputValues<F>) -> Result<Activity> {
        match input.packed() {
            Some(spikes) => Ok(Activity { events: spikes_of_channels(spikes)?, spiking: true }),
            None => {
                let rows = if input.constant { input.batch } else { input.steps * input.batch };
                let mut activity = values(input.values, rows, input.channels)?;
                if input.constant {
                    activity.events.iter_mut().for_each(|count| *count *= input.steps as u64);
                }
                Ok(activity)
            }
        }
    }
}

/// Weights that each element meets over time, and of all elements together. Of a mixture of steps the
/// mean over steps.
fn over_time<F: Element>(
    weights: &[F],
    lags: usize,
    shape: Shape,
    temporal: Option<Temporal>,
) -> (Vec<u64>, u64) {
    let count = |weights: &[F]| weights.iter().filter(|&&w| w != F::ZERO).count() as u64;
    let pixels = shape.pixels();
    let fan = |n: usize| match temporal {
        Some(Temporal::Filter { each: true, .. }) => count(&weights[n / pixels * lags..][..lags]),
        Some(Temporal::Mixture { steps, .. }) => count(weights) / steps as u64,
        _ => count(weights),
    };
    let elements = shape.elements();
    ((0..elements).map(fan).collect(), (elements * lags) as u64)
}

/// Spikes of each neuron in rows of `width`.
fn counts(spikes: &[u8], width: usize) -> Result<Vec<u64>> {
    let mut counts = try_vec("spike counts", width, 0u64)?;
    for row in spikes.chunks_exact(width) {
        counts.iter_mut().zip(row).for_each(|(count, &s)| *count += u64::from(s));
    }
    Ok(counts)
}

/// Spikes of each channel.
fn spikes_of_channels(spikes: &PackedSpikes) -> Result<Vec<u64>> {
    let mut counts = try_vec("spike counts", spikes.channels(), 0u64)?;
    for row in 0..spikes.rows() {
        for (counts, &word) in counts.chunks_mut(PANEL).zip(spikes.row(row)) {
            counts.iter_mut().enumerate().for_each(|(j, count)| *count += word >> j & 1);
        }
    }
    Ok(counts)
}

fn values<F: Element>(values: &[F], rows: usize, width: usize) -> Result<Activity> {
    let mut events = try_vec("event counts", width, 0u64)?;
    for row in values.chunks_exact(width).take(rows) {
        events.iter_mut().zip(row).for_each(|(count, &x)| *count += u64::from(x != F::ZERO));
    }
    Ok(Activity { events, spiking: is_spiking_input(values) })
}
