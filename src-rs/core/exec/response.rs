//! Linear populations that feed back to themselves, all steps at once: what they hold is the sum of
//! what entered, each weighted by the response to an impulse so many steps ago. It is told by few
//! signals, so that a step needs a product as long as the sequence, not as wide as the population
//! (N. R. Chilkuri, C. Eliasmith, ICML 2021).

use crate::feedback::{Member, side_by_side};
use crate::geometry::Geometry;
use crate::network::Network;
use crate::panel_slices::{PanelSlices, slices};
use crate::parallel;
use crate::sources::Sources;
use crate::tape::LayerTape;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::{Feed, Plan, Source};
use lapicque_projection::{
    Aligned, Element, PANEL, Row, add, gemm_panel, input_gradient_panel, is_zero, panel_width, panels,
};
use std::ops::Range;

/// Steps that one product computes: each reaches back as far as its last one.
const STEPS: usize = 8;

/// The response of one population to an impulse of each of the signals that enter it.
pub struct Response<F: Element> {
    /// The weights of feed and feedback from which it was made.
    weights: [Vec<F>; 2],
    steps: usize,
    /// `[signal][panel][steps, the longest ago first][64]`
    forward: Aligned<F>,
    /// `[signal][panel of steps, the most recent first][neuron][64]`
    back: Aligned<F>,
}

/// Feed and feedback of a population whose steps are computed at once: where the sequence is so short
/// that this needs fewer products than going from step to step.
fn feeds(plan: &Plan, layer: usize, steps: usize) -> Option<[&Feed; 2]> {
    let layer = &plan.layers[layer];
    let (true, [feed], [back]) = (layer.parallel, &layer.feeds[..], &layer.feedback[..]) else { return None };
    let signals = plan.projections[feed.projection?].inputs;
    (signals.saturating_mul(steps) < 2 * layer.neurons).then_some([feed, back])
}

/// Whether the way back leads from a population's states to the signals at once: nothing but them wants
/// the gradient of its currents.
pub(crate) fn is_direct(plan: &Plan, layer: usize, steps: usize) -> bool {
    let Some(both) = feeds(plan, layer, steps) else { return false };
    let fixed = |feed: &Feed| feed.projection.is_some_and(|j| !plan.projections[j].trainable);
    both[0].source.layer().is_some() && both.into_iter().all(fixed)
}

/// Elements of the responses of all populations over so many steps, for estimates.
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

/// Makes the responses that are missing or of other weights than those of now.
pub(crate) fn renew<F: Element>(
    network: &Network<F>,
    responses: &mut Vec<Option<Response<F>>>,
    steps: usize,
) -> Result<()> {
    responses.resize_with(network.plan.layers.len(), || None);
    for (layer, response) in responses.iter_mut().enumerate() {
        let Some([feed, back]) = feeds(&network.plan, layer, steps) else {
            *response = None;
            continue;
        };
        let weights = |feed: &Feed| feed.projection.map_or(&[][..], |j| network.weights(j, 0));
        let now = [weights(feed), weights(back)];
        let stands = response
            .as_ref()
            .is_some_and(|r| r.steps >= steps && r.weights[0] == now[0] && r.weights[1] == now[1]);
        if !stands {
            let neurons = network.plan.layers[layer].neurons;
            *response = Some(Response::new(network.level, now, neurons, steps)?);
        }
    }
    Ok(())
}

impl<F: Element> Response<F> {
    /// From step to step in double precision.
    fn new(level: SimdLevel, weights: [&[F]; 2], neurons: usize, steps: usize) -> Result<Self> {
        let [feed, back] = weights.map(|w| w.iter().map(|x| x.to_f64()).collect::<Vec<f64>>());
        let count = panels(neurons);
        let signals = feed.len() / (count * PANEL);
        let mut response = Response {
            weights: weights.map(<[F]>::to_vec),
            steps,
            forward: Aligned::zeroed("impulse response", signals * count * steps * PANEL)?,
            back: Aligned::zeroed("impulse response", signals * panels(steps) * neurons * PANEL)?,
        };
        let mut now = vec![0.0; signals * neurons];
        for (n, q) in (0..neurons).flat_map(|n| (0..signals).map(move |q| (n, q))) {
            now[q * neurons + n] = feed[(n / PANEL * signals + q) * PANEL + n % PANEL];
        }
        let mut next = vec![0.0; signals * PANEL];
        let mut rows = now.clone();
        for ago in 0..steps {
            for (q, row) in now.chunks(neurons).enumerate() {
                for (n, &x) in row.iter().enumerate() {
                    let to = ((q * count + n / PANEL) * steps + steps - 1 - ago) * PANEL + n % PANEL;
                    response.forward[to] = F::from_f64(x);
                    let to = ((q * panels(steps) + ago / PANEL) * neurons + n) * PANEL + ago % PANEL;
                    response.back[to] = F::from_f64(x);
                }
            }
            for panel in 0..count {
                let weights = &back[panel * neurons * PANEL..][..neurons * PANEL];
                gemm_panel(level, signals, neurons, &now, neurons, 1, weights, &mut next, false);
                let width = panel_width(neurons, panel);
                for (row, next) in rows.chunks_mut(neurons).zip(next.chunks(PANEL)) {
                    row[panel * PANEL..][..width].copy_from_slice(&next[..width]);
                }
            }
            std::mem::swap(&mut now, &mut rows);
        }
        Ok(response)
    }

    /// The last `steps` steps of the response of a panel to a signal, the longest ago first.
    fn of_panel(&self, [signal, panel, panels]: [usize; 3], steps: usize) -> &[F] {
        let rows = &self.forward[(signal * panels + panel) * self.steps * PANEL..][..self.steps * PANEL];
        &rows[(self.steps - steps) * PANEL..]
    }
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

/// All steps of a segment, where the response says so; whether it did.
pub(crate) fn forward<F: Element>(
    sources: &Sources<F>,
    responses: &[Option<Response<F>>],
    layer: usize,
    tape: &mut LayerTape<F>,
) -> bool {
    let (network, g) = (sources.network, sources.g);
    let plan = &network.plan.layers[layer];
    let (Some([feed, back]), Some(Some(response))) =
        (feeds(&network.plan, layer, g.steps), responses.get(layer))
    else {
        return false;
    };
    let (Some(into), Some(itself), true) = (feed.projection, back.projection, tape.blocks == g.steps) else {
        return false;
    };
    let count = network.plan.projections[into].inputs;
    let entered = parallel::map((0..g.tiles).collect(), |tile| signals(sources, feed.source, count, tile));
    let lanes = g.lanes();
    let rest = tape.begin[0].iter().all(|&x| x == F::ZERO);
    let all = slices(tape, &g, panels(plan.neurons));
    let work: Vec<_> = all.into_iter().enumerate().map(|(i, slice)| (i % g.tiles, slice)).collect();
    parallel::for_each(work, |(tile, mut slice)| {
        for first in (0..g.steps).step_by(STEPS) {
            let steps = STEPS.min(g.steps - first);
            let out = &mut slice.states[0][first * lanes..(first + steps) * lanes];
            let depth = first + steps;
            for (q, signal) in entered[tile].iter().enumerate() {
                let weights = response.of_panel([q, slice.panel, panels(plan.neurons)], depth);
                // The first row's oldest step lies before the sequence, where all is zero.
                let signal = &signal[(STEPS - steps) * g.tile..];
                gemm_panel(network.level, steps * g.tile, depth, signal, 1, g.tile, weights, out, q > 0);
            }
        }
    });
    if !rest {
        let mut tiles: Vec<Vec<PanelSlices<F>>> = (0..g.tiles).map(|_| vec![]).collect();
        for (i, slice) in slices(tape, &g, panels(plan.neurons)).into_iter().enumerate() {
            tiles[i % g.tiles].push(slice);
        }
        parallel::for_each(tiles, |slices| add_beginning(network, itself, &g, layer, slices));
    }
    true
}

/// Adds what is left at each step of the state before the first.
fn add_beginning<F: Element>(
    network: &Network<F>,
    projection: usize,
    g: &Geometry,
    layer: usize,
    slices: Vec<PanelSlices<F>>,
) {
    let (neurons, lanes) = (network.plan.layers[layer].neurons, g.lanes());
    let weights = network.weights(projection, 0);
    let mut member = Member { layer, slices };
    let mut left: Vec<Vec<F>> = member.slices.iter().map(|slice| slice.begin[0].to_vec()).collect();
    let mut rows = Vec::new();
    for t in 0..g.steps {
        side_by_side(g.tile, neurons, |panel| &left[panel][..], &mut rows);
        for (panel, (slice, left)) in member.slices.iter_mut().zip(&mut left).enumerate() {
            let weights = &weights[panel * neurons * PANEL..][..neurons * PANEL];
            gemm_panel(network.level, g.tile, neurons, &rows, neurons, 1, weights, left, false);
            add(network.level, &mut slice.states[0][t * lanes..(t + 1) * lanes], left);
        }
    }
}

/// The way back through one population: from its states to the signals.
pub(crate) struct Back<'a, F: Element> {
    pub network: &'a Network<F>,
    pub response: &'a Response<F>,
    pub layer: usize,
    pub g: Geometry,
}

impl<F: Element> Back<'_, F> {
    /// For each tile the gradient of the signals over all steps, `[panel of signals][step][sample][64]`,
    /// from those of the states: `gradients(panel, tile, block, out)` over a block of steps.
    pub fn run(&self, gradients: impl Fn(usize, usize, Range<usize>, &mut Aligned<F>) + Sync) -> Vec<Vec<F>> {
        parallel::map((0..self.g.tiles).collect(), |tile| self.tile(tile, &gradients))
    }

    fn tile(
        &self,
        tile: usize,
        gradients: &(impl Fn(usize, usize, Range<usize>, &mut Aligned<F>) + Sync),
    ) -> Vec<F> {
        let Back { network, response, layer, g } = self;
        let neurons = network.plan.layers[*layer].neurons;
        let lag_panels = panels(response.steps);
        let signals = response.back.len() / (lag_panels * neurons * PANEL);
        // The last step first, so that what an impulse reaches lies in the order of its response.
        let mut sums = vec![F::ZERO; signals * g.tile * g.steps];
        let mut own: Vec<Aligned<F>> = vec![Aligned::default(); panels(neurons)];
        let mut product: Aligned<F> = Aligned::default();
        for block in g.blocks().rev() {
            for (panel, own) in own.iter_mut().enumerate() {
                gradients(panel, tile, block.clone(), own);
            }
            if own.iter().all(|own| is_zero(own)) {
                continue;
            }
            let rows = block.len() * g.tile;
            product.resize((rows * PANEL).max(product.len()));
            for (q, lags) in (0..signals).flat_map(|q| (0..panels(block.end)).map(move |lags| (q, lags))) {
                let weights = &response.back[(q * lag_panels + lags) * neurons * PANEL..][..neurons * PANEL];
                let product = &mut product[..rows * PANEL];
                let gradient = |panel: usize| &own[panel][..];
                input_gradient_panel(network.level, PANEL, rows, neurons, gradient, weights, product, false);
                for (i, product) in product.chunks(PANEL).enumerate() {
                    let (t, sample) = (block.start + i / g.tile, i % g.tile);
                    // An impulse at step t - lag.
                    let Some(reach) = (t + 1).checked_sub(lags * PANEL) else { continue };
                    let from = (q * g.tile + sample) * g.steps + g.steps - 1 - t + lags * PANEL;
                    let count = reach.min(PANEL);
                    sums[from..from + count].iter_mut().zip(product).for_each(|(x, &y)| *x += y);
                }
            }
        }
        let mut out = vec![F::ZERO; panels(signals) * g.tile_rows() * PANEL];
        for (i, sums) in sums.chunks(g.steps).enumerate() {
            let (q, sample) = (i / g.tile, i % g.tile);
            for (step, &x) in sums.iter().rev().enumerate() {
                let row = (q / PANEL * g.steps + step) * g.tile + sample;
                out[row * PANEL + q % PANEL] = x;
            }
        }
        out
    }
}
