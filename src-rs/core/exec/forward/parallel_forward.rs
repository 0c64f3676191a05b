//! Linear populations with feedback to themselves, all steps at once. The state is the sum of all inputs, each weighted
//! by the impulse response for its age in steps. There are few input signals, so the depth of a step's product is the
//! length of the sequence, not the width of the population (N. R. Chilkuri, C. Eliasmith, ICML 2021).

use crate::forward::feedback::side_by_side;
use crate::network::compiled::Network;
use crate::network::panel_slices::Member;
use crate::network::panel_slices::{PanelSlices, slices};
use crate::network::sources::Sources;
use crate::plan::parallel_steps::feeds;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::impulse_response::Response;
use crate::tape::layer_tape::LayerTape;
use lapicque_base::error::Result;
use lapicque_graph::{Feed, Source};
use lapicque_projection::{Element, PANEL, Row, add, gemm_panel, panels};

/// Number of steps that one product computes; all of them use the depth of the last one.
const STEPS: usize = 8;

/// Computes the responses that are missing, too short, or based on other weights than the present ones.
pub(crate) fn update_responses<F: Element>(
    network: &Network<F>,
    responses: &mut Vec<Option<Response<F>>>,
    steps: usize,
) -> Result<()> {
    responses.resize_with(network.plan.layers.len(), || None);
    for (layer, response) in responses.iter_mut().enumerate() {
        let Some([feed, feedback]) = feeds(&network.plan, layer, steps) else {
            *response = None;
            continue;
        };
        let weights = |feed: &Feed| feed.projection.map_or(&[][..], |j| network.weights(j, 0));
        let now = [weights(feed), weights(feedback)];
        let is_valid = response
            .as_ref()
            .is_some_and(|r| r.steps >= steps && r.weights[0] == now[0] && r.weights[1] == now[1]);
        if !is_valid {
            let neurons = network.plan.layers[layer].neurons;
            *response = Some(Response::new(network.level, now, neurons, steps)?);
        }
    }
    Ok(())
}

/// The signals of one tile, each `[STEPS - 1 steps of zeros, then the steps][sample]`.
fn signals<F: Element>(sources: &Sources<F>, source: Source, count: usize, tile: usize) -> Vec<Vec<F>> {
    let g = &sources.g;
    let rows = STEPS - 1 + g.steps;
    let (mut signals, mut scratch) = (vec![vec![F::ZERO; rows * g.tile]; count], Vec::new());
    for (step, sample) in (0..g.steps).flat_map(|step| (0..g.valid(tile)).map(move |s| (step, s))) {
        let at = (STEPS - 1 + step) * g.tile + sample;
        sources.with_rows(&[source], [tile, step, sample], &mut scratch, |rows| match rows[0] {
            Row::Events(events) => events.iter().for_each(|&q| signals[q as usize][at] = F::ONE),
            Row::Values(values) => {
                signals.iter_mut().zip(values).for_each(|(signal, &x)| signal[at] = x);
            }
        });
    }
    signals
}

/// Computes all steps of a segment if there is a response for the layer; returns whether it did.
pub(crate) fn forward<F: Element>(
    sources: &Sources<F>,
    responses: &[Option<Response<F>>],
    layer: usize,
    tape: &mut LayerTape<F>,
) -> bool {
    let (network, g) = (sources.network, sources.g);
    let plan = &network.plan.layers[layer];
    let (Some([feed, feedback]), Some(Some(response))) =
        (feeds(&network.plan, layer, g.steps), responses.get(layer))
    else {
        return false;
    };
    let (Some(into), Some(itself), true) = (feed.projection, feedback.projection, tape.blocks == g.steps)
    else {
        return false;
    };
    let count = network.plan.projections[into].inputs;
    let projection_input =
        parallel::map((0..g.tiles).collect(), |tile| signals(sources, feed.source, count, tile));
    let elements = g.elements();
    let at_rest = tape.begin[0].iter().all(|&x| x == F::ZERO);
    let all = slices(tape, &g, panels(plan.neurons));
    let work: Vec<_> = all.into_iter().enumerate().map(|(i, slice)| (i % g.tiles, slice)).collect();
    parallel::for_each(work, |(tile, mut slice)| {
        for first in (0..g.steps).step_by(STEPS) {
            let steps = STEPS.min(g.steps - first);
            let out = &mut slice.states[0][first * elements..(first + steps) * elements];
            let depth = first + steps;
            for (q, signal) in projection_input[tile].iter().enumerate() {
                let weights = response.of_panel([q, slice.panel, panels(plan.neurons)], depth);
                // For the first rows the oldest steps lie before the sequence, where all signals are zero.
                let signal = &signal[(STEPS - steps) * g.tile..];
                gemm_panel(network.level, steps * g.tile, depth, signal, 1, g.tile, weights, out, q > 0);
            }
        }
    });
    if !at_rest {
        let mut tiles: Vec<Vec<PanelSlices<F>>> = (0..g.tiles).map(|_| vec![]).collect();
        for (i, slice) in slices(tape, &g, panels(plan.neurons)).into_iter().enumerate() {
            tiles[i % g.tiles].push(slice);
        }
        parallel::for_each(tiles, |slices| add_beginning(network, itself, &g, layer, slices));
    }
    true
}

/// Adds the contribution of the initial state at each step.
fn add_beginning<F: Element>(
    network: &Network<F>,
    projection: usize,
    g: &Geometry,
    layer: usize,
    slices: Vec<PanelSlices<F>>,
) {
    let (neurons, elements) = (network.plan.layers[layer].neurons, g.elements());
    let weights = network.weights(projection, 0);
    let mut member = Member { layer, slices };
    let mut left: Vec<Vec<F>> = member.slices.iter().map(|slice| slice.begin[0].to_vec()).collect();
    let mut rows = Vec::new();
    for t in 0..g.steps {
        side_by_side(g.tile, neurons, |panel| &left[panel][..], &mut rows);
        for (panel, (slice, left)) in member.slices.iter_mut().zip(&mut left).enumerate() {
            let weights = &weights[panel * neurons * PANEL..][..neurons * PANEL];
            gemm_panel(network.level, g.tile, neurons, &rows, neurons, 1, weights, left, false);
            add(network.level, &mut slice.states[0][t * elements..(t + 1) * elements], left);
        }
    }
}
