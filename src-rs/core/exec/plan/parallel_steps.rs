//! Which populations compute all steps at once, and the memory for it.

use lapicque_graph::{Feed, LayerPlan, Plan};
use lapicque_projection::{PANEL, panels};

/// Feed and feedback of a population whose steps are computed at once. `None` if the sequence is so long that going
/// step by step needs fewer products.
pub(crate) fn feeds(plan: &Plan, layer: usize, steps: usize) -> Option<[&Feed; 2]> {
    let layer = &plan.layers[layer];
    let (true, [feed], [feedback]) = (layer.parallel, &layer.feeds[..], &layer.feedback[..]) else {
        return None;
    };
    let signals = plan.projections[feed.projection?].inputs;
    (signals.saturating_mul(steps) < 2 * layer.neurons).then_some([feed, feedback])
}

/// Whether the backward pass goes from a population's states to its input signals at once: nothing else needs the
/// gradient of its currents.
pub(crate) fn is_direct(plan: &Plan, layer: usize, steps: usize) -> bool {
    let Some(both) = feeds(plan, layer, steps) else { return false };
    let fixed = |feed: &Feed| feed.projection.is_some_and(|j| !plan.projections[j].trainable);
    // The gradient of a learned initial value needs that of the first step.
    let LayerPlan { bound, .. } = &plan.layers[layer];
    let learns_start = (0..bound.states.len()).any(|state| bound.learns_start(state));
    both[0].source.layer().is_some() && both.into_iter().all(fixed) && !learns_start
}

/// Number of elements of the impulse responses of all populations over `steps` steps, for estimates.
pub(crate) fn elements(plan: &Plan, steps: usize) -> u64 {
    let of = |layer: usize| {
        let Some([feed, _]) = feeds(plan, layer, steps) else { return 0 };
        let (signals, neurons) =
            (feed.projection.map_or(0, |j| plan.projections[j].inputs), plan.layers[layer].neurons);
        let forward = panels(neurons) * steps + panels(steps) * neurons;
        (signals * forward + panels(neurons) * (neurons + signals)) as u64 * PANEL as u64
    };
    (0..plan.layers.len()).map(of).sum()
}
