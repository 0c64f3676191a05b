//! The contents of a tape for a population and its ports.

use lapicque_expr::ArgSlot;
use lapicque_graph::{LayerPlan, Plan, Source};

/// The contents of a tape for a port, if a backward pass follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PortRecord {
    /// Nothing: its gradient overwrites the first state.
    Nothing,
    /// Its values, which the adjoint reads; the gradient overwrites the first state.
    Values,
    /// Nothing, although the adjoint reads its values: they are recomputed from those of an operation. The gradient
    /// overwrites the first state.
    Again,
    /// Its values, if they are needed, and then its gradient.
    Gradient,
}

impl PortRecord {
    pub fn of(plan: &Plan, layer: usize, port: usize) -> Self {
        let own = &plan.layers[layer];
        if has_own_gradient(own, port) {
            return PortRecord::Gradient;
        }
        match own.bound.adjoint.args.contains(&ArgSlot::Port(port)) {
            true if plan.fusions.current(layer, port).is_some() => PortRecord::Again,
            true => PortRecord::Values,
            false => PortRecord::Nothing,
        }
    }

    /// Whether the tape stores it.
    pub fn is_kept(self) -> bool {
        matches!(self, PortRecord::Values | PortRecord::Gradient)
    }
}

/// Whether the tape stores the gradient of a port separately; otherwise it overwrites the first state.
pub(crate) fn has_own_gradient(plan: &LayerPlan, port: usize) -> bool {
    port > 0 || plan.state_is_read
}

/// Whether a state is read at every step of a tape, if a backward pass follows. The first state always counts as read:
/// a loss may read it, and the gradient overwrites it.
pub(crate) fn is_read(plan: &Plan, layer: usize, state: usize) -> bool {
    let bound = &plan.layers[layer].bound;
    let by_adjoint = |slot: &ArgSlot| matches!(*slot, ArgSlot::State(i) | ArgSlot::NewState(i) if i == state);
    state == 0
        || bound.adjoint.args.iter().any(by_adjoint)
        || bound.output == Some(state)
        || bound.noise.is_some_and(|noise| noise.clock == state)
        || plan.reads(Source::State(layer, state))
}
