//! What a run costs: its operations, activity and an energy estimate, counted from recordings.

use crate::batch::run::{Recording, Variable};
use crate::network::compiled::Network;
use crate::plan::kernels::MapKernel;
use crate::storage::packed::PackedSpikes;
use crate::tape::input::InputValues;
use lapicque_base::control::Control;
use lapicque_base::energy::{
    ConnectionCounts, EnergyEstimate, HOROWITZ_45_NM, SynapticOperations, activation_sparsity,
    connection_sparsity, fan_outs, is_spiking_input, membrane_updates, synaptic_operations,
};
use lapicque_base::error::{Result, try_vec};
use lapicque_graph::{MapPlan, ProjectionKind, Shape, Source, Temporal};
use lapicque_projection::{Element, PANEL};
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
#[derive(Default)]
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
        let plan = &self.plan;
        let read = plan.layers.iter().flat_map(|layer| layer.entering()).map(|feed| feed.source);
        let read: Vec<Source> =
            read.chain(plan.maps.iter().flat_map(|map| map.sources.iter().copied())).collect();
        let mut sources: Vec<Source> = Vec::new();
        for (l, layer) in plan.layers.iter().enumerate() {
            // The first state tells how often a membrane changes.
            sources.push(Source::State(l, 0));
            sources.extend(layer.bound.spiking.then_some(Source::Spikes(l)));
            let others = (1..layer.bound.states.len()).map(|i| Source::State(l, i));
            sources.extend(others.filter(|source| read.contains(source)));
        }
        sources.extend((0..plan.maps.len()).map(Source::Map));
        let record: Vec<(usize, Variable)> = (sources.iter())
            .map(|&source| match source {
                Source::Spikes(l) => (l, Variable::Spikes),
                Source::State(l, i) => (l, Variable::State(i)),
                Source::Map(m) => (m, Variable::Values),
                Source::Input => (0, Variable::State(0)),
            })
            .collect();
        let run = self.run(input, &record, None, control)?;
        let rows = steps * batch;
        let (mut updates, mut outputs) = (0, 0);
        // Of each source what it gives, and what of that is read a step later.
        let mut given: Vec<(Source, [Activity; 2])> = Vec::new();
        for (&source, recording) in sources.iter().zip(&run.recordings) {
            let width = source.layer().map_or_else(
                || if let Source::Map(m) = source { plan.maps[m].shape.elements() } else { 0 },
                |l| plan.layers[l].neurons,
            );
            let later = (rows - batch) * width;
            given.push((
                source,
                match recording {
                    Recording::Spikes(spikes) => {
                        outputs += spikes.len() as u64;
                        [&spikes[..], &spikes[..later]].map(|spikes| {
                            counts(spikes, width).map(|events| Activity { events, spiking: true })
                        })
                    }
                    Recording::State(v) => {
                        if let Source::State(_, 0) = source {
                            updates += membrane_updates(v, batch * width)?;
                        }
                        [values(v, rows, width), values(&v[..later], rows - batch, width)]
                    }
                }
                .into_iter()
                .collect::<Result<Vec<_>>>()?
                .try_into()
                .unwrap_or_default(),
            ));
        }
        let entering = self.entering(&input)?;
        let mut connections = Vec::new();
        let of = |source: Source, delayed: bool| match given.iter().find(|(known, _)| *known == source) {
            Some((_, activity)) => &activity[usize::from(delayed)],
            None => &entering,
        };
        for (m, map) in plan.maps.iter().enumerate() {
            connections.extend(map.projection.map(|j| (j, Some(m), of(map.sources[0], false))));
        }
        for feed in plan.layers.iter().flat_map(|layer| layer.entering()) {
            // All parts of a projection read the same.
            if let (Some(j), 0) = (feed.projection, feed.part) {
                connections.push((j, None, of(feed.source, feed.delayed)));
            }
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
                (ProjectionKind::Affine(_), _) => {
                    map.map_or((vec![], 0), |m| factors(&public, &self.plan.maps[m]))
                }
                (ProjectionKind::Registered { .. }, _) => {
                    let kernels = map.and_then(|m| self.registered[m].as_ref());
                    kernels.map_or((vec![], 0), |kernels| kernels.fan_outs(&public))
                }
                (ProjectionKind::Time, _) => {
                    let shape = map.map_or(Shape::flat(1), |m| self.plan.maps[m].shape);
                    let temporal = map.and_then(|m| self.plan.maps[m].operation.temporal());
                    over_time(&public, inputs, shape, temporal)
                }
                _ => {
                    let mut fan = vec![0; inputs];
                    public.iter().enumerate().for_each(|(n, &w)| fan[n % inputs] += u64::from(w != F::ZERO));
                    (fan, public.len() as u64)
                }
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

/// One factor for each element of a batch norm, however many share it; where each step has its own, one for all that are not zero.
fn factors<F: Element>(weights: &[F], map: &MapPlan) -> (Vec<u64>, u64) {
    let Shape { channels, .. } = map.shape;
    let factor = |n: usize| weights[n / map.shape.pixels()..].iter().step_by(channels).any(|&w| w != F::ZERO);
    let elements = map.shape.elements();
    ((0..elements).map(|n| u64::from(factor(n))).collect(), elements as u64)
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
