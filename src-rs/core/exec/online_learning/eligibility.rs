//! One population that learns forward in time, over one block of steps.
//!
//! The trace of a synapse and its gradient are sums over the steps at which it received input. The dynamics of the
//! neurons do not depend on the synapses. So over a block they are followed backwards once per trace and once for the
//! loss. Each synapse then adds the rows of the steps at which it received input. Its traces from before the block are
//! added once.

use crate::network::compiled::Network;
use crate::online_learning::linearized_step::{LocalStep, zeros};
use crate::online_learning::synapses::{Part, SynapseInput, Synapses};
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::layer_tape::LayerTape;
use lapicque_base::SimdLevel;
use lapicque_projection::{
    Aligned, Crossing, Element, Linearized, PANEL, ReadoutFilter, add, carry_traces, is_zero, panel_width,
    panels, step_back,
};
use std::sync::Mutex;

pub(crate) struct Block<'a, F: Element> {
    pub network: &'a Network<F>,
    pub layer: usize,
    pub tape: &'a LayerTape<F>,
    pub g: &'a Geometry,
    /// The gradient with respect to the spikes, `[panel][tile][step][sample][64]`.
    pub spikes: Option<&'a [F]>,
    /// The gradient with respect to the first state.
    pub membrane: Option<&'a [F]>,
    /// The readout filter between a spike and the loss.
    pub filter: Option<&'a ReadoutFilter<F>>,
    /// Whether there was a block before this one.
    pub has_previous: bool,
    /// Whether another block follows.
    pub has_next: bool,
}

/// Scratch buffers of the backward computation over a block.
#[derive(Default)]
pub(crate) struct Scratch<F: Element> {
    /// The gradient of each trace at the end of the block, then that of the loss, with respect to the neurons' states,
    /// `[states][elements]` each.
    states: Vec<Aligned<F>>,
    /// The gradient of each trace with respect to the filter's states; it is the same for all elements.
    filtered: Vec<Vec<F>>,
    /// The gradient of the loss with respect to the filter's states, `[states of the filter][elements]`.
    filtered_loss: Aligned<F>,
    /// The gradient with respect to the spikes of one step.
    spikes: Aligned<F>,
    /// The effect of the current on each trace and on the loss, `[sample][trace, then loss][step][64]`.
    sent: Aligned<F>,
}

/// One panel of one tile.
struct Chunk<'a, F: Element> {
    panel: usize,
    tile: usize,
    spikes: Option<&'a [F]>,
    membrane: Option<&'a [F]>,
    parts: Vec<Part<'a, F>>,
    current: &'a mut [F],
}

impl<F: Element> Block<'_, F> {
    /// Updates the traces to the end of the block and adds their contribution to the gradients. `current`, unless it is
    /// empty, receives the gradient of each step's loss with respect to the current of the same step,
    /// `[panel][tile][step][sample][64]`.
    pub fn run(
        &self,
        synapses: &mut [Synapses<F>],
        synapse_input: &[SynapseInput<F>],
        current: &mut [F],
        pool: &Mutex<Vec<Scratch<F>>>,
    ) {
        let len = self.g.steps * self.g.elements();
        let chunks = panels(self.network.plan.layers[self.layer].neurons) * self.g.tiles;
        let mut parts: Vec<_> = synapses.iter_mut().map(|s| s.parts(chunks)).collect();
        let mut currents = current.chunks_mut(len);
        let mut work = Vec::new();
        for i in 0..chunks {
            work.push(Chunk {
                panel: i / self.g.tiles,
                tile: i % self.g.tiles,
                spikes: piece(self.spikes, i, len).filter(|part| !is_zero(part)),
                membrane: piece(self.membrane, i, len).filter(|part| !is_zero(part)),
                parts: parts.iter_mut().filter_map(|part| part.next()).collect(),
                current: currents.next().unwrap_or_default(),
            });
        }
        parallel::for_each(work, |chunk| {
            let pool_of = || pool.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let mut scratch = pool_of().pop().unwrap_or_default();
            self.chunk(chunk, synapse_input, &mut scratch);
            pool_of().push(scratch);
        });
    }

    /// The number of traces of a synapse, without and with those of the readout filter.
    fn traces(&self) -> [usize; 2] {
        let states = self.network.plan.layers[self.layer].bound.states.len();
        [states, states + self.filter.map_or(0, ReadoutFilter::states)]
    }

    fn chunk(&self, mut chunk: Chunk<F>, synapse_input: &[SynapseInput<F>], scratch: &mut Scratch<F>) {
        let learns = chunk.spikes.is_some() || chunk.membrane.is_some();
        let [_, traces] = self.traces();
        let carried = if self.has_next && !chunk.parts.is_empty() { traces } else { 0 };
        if !learns && carried == 0 {
            return;
        }
        self.follow_back(&mut chunk, carried, learns, scratch);
        let (g, level) = (self.g, self.network.level);
        let width = panel_width(self.network.plan.layers[self.layer].neurons, chunk.panel);
        let rows = g.steps * PANEL;
        let followed = carried + usize::from(learns);
        for sample in 0..g.valid(chunk.tile) {
            let sent = &scratch.sent[sample * followed * rows..][..followed * rows];
            let (of_traces, of_loss) = sent.split_at(carried * rows);
            let (transition, signal) = self.crossing(sample, carried, learns, scratch);
            let crossing = Crossing {
                states: self.traces()[0],
                transition: (carried > 0).then_some(&transition[..]),
                signal: learns.then_some(&signal[..]),
            };
            for (part, synapse_input) in chunk.parts.iter_mut().zip(synapse_input) {
                let of_sample = traces * part.sums.len();
                let carried = part.carried.get_mut(sample * of_sample..(sample + 1) * of_sample);
                let carried = carried.unwrap_or_default();
                match self.has_previous {
                    true => carry_traces(level, width, crossing, carried, part.sums),
                    false => carried.fill(F::ZERO),
                }
                let at = chunk.tile * g.tile + sample;
                for (trace, rows) in carried.chunks_mut(part.sums.len()).zip(of_traces.chunks(rows)) {
                    synapse_input.add(level, width, at, rows, trace);
                }
                of_loss.chunks(rows).for_each(|rows| synapse_input.add(level, width, at, rows, part.sums));
            }
        }
    }

    /// Follows the first `traces` traces from the end of the block back to its beginning, and also the loss if the
    /// block `learns` from it.
    fn follow_back(&self, chunk: &mut Chunk<F>, traces: usize, learns: bool, scratch: &mut Scratch<F>) {
        let (g, level, elements) = (self.g, self.network.level, self.g.elements());
        let [states, _] = self.traces();
        let followed = traces + usize::from(learns);
        scratch.prepare(states, self.filter.map_or(0, ReadoutFilter::states), traces, learns, g);
        let mut local = LocalStep::new(self.network, self.layer, self.tape, g, [chunk.panel, chunk.tile]);
        let stride = followed * g.steps * PANEL;
        let Scratch { states: gradients, filtered, filtered_loss, spikes: of_spikes, sent } = scratch;
        for t in (0..g.steps).rev() {
            let step = local.at(t);
            let (spikes, membrane) = (piece(chunk.spikes, t, elements), piece(chunk.membrane, t, elements));
            if learns && !chunk.current.is_empty() {
                let current = &mut chunk.current[t * elements..(t + 1) * elements];
                at_once(level, &step, spikes, membrane, current);
            }
            for (i, gradient) in gradients.iter_mut().enumerate().take(followed) {
                let sent = &mut sent[(i * g.steps + t) * PANEL..];
                let through = match (i < traces, self.filter) {
                    (true, None) => None,
                    (true, Some(_)) if i < states => None,
                    (true, Some(filter)) => {
                        of_spikes.fill(filter.backward(&mut filtered[i - states]));
                        Some(&of_spikes[..])
                    }
                    (false, filter) => {
                        if let Some(membrane) = membrane {
                            add(level, &mut gradient[..elements], membrane);
                        }
                        match (spikes, filter) {
                            (Some(spikes), Some(filter)) => {
                                filter.backward_panels(level, spikes, filtered_loss, of_spikes);
                                Some(&of_spikes[..])
                            }
                            _ => spikes,
                        }
                    }
                };
                step_back(level, &step, through, gradient, sent, stride);
            }
        }
    }

    /// How the block changes each trace of one sample, `[trace after][trace before][64]`, and the gradient of its loss
    /// with respect to each trace, `[trace][64]`.
    fn crossing(&self, sample: usize, traces: usize, learns: bool, scratch: &Scratch<F>) -> (Vec<F>, Vec<F>) {
        let [states, all] = self.traces();
        let elements = self.g.elements();
        let own = |gradient: &[F], k: usize| gradient[k * elements + sample * PANEL..][..PANEL].to_vec();
        let mut transition = vec![F::ZERO; traces * traces * PANEL];
        for (i, row) in transition.chunks_mut(PANEL).enumerate() {
            let (m, k) = (i / traces, i % traces);
            if k < states {
                row.copy_from_slice(&own(&scratch.states[m], k));
            } else if m >= states {
                row.fill(scratch.filtered[m - states][k - states]);
            }
        }
        let of_loss = |k: usize| match k < states {
            true => own(&scratch.states[traces], k),
            false => own(&scratch.filtered_loss, k - states),
        };
        let signal = if learns { (0..all).flat_map(of_loss).collect() } else { vec![] };
        (transition, signal)
    }
}

impl<F: Element> Scratch<F> {
    /// Gradients at the end of the block: 1 for each trace with respect to itself, otherwise 0.
    fn prepare(&mut self, states: usize, filter: usize, traces: usize, learns: bool, g: &Geometry) {
        let elements = g.elements();
        let followed = traces + usize::from(learns);
        self.states.resize_with(followed.max(self.states.len()), Aligned::default);
        for (i, gradient) in self.states.iter_mut().enumerate().take(followed) {
            gradient.resize(states * elements);
            gradient.fill(F::ZERO);
            if i < traces.min(states) {
                gradient[i * elements..(i + 1) * elements].fill(F::ONE);
            }
        }
        let unit = |i: usize| (0..filter).map(|k| if k == i { F::ONE } else { F::ZERO }).collect();
        self.filtered = (0..filter).map(unit).collect();
        self.filtered_loss.resize(filter * elements);
        self.filtered_loss.fill(F::ZERO);
        self.spikes.resize(elements);
        self.sent.resize(followed * g.steps * elements);
    }
}

/// Piece `i` of pieces of `len` elements.
fn piece<F>(all: Option<&[F]>, i: usize, len: usize) -> Option<&[F]> {
    all.map(|all| &all[i * len..(i + 1) * len])
}

/// The gradient of one step's loss with respect to its current, `[elements]`, without the effect on later steps.
fn at_once<F: Element>(
    level: SimdLevel,
    step: &Linearized<F>,
    spikes: Option<&[F]>,
    membrane: Option<&[F]>,
    current: &mut [F],
) {
    let mut states = zeros(step.states * current.len());
    if let Some(membrane) = membrane {
        states[..membrane.len()].copy_from_slice(membrane);
    }
    step_back(level, step, spikes, &mut states, current, PANEL);
}
