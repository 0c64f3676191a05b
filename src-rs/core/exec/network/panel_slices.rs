//! The part of a layer's tape that a task of a pass reads and writes: one panel of one tile, or all panels of a loop.

use crate::network::compiled::Network;
use crate::plan::records::has_own_gradient;
use crate::storage::geometry::Geometry;
use crate::tape::layer_tape::LayerTape;
use lapicque_expr::ArgSlot;
use lapicque_graph::{LayerPlan, Plan};
use lapicque_projection::{Element, panels};

/// One panel of one tile; a task may write to it.
pub(crate) struct PanelSlices<'a, F> {
    pub panel: usize,
    /// Each state before the segment, `[sample][64]`.
    pub begin: Vec<&'a [F]>,
    /// Each state `[block][sample][64]`.
    pub states: Vec<&'a mut [F]>,
    /// By state: the number of blocks.
    pub blocks: &'a [usize],
    /// Each port `[step][sample][64]`; empty unless the backward pass reads it or it is recorded.
    pub currents: Vec<&'a mut [F]>,
    /// By port: whether it is recorded.
    pub recorded: &'a [bool],
    /// The current `[sample][64]` if it is the same at every step and the backward pass recomputes the states;
    /// otherwise empty.
    pub constant: &'a mut [F],
    /// `[step][sample]`.
    pub bits: &'a mut [u64],
    /// Marks, as `bits`, where the gradient with respect to the spikes is read; empty if nothing is marked.
    pub active: &'a mut [u64],
    /// `[sample]`; empty unless the spikes of the previous step are read.
    pub last_spikes: &'a [u64],
}

impl<F> PanelSlices<'_, F> {
    /// Whether the current of a port is written to the tape, because the adjoint reads it or it is recorded.
    pub fn stores_current(&self, plan: &LayerPlan, port: usize) -> bool {
        let read = self.recorded[port] || plan.bound.adjoint.args.contains(&ArgSlot::Port(port));
        read && !self.currents[port].is_empty()
    }

    /// State `i` before step `t`.
    pub fn before(&self, i: usize, t: usize) -> &[F] {
        if t == 0 { self.begin[i] } else { self.after(i, t - 1) }
    }

    /// State `i` after step `t`, which must be one of the last `blocks` steps.
    pub fn after(&self, i: usize, t: usize) -> &[F] {
        let elements = self.begin[i].len();
        &self.states[i][ring_block(t, self.blocks[i]) * elements..][..elements]
    }

    /// Whether the tape does not store the states.
    pub fn is_recomputed(&self) -> bool {
        !self.constant.is_empty()
    }

    /// The spikes of the step before `t`.
    pub fn spikes_before(&self, t: usize, tile: usize) -> &[u64] {
        if t == 0 { self.last_spikes } else { &self.bits[(t - 1) * tile..t * tile] }
    }
}

impl<F> PanelSlices<'_, F> {
    /// The gradient of a port, `[step][sample][64]`, for the steps that the reverse scan has visited.
    pub fn gradient(&self, plan: &LayerPlan, port: usize) -> &[F] {
        if has_own_gradient(plan, port) { self.currents[port] } else { self.states[0] }
    }

    pub fn gradient_mut(&mut self, plan: &LayerPlan, port: usize) -> &mut [F] {
        if has_own_gradient(plan, port) { self.currents[port] } else { self.states[0] }
    }
}

/// The panels of one tape; the tiles of a panel are consecutive.
pub(crate) fn slices<'a, F: Element>(
    tape: &'a mut LayerTape<F>,
    g: &Geometry,
    panels: usize,
) -> Vec<PanelSlices<'a, F>> {
    let mut slices: Vec<PanelSlices<F>> = (0..panels * g.tiles)
        .map(|i| PanelSlices {
            panel: i / g.tiles,
            begin: vec![],
            states: vec![],
            blocks: &tape.state_blocks,
            currents: vec![],
            recorded: &tape.recorded,
            constant: &mut [],
            bits: &mut [],
            active: &mut [],
            last_spikes: &[],
        })
        .collect();
    for state in &tape.begin {
        for (slice, chunk) in slices.iter_mut().zip(state.chunks(g.elements())) {
            slice.begin.push(chunk);
        }
    }
    for (state, blocks) in tape.states.iter_mut().zip(&tape.state_blocks) {
        for (slice, chunk) in slices.iter_mut().zip(state.chunks_mut(blocks * g.elements())) {
            slice.states.push(chunk);
        }
    }
    for port in &mut tape.currents {
        let mut chunks = port.chunks_mut(g.steps * g.elements());
        slices.iter_mut().for_each(|slice| slice.currents.push(chunks.next().unwrap_or_default()));
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.constant.chunks_mut(g.elements())) {
        slice.constant = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.spikes.bits.chunks_mut(g.tile_rows())) {
        slice.bits = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.active.chunks_mut(g.tile_rows())) {
        slice.active = chunk;
    }
    for (slice, chunk) in slices.iter_mut().zip(tape.last_spikes.chunks(g.tile)) {
        slice.last_spikes = chunk;
    }
    slices
}

/// Panels per task if they read rows of an operation: their part of a row is then a page or more.
const PANELS_OF_ROWS: usize = 16;

/// Minimum number of tasks of a layer for which several panels form one task.
const TASKS: usize = 8;

/// Number of panels that one task takes, for a population outside of loops.
fn panels_per_task(network_plan: &Plan, layer: usize) -> usize {
    let plan = &network_plan.layers[layer];
    let rows = (0..plan.bound.ports.len()).any(|port| network_plan.fusions.current(layer, port).is_some());
    if rows && panels(plan.neurons) >= TASKS * PANELS_OF_ROWS { PANELS_OF_ROWS } else { 1 }
}

/// Divides the tapes of a group of layers, numbered from `first`, into tasks `(tile, members)`. Outside of loops a task
/// takes at least `least` panels.
pub(crate) fn tasks<'a, F: Element>(
    network: &Network<F>,
    first: usize,
    tapes: &'a mut [LayerTape<F>],
    g: &Geometry,
    least: usize,
) -> Vec<(usize, Vec<Member<'a, F>>)> {
    let plans = &network.plan.layers[first..first + tapes.len()];
    if plans.len() == 1 && plans[0].feedback.is_empty() {
        let count = panels_per_task(&network.plan, first).max(least);
        let mut tasks: Vec<(usize, Vec<Member<F>>)> = Vec::new();
        for (i, slice) in slices(&mut tapes[0], g, panels(plans[0].neurons)).into_iter().enumerate() {
            let (panel, tile) = (i / g.tiles, i % g.tiles);
            if panel % count == 0 {
                tasks.push((tile, vec![Member { layer: first, slices: vec![] }]));
            }
            let task = panel / count * g.tiles + tile;
            tasks[task].1[0].slices.push(slice);
        }
        return tasks;
    }
    let mut tasks: Vec<(usize, Vec<Member<F>>)> = (0..g.tiles).map(|tile| (tile, vec![])).collect();
    for (layer, (plan, tape)) in (first..).zip(plans.iter().zip(tapes)) {
        tasks.iter_mut().for_each(|(_, members)| members.push(Member { layer, slices: vec![] }));
        for (i, slice) in slices(tape, g, panels(plan.neurons)).into_iter().enumerate() {
            tasks[i % g.tiles].1[layer - first].slices.push(slice);
        }
    }
    tasks
}

/// The block that contains step `t`, if blocks are reused in turn. Without reuse no division is needed.
fn ring_block(t: usize, blocks: usize) -> usize {
    if t < blocks { t } else { t % blocks }
}

/// One population in a task: some panels of it, or all panels if it is in a loop.
pub(crate) struct Member<'a, F> {
    pub layer: usize,
    pub slices: Vec<PanelSlices<'a, F>>,
}
