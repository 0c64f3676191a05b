//! What of a population and its ports is on a tape.

use lapicque_expr::ArgSlot;
use lapicque_graph::Feed;
use lapicque_graph::{LayerPlan, Plan, Source};

/// What of a port is on the tape where the backward pass follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortRecord {
    /// Nothing: its gradient takes the place of the first state.
    Nothing,
    /// Its values, which the adjoint reads; the gradient takes the place of the first state.
    Values,
    /// Nothing, though the adjoint reads its values: they are made again from a map's. The gradient takes the place
    /// of the first state.
    Again,
    /// Its values or not, and then its gradient.
    Gradient,
}

impl PortRecord {
    pub fn of(plan: &LayerPlan, port: usize) -> Self {
        if port > 0 || plan.looked_at {
            return PortRecord::Gradient;
        }
        match plan.bound.adjoint.args.contains(&ArgSlot::Port(port)) {
            true if of_one_map(plan, port).is_some() => PortRecord::Again,
            true => PortRecord::Values,
            false => PortRecord::Nothing,
        }
    }

    /// Whether the tape has room for it.
    pub fn is_kept(self) -> bool {
        matches!(self, PortRecord::Values | PortRecord::Gradient)
    }
}

/// Whether somebody reads a state of every step of a tape on which the backward pass follows. The first one always is:
/// a loss may read it, and the gradient takes its place.
pub(crate) fn is_read(plan: &Plan, layer: usize, state: usize) -> bool {
    let bound = &plan.layers[layer].bound;
    let by_adjoint = |slot: &ArgSlot| matches!(*slot, ArgSlot::State(i) | ArgSlot::NewState(i) if i == state);
    state == 0
        || bound.adjoint.args.iter().any(by_adjoint)
        || bound.output == Some(state)
        || bound.noise.is_some_and(|noise| noise.clock == state)
        || plan.reads(Source::State(layer, state))
}

/// The feed that alone brings the current of a port, and as it is, if that comes from a map.
pub(crate) fn of_one_map(plan: &LayerPlan, port: usize) -> Option<(&Feed, usize)> {
    let mut feeds = plan.entering().filter(|feed| feed.port == port);
    match (feeds.next(), feeds.next()) {
        (Some(feed @ &Feed { source: Source::Map(map), projection: None, .. }), None) => Some((feed, map)),
        _ => None,
    }
}
