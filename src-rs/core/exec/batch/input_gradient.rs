//! The gradient of the user's input, from the populations and the operations that read it.

use crate::batch::pass::Pass;
use crate::network::compiled::Network;
use crate::ops::backward::transposed_panel;
use crate::storage::geometry::Geometry;
use crate::storage::rows::each_row;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{ProjectionKind, Source};
use lapicque_projection::{Aligned, Element, PANEL, input_gradient_panel, panel_width, panels};

impl<F: Element> Pass<'_, F> {
    /// Adds the gradient from an operation that reads the input.
    pub(crate) fn input_gradient_of_map(
        &self,
        sources: &[Source],
        tape: &MapTape<F>,
        g: &Geometry,
        first_step: usize,
        out: &mut [F],
    ) {
        let (channels, rows) = (self.input.channels, tape.geometry(g));
        for (_, gradient) in sources.iter().zip(&tape.gradients).filter(|(s, _)| **s == Source::Input) {
            each_row(&rows, |row, [tile, step, sample]| {
                let to = self.input.row(first_step + step, g.first + tile * g.tile + sample);
                let to = &mut out[to * channels..][..channels];
                to.iter_mut().zip(&gradient[row * channels..]).for_each(|(x, &y)| *x += y);
            });
        }
    }

    #[allow(clippy::too_many_arguments)]
    pub(crate) fn input_gradient(
        &self,
        network: &Network<F>,
        layer: usize,
        tape: &LayerTape<F>,
        transposed: &[Aligned<F>],
        g: &Geometry,
        first_step: usize,
        out: &mut [F],
    ) {
        let channels = self.input.channels;
        let mut product = vec![F::ZERO; g.elements()];
        let plan = &network.plan.layers[layer];
        // The gradient of a constant input is the sum over the steps.
        let constant = self.input.constant;
        let steps = if constant { 1 } else { g.steps };
        for feed in plan.feeds.iter().filter(|f| f.source == Source::Input) {
            for (panel, tile, step) in (0..panels(channels))
                .flat_map(|p| (0..g.tiles).flat_map(move |t| (0..steps).map(move |s| (p, t, s))))
            {
                let gradient = |k: usize| match constant {
                    true => {
                        &tape.current_sums[feed.port][(k * g.tiles + tile) * g.elements()..][..g.elements()]
                    }
                    false => {
                        let block = (k * g.tiles + tile) * tape.blocks + step;
                        &tape.gradient(plan, feed.port)[block * g.elements()..(block + 1) * g.elements()]
                    }
                };
                match feed.projection {
                    Some(j) if network.plan.projections[j].kind == ProjectionKind::Dense => {
                        let plan = &network.plan.projections[j];
                        let weights = transposed_panel(&transposed[j], plan, feed.part, panel);
                        let (level, width) = (network.level, panel_width(plan.inputs, panel));
                        let (rows, out) = (g.tile, &mut product);
                        input_gradient_panel(level, width, rows, plan.outputs, gradient, weights, out, false);
                    }
                    Some(j) => {
                        let weights = &network.weights(j, feed.part)[panel * PANEL..];
                        for (i, x) in product.iter_mut().enumerate() {
                            *x = gradient(panel)[i] * weights[i % PANEL];
                        }
                    }
                    None => product.copy_from_slice(gradient(panel)),
                }
                let width = panel_width(channels, panel);
                for sample in 0..g.valid(tile) {
                    let row = self.input.row(first_step + step, g.first + tile * g.tile + sample);
                    let to = &mut out[row * channels + panel * PANEL..][..width];
                    to.iter_mut().zip(&product[sample * PANEL..]).for_each(|(x, &y)| *x += y);
                }
            }
        }
    }
}
