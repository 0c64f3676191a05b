//! How a batch that learns forward in time is divided: steps per block, tiles, traces.

use crate::plan::tile_bytes::tile_bytes;
use crate::storage::geometry::Geometry;
use lapicque_graph::Plan;
use lapicque_projection::{BLOCK_STEPS, PANEL, panels};

/// How the loss of one step affects a synapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlineRule {
    /// Traces pass through the readout's leak: G. Bellec et al., Nature Communications 11, 3625 (2020).
    EProp,
    /// The loss of a step affects only that step: M. Xiao et al., NeurIPS 2022.
    Ottt,
}

impl OnlineRule {
    pub fn name(self) -> &'static str {
        match self {
            OnlineRule::EProp => "e-prop",
            OnlineRule::Ottt => "ottt",
        }
    }
}

/// Number of steps per block, for sequences of `steps` steps.
pub fn block_steps(steps: usize) -> usize {
    steps.div_ceil(steps.div_ceil(BLOCK_STEPS))
}

/// The traces of the samples of a chunk stay below this, if those of one tile do.
const TRACE_BYTES: u64 = 256 << 20;

/// Samples per tile, tiles per chunk, and the bytes that they need in addition to the network: tapes of a block of
/// steps, gradients, and traces if there is more than one block. `real`: bytes per number.
pub fn chunking(plan: &Plan, rule: OnlineRule, steps: usize, batch: usize, real: u64) -> (usize, usize, u64) {
    let (tile, block) = (Geometry::tile_of(batch), block_steps(steps));
    let crossing = if block < steps { tile } else { 0 };
    let layers = plan.layers.iter().enumerate().map(|(l, layer)| {
        let used = layer.all_feeds().filter_map(|feed| Some(&plan.projections[feed.projection?]));
        let rows: usize = used.map(|projection| projection.inputs + usize::from(projection.bias)).sum();
        let synapses = rows * (1 + crossing * traces(plan, rule, l));
        // The gradients with respect to its spikes and, except for the output, its current.
        let signals = block * tile * if l == plan.output { 1 } else { 2 };
        ((synapses + signals) * panels(layer.neurons) * PANEL) as u64 * real + (rows * tile * 8) as u64
    });
    let keep = vec![true; plan.layers.len()];
    let tapes = tile_bytes(plan, &keep, plan.fusions.uses(), [tile, block], real as usize, false);
    let bytes = layers.fold(tapes, u64::saturating_add);
    let tiles = ((TRACE_BYTES / bytes.max(1)) as usize).clamp(1, batch.div_ceil(tile));
    (tile, tiles, bytes.saturating_mul(tiles as u64))
}

/// Number of traces of each synapse onto a layer.
pub(crate) fn traces(plan: &Plan, rule: OnlineRule, layer: usize) -> usize {
    let filtered = if layer == plan.output { 0 } else { filter_states(plan, rule) };
    plan.layers[layer].bound.states.len() + filtered
}

/// Number of states of the readout through which traces pass.
pub(crate) fn filter_states(plan: &Plan, rule: OnlineRule) -> usize {
    let readout = &plan.layers[plan.output].bound;
    if rule == OnlineRule::EProp && !readout.spiking { readout.states.len() } else { 0 }
}
