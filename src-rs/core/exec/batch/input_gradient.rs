//! The gradient with respect to the user's input, of one segment of steps.
//!
//! It is the sum over all readers of the input, which add their parts in the order of the backward pass, once their own gradients are known. An
//! operation has computed its part already. The part of a population is the gradient of its currents times the transposed weights, or times one
//! weight per neuron for a one-to-one connection.

use crate::network::compiled::Network;
use crate::ops::backward::transposed_panel;
use crate::storage::geometry::Geometry;
use crate::storage::rows::each_row;
use crate::tape::input::InputValues;
use crate::tape::layer_tape::LayerTape;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{ProjectionKind, Source};
use lapicque_projection::{Aligned, Element, PANEL, input_gradient_panel, panel_width, panels};

pub(crate) struct InputGradient<'a, F> {
    pub input: InputValues<'a, F>,
    pub g: Geometry,
    /// The first step of the segment.
    pub first_step: usize,
    /// Of the whole batch, in the layout of the input.
    pub sum: &'a mut [F],
}

impl<F: Element> InputGradient<'_, F> {
    /// Adds the part of an operation, which is on its tape.
    pub fn add_operation(&mut self, sources: &[Source], tape: &MapTape<F>) {
        let (channels, rows) = (self.input.channels, tape.geometry(&self.g));
        for (_, gradient) in sources.iter().zip(&tape.gradients).filter(|(s, _)| **s == Source::Input) {
            each_row(&rows, |row, [tile, step, sample]| {
                let to = self.row(tile, step, sample);
                let to = &mut self.sum[to * channels..][..channels];
                to.iter_mut().zip(&gradient[row * channels..]).for_each(|(x, &y)| *x += y);
            });
        }
    }

    /// Adds the part of a population; `transposed`: by projection, its weights.
    pub fn add_population(
        &mut self,
        network: &Network<F>,
        layer: usize,
        tape: &LayerTape<F>,
        transposed: &[Aligned<F>],
    ) {
        let (g, channels) = (self.g, self.input.channels);
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
                    let row = self.row(tile, step, sample);
                    let to = &mut self.sum[row * channels + panel * PANEL..][..width];
                    to.iter_mut().zip(&product[sample * PANEL..]).for_each(|(x, &y)| *x += y);
                }
            }
        }
    }

    /// The row of the input that a sample of a tile reads at a step of the segment.
    fn row(&self, tile: usize, step: usize, sample: usize) -> usize {
        self.input.row(self.first_step + step, self.g.first + tile * self.g.tile + sample)
    }
}
