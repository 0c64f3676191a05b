//! The backward pass through a convolution with a window of one pixel: several rows and some output channels at a time,
//! so that neither their gradients nor the weights are read from slow memory for each row.

use crate::network::sources::order_of;
use crate::ops::applied_norm::NormBehind;
use crate::ops::backward::MapBackward;
use crate::ops::conv_backward::Part;
use crate::plan::kernels::Convolution;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_projection::{
    Element, PANEL, PixelLists, Pointwise, add_all, add_pixels, panels, rows_of_pixels,
};

/// Number of panels of output channels whose gradients are computed at a time, a quarter of a small L2 cache.
const PANELS_AT_ONCE: usize = 4;

/// The data that are the same for all rows.
struct PointwiseGradient<'a, F: Element> {
    tape: &'a MapTape<F>,
    norm: Option<&'a NormBehind<'a, F>>,
    /// Number of elements of an output row.
    size: usize,
    pixels: usize,
    channels: usize,
}

impl<F: Element> PointwiseGradient<'_, F> {
    /// The gradients of one panel of channels for some rows, `[row][pixel][64]`.
    fn gradients(&self, rows: &[(usize, [usize; 3])], panel: usize, scratch: &mut [F], out: &mut [F]) {
        let (first, count) = (panel * PANEL, PANEL.min(self.channels - panel * PANEL));
        for (&(row, at), out) in rows.iter().zip(out.chunks_exact_mut(self.pixels * PANEL)) {
            let values = &self.tape.values[row * self.size..][..self.size];
            if let Some(norm) = self.norm {
                norm.panel(at, values, panel, scratch, out);
                continue;
            }
            let pixels = values.chunks_exact(self.channels).zip(out.chunks_exact_mut(PANEL));
            for (from, to) in pixels {
                to[..count].copy_from_slice(&from[first..first + count]);
                to[count..].fill(F::ZERO);
            }
        }
    }
}

impl<F: Element> MapBackward<'_, F> {
    /// The same result as `part`, which goes row by row. `biased`: the gradient of the bias is needed.
    pub(crate) fn part_of_pixels(
        &self,
        g: &Geometry,
        (kernel, pointwise): (&Convolution, &Pointwise),
        (tape, norm): (&MapTape<F>, Option<&NormBehind<F>>),
        [trainable, biased]: [bool; 2],
        part: &mut Part<F>,
    ) {
        let (network, plan) = (self.network, &self.network.plan.maps[self.map]);
        let (level, scatter) = (network.level, &kernel.forward);
        let (shape, input_shape) = (plan.shape, plan.input_shapes[0]);
        let (pixels, size, inputs) = (shape.pixels(), shape.elements(), input_shape.elements());
        let (channels, to) = (shape.channels, order_of(plan.sources[0], input_shape));
        let transposed = plan.projection.map_or(&[][..], |j| &self.transposed[j]);
        let pointwise_gradient = PointwiseGradient { tape, norm, size, pixels, channels };
        part.dw.fill(F::ZERO);
        part.db = vec![F::ZERO; if biased { panels(channels) * PANEL } else { 0 }];
        let all = part.rows.clone().filter_map(|row| {
            let (tile, in_tile) = (row / g.tile_rows(), row % g.tile_rows());
            let at = [tile, in_tile / g.tile, in_tile % g.tile];
            (at[2] < g.valid(tile)).then_some((row, at))
        });
        let all: Vec<_> = all.collect();
        let [mut gradient, mut product, mut scratch] = [0; 3].map(|_| network.buffers.take());
        let (mut lists, mut states) = (PixelLists::default(), Vec::new());
        // The last channels of a panel may not exist; the scratch buffer is then 0 there.
        scratch.resize(PANEL * pixels);
        let at_once = rows_of_pixels::<F>(level, pixels);
        let whole = panels(channels) <= PANELS_AT_ONCE;
        for rows in all.chunks(at_once) {
            let count = rows.len() * pixels;
            let panel_size = count * PANEL;
            gradient.reuse(PANELS_AT_ONCE.min(panels(channels)) * panel_size);
            product.reuse(if whole { 1 } else { panels(input_shape.channels) } * panel_size);
            if trainable {
                self.sources.with_rows_of(
                    plan.sources[0],
                    rows.iter().map(|&(_, at)| at),
                    &mut states,
                    |x| {
                        lists.list(level, x, to, input_shape.image());
                    },
                );
            }
            for first in (0..panels(channels)).step_by(PANELS_AT_ONCE) {
                let own = first..(first + PANELS_AT_ONCE).min(panels(channels));
                for (panel, out) in own.clone().zip(gradient.chunks_exact_mut(panel_size)) {
                    pointwise_gradient.gradients(rows, panel, &mut scratch, out);
                }
                if biased {
                    let db = part.db[own.start * PANEL..own.end * PANEL].chunks_exact_mut(PANEL);
                    db.zip(gradient.chunks_exact(panel_size)).for_each(|(db, rows)| add_all(level, rows, db));
                }
                let columns = own.start * PANEL..(own.end * PANEL).min(scatter.width());
                let dw = (&mut *part.dw, scatter.width());
                let add = || {
                    if trainable {
                        add_pixels(level, &lists, &gradient, count, columns, dw);
                    }
                };
                let (last, columns) =
                    (own.end == panels(channels), own.start * PANEL..(own.end * PANEL).min(channels));
                let multiply = || {
                    let input_shape = if part.dx.is_empty() { 0 } else { panels(input_shape.channels) };
                    for panel in 0..input_shape {
                        let offset = if whole { 0 } else { panel * panel_size };
                        let product = &mut product[offset..][..panel_size];
                        pointwise.product(
                            level,
                            transposed,
                            panel,
                            (columns.clone(), count),
                            &gradient,
                            product,
                        );
                        if last {
                            for (&(row, _), product) in rows.iter().zip(product.chunks_exact(pixels * PANEL))
                            {
                                let dx = &mut part.dx[(row - part.rows.start) * inputs..][..inputs];
                                pointwise.store(level, panel, product, to, dx);
                            }
                        }
                    }
                };
                // There are few parts, so an idle thread can run one of these two tasks.
                parallel::join(add, multiply);
            }
        }
    }
}
