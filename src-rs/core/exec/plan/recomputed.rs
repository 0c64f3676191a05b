//! Which states no tape stores, because the backward pass recomputes them.

use crate::storage::geometry::Geometry;
use lapicque_graph::{Plan, Source};

/// Whether the backward pass recomputes a population's states. This requires that its input is constant, that nothing
/// else reads its states, that a tape of them would be large, and that one panel of them fits into the cache.
pub(crate) fn is_recomputed(plan: &Plan, layer: usize, g: &Geometry, constant_input: bool) -> bool {
    let own = &plan.layers[layer];
    let maps = plan.constant_maps(constant_input);
    own.bound.ports.len() == 1
        && own.feedback.is_empty()
        && !own.feeds.is_empty()
        && own.feeds.iter().all(|feed| feed.source.is_constant(constant_input, |m| maps[m]))
        && own.bound.spiking
        && own.bound.output.is_none()
        && !own.state_is_read
        && layer != plan.output
        && !(0..own.bound.states.len()).any(|state| plan.reads(Source::State(layer, state)))
        && g.is_large(own)
        && g.is_near(own)
}
