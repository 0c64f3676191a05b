//! Which states no tape keeps, since the backward pass computes them again.

use crate::storage::geometry::Geometry;
use lapicque_graph::{Plan, Source};

/// Whether the backward pass makes a population's states again: nothing that enters it changes with time, nobody reads
/// its states from outside, a tape of them would be large, and one panel of them is not.
pub(crate) fn is_recomputed(plan: &Plan, layer: usize, g: &Geometry, constant_input: bool) -> bool {
    let own = &plan.layers[layer];
    let maps = plan.constant_maps(constant_input);
    own.bound.ports.len() == 1
        && own.feedback.is_empty()
        && !own.feeds.is_empty()
        && own.feeds.iter().all(|feed| feed.source.is_constant(constant_input, |m| maps[m]))
        && own.bound.spiking
        && own.bound.output.is_none()
        && !own.looked_at
        && layer != plan.output
        && !(0..own.bound.states.len()).any(|state| plan.reads(Source::State(layer, state)))
        && g.is_large(own)
        && g.is_near(own)
}
