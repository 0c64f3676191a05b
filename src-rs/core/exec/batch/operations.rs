//! The operations and activity of a run, counted from recordings.

use crate::batch::run::{Recording, Variable};
use crate::network::compiled::Network;
use crate::plan::kernels::MapKernel;
use crate::storage::packed::PackedSpikes;
use crate::tape::input::InputValues;
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use lapicque_base::operation_counts::{
    InputEvents, SynapticOperations, fan_outs, membrane_updates, synaptic_operations,
};
use lapicque_graph::{Filter, MapPlan, Mixture, Plan, ProjectionKind, Shape, Source, Temporal};
use lapicque_operations::Cost;
use lapicque_projection::{Element, PANEL};
use serde::Serialize;

/// Counts of a batch, summed over all samples and steps. All are integers; those of operations are exact below 2^53.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operations {
    pub samples: u64,
    pub steps: u64,
    pub populations: Vec<PopulationCounts>,
    pub maps: Vec<MapCounts>,
    pub connections: Vec<ConnectionCounts>,
}

/// Counts of a population.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PopulationCounts {
    pub name: String,
    pub neurons: u64,
    pub spiking: bool,
    pub spikes: u64,
    /// Outputs that are not zero: the spikes, or the first state of neurons that do not spike.
    pub non_zero: u64,
    pub membrane_updates: u64,
    /// Number of neurons and steps whose surrogate derivative is not zero; only for surrogates whose derivative
    /// vanishes somewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<u64>,
}

/// Counts of a layer without neurons.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MapCounts {
    pub name: String,
    pub elements: u64,
    /// Values that are not zero.
    pub non_zero: u64,
    /// Operations apart from those of `connections`.
    pub effective_macs: f64,
    pub effective_acs: f64,
    pub dense: f64,
}

/// Counts of the weights from one layer to another.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionCounts {
    pub name: String,
    pub weights: u64,
    pub zero_weights: u64,
    /// Inputs that are not zero.
    pub events: u64,
    pub effective_macs: f64,
    pub effective_acs: f64,
    pub dense: f64,
}

impl<F: Element> Network<F> {
    /// Runs a batch from rest and counts. At each step, the inputs of the whole batch decide whether a layer accumulates or multiplies.
    ///
    /// # Errors
    /// Those of [`Network::run`]; `too-large` if the recordings of all populations are too large.
    #[inline(never)]
    pub fn operations(&self, input: InputValues<F>, control: &Control) -> Result<Operations> {
        let (steps, batch) = (input.steps, input.batch);
        let plan = &self.plan;
        let sources = counted_sources(plan);
        let record: Vec<(usize, Variable)> = (sources.iter())
            .map(|&source| match source {
                Source::Spikes(l) => (l, Variable::Spikes),
                Source::State(l, i) => (l, Variable::State(i)),
                Source::Map(m) => (m, Variable::Values),
                Source::Input => (0, Variable::State(0)),
            })
            .collect();
        let run = self.run_marked(input, &record, control)?;
        let rows = steps * batch;
        let mut populations: Vec<PopulationCounts> = (plan.layers.iter().zip(&run.spikes).zip(&run.active))
            .map(|((layer, &spikes), &active)| PopulationCounts {
                name: layer.name.clone(),
                neurons: layer.neurons as u64,
                spiking: layer.bound.spiking,
                spikes,
                non_zero: spikes,
                membrane_updates: 0,
                active,
            })
            .collect();
        // The events of each source: of all steps, and of all but the last for delayed feeds.
        let mut source_events: Vec<(Source, [InputEvents; 2])> = Vec::new();
        for (&source, recording) in sources.iter().zip(&run.recordings) {
            let width = match source {
                Source::Map(m) => plan.maps[m].shape.elements(),
                Source::Spikes(l) | Source::State(l, _) => plan.layers[l].neurons,
                Source::Input => continue,
            };
            let later = (rows - batch) * width;
            let events = match recording {
                Recording::Spikes(spikes) => {
                    [InputEvents::of_spikes(spikes, width)?, InputEvents::of_spikes(&spikes[..later], width)?]
                }
                Recording::State(v) => {
                    let all = InputEvents::of_values(v, batch, width)?;
                    if let Source::State(l, 0) = source {
                        let counts = &mut populations[l];
                        counts.membrane_updates = membrane_updates(v, batch * width)?;
                        counts.non_zero = if counts.spiking { counts.spikes } else { all.total() };
                    }
                    [all, InputEvents::of_values(&v[..later], batch, width)?]
                }
            };
            source_events.push((source, events));
        }
        let events = self.input_events(&input)?;
        let mut connections = Vec::new();
        let of =
            |source: Source, delayed: bool| match source_events.iter().find(|(other, _)| *other == source) {
                Some((_, events)) => &events[usize::from(delayed)],
                None => &events,
            };
        let mut maps = Vec::with_capacity(plan.maps.len());
        for (m, map) in plan.maps.iter().enumerate() {
            let (cost, synapses) = self.cost_of_map(m, of(map.sources[0], false), rows)?;
            let each_row = |count: u64| (count as u128).saturating_mul(rows as u128);
            let (macs, acs) = (each_row(cost.multiply_adds), each_row(cost.additions));
            maps.push(MapCounts {
                name: map.name.clone(),
                elements: map.shape.elements() as u64,
                non_zero: source_events
                    .iter()
                    .find(|(s, _)| *s == Source::Map(m))
                    .map_or(0, |(_, [all, _])| all.total()),
                effective_macs: macs.saturating_add(synapses.effective_macs) as f64,
                effective_acs: acs.saturating_add(synapses.effective_acs) as f64,
                dense: macs.saturating_add(acs).saturating_add(synapses.dense) as f64,
            });
        }
        for (m, map) in plan.maps.iter().enumerate() {
            connections.extend(map.projection.map(|j| (j, Some(m), of(map.sources[0], false))));
        }
        for feed in plan.layers.iter().flat_map(|layer| layer.all_feeds()) {
            // All parts of a projection have the same input.
            if let (Some(j), 0) = (feed.projection, feed.part) {
                connections.push((j, None, of(feed.source, feed.delayed)));
            }
        }
        let mut counted = Vec::with_capacity(connections.len());
        for &(j, map, events) in &connections {
            let projection = &self.plan.projections[j];
            let public = self.parameters[self.slots[j].weight].values();
            let (fan, all) = self.fan_outs(&public, j, map)?;
            let operations = synaptic_operations(events, &fan, all, rows)?;
            counted.push(ConnectionCounts {
                name: projection.name.clone(),
                weights: public.len() as u64,
                zero_weights: public.iter().filter(|&&w| w == F::ZERO).count() as u64,
                events: events.total(),
                effective_macs: operations.effective_macs as f64,
                effective_acs: operations.effective_acs as f64,
                dense: operations.dense as f64,
            });
        }
        let (samples, steps) = (batch as u64, steps as u64);
        Ok(Operations { samples, steps, populations, maps, connections: counted })
    }

    /// The operations of each row of an operation with kernels of its own; and those of its connections, if these have no
    /// weights that are trained and counted.
    fn cost_of_map(
        &self,
        map: usize,
        events: &InputEvents,
        rows: usize,
    ) -> Result<(Cost, SynapticOperations)> {
        let Some(kernels) = self.registered[map].as_ref() else { return Ok(Default::default()) };
        let (fan, all) = match self.plan.maps[map].projection {
            Some(_) => (vec![], 0),
            None => kernels.fan_outs(&[]),
        };
        let synapses = match fan.is_empty() {
            true => SynapticOperations::default(),
            false => synaptic_operations(events, &fan, all, rows)?,
        };
        Ok((kernels.cost(), synapses))
    }

    /// For each input of a projection the number of non-zero weights, and the number of all weights. `map`: the
    /// operation with these weights, if they do not belong to a population.
    fn fan_outs(&self, public: &[F], j: usize, map: Option<usize>) -> Result<(Vec<u64>, u64)> {
        let projection = &self.plan.projections[j];
        let inputs = projection.inputs;
        let image = self.feedback[j].as_deref();
        let convolution = image.or(map.and_then(|m| match &self.maps[m] {
            MapKernel::Convolution(convolution) => Some(&**convolution),
            _ => None,
        }));
        let scatter = convolution.map(|convolution| &convolution.forward);
        Ok(match (projection.kind, scatter) {
            (ProjectionKind::Dense, _) => (fan_outs(public, inputs)?, public.len() as u64),
            (_, Some(scatter)) => {
                let stored = &self.parameters[self.slots[j].weight].data;
                (scatter.fan_outs(stored, |w| w != F::ZERO), scatter.synapses())
            }
            // A row is looked up, not multiplied.
            (ProjectionKind::Table, _) => (vec![0; 1], 0),
            (ProjectionKind::Affine(_), _) => {
                map.map_or((vec![], 0), |m| factors(public, &self.plan.maps[m]))
            }
            (ProjectionKind::Registered { .. }, _) => {
                let kernels = map.and_then(|m| self.registered[m].as_ref());
                kernels.map_or((vec![], 0), |kernels| kernels.fan_outs(public))
            }
            (ProjectionKind::Time, _) => {
                let shape = map.map_or(Shape::flat(1), |m| self.plan.maps[m].shape);
                let temporal = map.and_then(|m| self.plan.maps[m].operation.temporal());
                over_time(public, inputs, shape, temporal)
            }
            _ => {
                let mut fan = vec![0; inputs];
                public.iter().enumerate().for_each(|(n, &w)| fan[n % inputs] += u64::from(w != F::ZERO));
                (fan, public.len() as u64)
            }
        })
    }

    fn input_events(&self, input: &InputValues<F>) -> Result<InputEvents> {
        let Some(spikes) = input.packed() else {
            let mut events = InputEvents::of_values(input.values, input.batch, input.channels)?;
            if input.constant {
                let counts = events.accumulated.iter_mut().chain(&mut events.multiplied);
                counts.for_each(|count| *count *= input.steps as u64);
            }
            return Ok(events);
        };
        let mut events = InputEvents::none(spikes.channels())?;
        count_packed(spikes, &mut events.accumulated);
        Ok(events)
    }
}

/// The sources that a run records for counting: spikes, states that are read, and values of all operations.
fn counted_sources(plan: &Plan) -> Vec<Source> {
    let read = plan.layers.iter().flat_map(|layer| layer.all_feeds()).map(|feed| feed.source);
    let read: Vec<Source> =
        read.chain(plan.maps.iter().flat_map(|map| map.sources.iter().copied())).collect();
    let mut sources: Vec<Source> = Vec::new();
    for (l, layer) in plan.layers.iter().enumerate() {
        // The first state is recorded to count membrane updates.
        sources.push(Source::State(l, 0));
        sources.extend(layer.bound.spiking.then_some(Source::Spikes(l)));
        let others = (1..layer.bound.states.len()).map(|i| Source::State(l, i));
        sources.extend(others.filter(|source| read.contains(source)));
    }
    sources.extend((0..plan.maps.len()).map(Source::Map));
    sources
}

/// One factor per element of a batch norm, even if several elements share it. If each step has its own factors, an
/// element counts once if any of them is not zero.
fn factors<F: Element>(weights: &[F], map: &MapPlan) -> (Vec<u64>, u64) {
    let Shape { channels, .. } = map.shape;
    let factor = |n: usize| weights[n / map.shape.pixels()..].iter().step_by(channels).any(|&w| w != F::ZERO);
    let elements = map.shape.elements();
    ((0..elements).map(|n| u64::from(factor(n))).collect(), elements as u64)
}

/// The number of non-zero weights of each element over time, and the number of all weights. For a mixture of steps: the
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
        Some(Temporal::Filter(Filter { each: true, .. })) => count(&weights[n / pixels * lags..][..lags]),
        Some(Temporal::Mixture(Mixture { steps, .. })) => count(weights) / steps as u64,
        _ => count(weights),
    };
    let elements = shape.elements();
    ((0..elements).map(fan).collect(), (elements * lags) as u64)
}

/// Adds the number of spikes of each channel.
fn count_packed(spikes: &PackedSpikes, counts: &mut [u64]) {
    for row in 0..spikes.rows() {
        for (counts, &word) in counts.chunks_mut(PANEL).zip(spikes.row(row)) {
            counts.iter_mut().enumerate().for_each(|(j, count)| *count += word >> j & 1);
        }
    }
}
