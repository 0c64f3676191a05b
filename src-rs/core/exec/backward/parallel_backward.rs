//! The backward pass of a population whose steps are computed at once: from its states to its input signals.

use crate::network::compiled::Network;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::impulse_response::Response;
use lapicque_projection::{Aligned, Element, PANEL, input_gradient_panel, is_zero, panels};
use std::ops::Range;

/// The backward pass through one population: from its states to its input signals.
pub(crate) struct ParallelBackward<'a, F: Element> {
    pub network: &'a Network<F>,
    pub response: &'a Response<F>,
    pub layer: usize,
    pub g: Geometry,
}

impl<F: Element> ParallelBackward<'_, F> {
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
        let ParallelBackward { network, response, layer, g } = self;
        let neurons = network.plan.layers[*layer].neurons;
        let lag_panels = panels(response.steps);
        let signals = response.backward.len() / (lag_panels * neurons * PANEL);
        // Steps are in descending order, the order of the impulse response.
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
                let weights =
                    &response.backward[(q * lag_panels + lags) * neurons * PANEL..][..neurons * PANEL];
                let product = &mut product[..rows * PANEL];
                let gradient = |panel: usize| &own[panel][..];
                input_gradient_panel(network.level, PANEL, rows, neurons, gradient, weights, product, false);
                for (i, product) in product.chunks(PANEL).enumerate() {
                    let (t, sample) = (block.start + i / g.tile, i % g.tile);
                    // This row belongs to an impulse at step t - lag.
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
