//! What a pass records: the states of every population, its spikes, and buffers for gradients.

use crate::plan::records::has_own_gradient;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::input::Spikes;
use lapicque_graph::LayerPlan;
use lapicque_projection::{Aligned, Element, PANEL, panel_width};

/// Number of panels of one tile that a task fills or tests.
pub(crate) const TASK_PANELS: usize = 64;

/// One population's record over a segment of time.
pub struct LayerTape<F: Element> {
    /// Each state before the segment, `[panel][tile][sample][64]`.
    pub begin: Vec<Aligned<F>>,
    /// Each state after every step, `[panel][tile][block][sample][64]`: one block per step, or two blocks that are used
    /// alternately.
    pub states: Vec<Aligned<F>>,
    /// By state: its number of blocks.
    pub state_blocks: Vec<usize>,
    /// Number of blocks of the first state, and of gradients.
    pub blocks: usize,
    /// Each port `[panel][tile][step][sample][64]`; empty unless the adjoint reads it, its gradient is stored here, or
    /// it is recorded.
    pub currents: Vec<Aligned<F>>,
    /// The current if it is the same at every step and the backward pass recomputes the states,
    /// `[panel][tile][sample][64]`.
    pub constant: Aligned<F>,
    pub spikes: Spikes,
    /// Marks, as `spikes.bits`, where the backward pass reads the gradient with respect to the spikes; empty if it
    /// reads all of it.
    pub active: Vec<u64>,
    /// The spikes of the step before the segment, `[panel][tile][sample]`; empty if they are not read.
    pub last_spikes: Vec<u64>,
    /// The gradient of each port summed over time if the input is constant, `[panel][tile][sample][64]`.
    pub current_sums: Vec<Aligned<F>>,
    /// By port: whether its current is stored because it is recorded.
    pub recorded: Vec<bool>,
}

impl<F: Element> LayerTape<F> {
    /// Number of non-zero values of a state over all steps; the tape must store all steps.
    pub fn nonzero(&self, g: &Geometry, state: usize, neurons: usize) -> u64 {
        let mut total = 0;
        for (i, steps) in self.states[state].chunks(self.blocks * g.elements()).enumerate() {
            let (width, samples) = (panel_width(neurons, i / g.tiles), g.valid(i % g.tiles));
            for step in steps.chunks(g.elements()) {
                let rows = step.chunks(PANEL).take(samples);
                total += rows.flat_map(|row| &row[..width]).filter(|&&x| x != F::ZERO).count() as u64;
            }
        }
        total
    }

    /// The gradient of a port after the reverse scan, `[panel][tile][step][sample][64]`.
    pub fn gradient(&self, plan: &LayerPlan, port: usize) -> &[F] {
        if has_own_gradient(plan, port) { &self.currents[port] } else { &self.states[0] }
    }

    pub fn gradient_mut(&mut self, plan: &LayerPlan, port: usize) -> &mut [F] {
        if has_own_gradient(plan, port) { &mut self.currents[port] } else { &mut self.states[0] }
    }

    /// Copies the state at the end of a segment to the beginning of the next.
    pub fn carry(&mut self, g: &Geometry) {
        let elements = g.elements();
        for ((begin, state), &blocks) in self.begin.iter_mut().zip(&self.states).zip(&self.state_blocks) {
            let last = (g.steps - 1) % blocks * elements;
            let parts =
                begin.chunks_mut(TASK_PANELS * elements).zip(state.chunks(TASK_PANELS * blocks * elements));
            parallel::for_each(parts.collect(), |(begin, state)| {
                let chunks = begin.chunks_mut(elements).zip(state.chunks(blocks * elements));
                chunks.for_each(|(to, from)| to.copy_from_slice(&from[last..last + elements]));
            });
        }
        if !self.last_spikes.is_empty() {
            let rows = g.rows();
            for (i, last) in self.last_spikes.chunks_mut(g.tile).enumerate() {
                let (panel, tile) = (i / g.tiles, i % g.tiles);
                let row = panel * rows + g.row(tile, g.steps - 1);
                last.copy_from_slice(&self.spikes.bits[row..row + g.tile]);
            }
        }
    }

    /// Takes the beginning from an old tape of the same samples.
    pub fn take_beginning(&mut self, old: LayerTape<F>) {
        let same = self.begin.iter().map(|s| s.len()).eq(old.begin.iter().map(|s| s.len()));
        if same && self.last_spikes.len() == old.last_spikes.len() {
            self.begin = old.begin;
            self.last_spikes = old.last_spikes;
        }
    }

    /// Copies the beginning, so that the segment can run again later.
    pub fn snapshot(&self) -> Snapshot<F> {
        Snapshot { states: self.begin.clone(), last_spikes: self.last_spikes.clone() }
    }

    pub fn restore(&mut self, snapshot: &Snapshot<F>) {
        self.begin.clone_from(&snapshot.states);
        self.last_spikes.copy_from_slice(&snapshot.last_spikes);
    }
}

/// The state of one population at one moment, in the layout of the tape.
#[derive(Clone)]
pub struct Snapshot<F: Element> {
    /// Each state `[panel][tile][sample][64]`.
    pub states: Vec<Aligned<F>>,
    pub last_spikes: Vec<u64>,
}
