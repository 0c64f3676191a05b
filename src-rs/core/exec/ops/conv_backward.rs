//! The backward pass of a convolution, row by row. Each row of the output's gradient gives a row of the input's gradient and its share of the
//! weights' gradient. Where a max pool or a batch norm that is not stored follows, the row is computed from their gradient and not stored.

use crate::network::sampling::Products;
use crate::network::sources::order_of;
use crate::ops::applied_norm::{NormBehind, scratch_rows};
use crate::ops::backward::MapBackward;
use crate::plan::kernels::{Convolution, MapKernel};
use crate::plan::weight_parts::parts;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_base::SimdLevel;
use lapicque_graph::{MapUse, Source};
use lapicque_projection::{Aligned, Element, PatchScratch, Pool, TapLists, add};

/// Number of elements of the weights for which one thread sums all parts.
const SUMMED: usize = 1 << 14;

/// A range of rows, and the gradients that they contribute.
pub(crate) struct Part<'a, F: Element> {
    /// Rows of the tape.
    pub rows: std::ops::Range<usize>,
    /// The gradient of the input; empty if it is not needed.
    pub dx: &'a mut [F],
    /// Buffer for the gradient of the weights; empty if it is not needed.
    pub dw: &'a mut [F],
    /// The gradient of the bias, padded.
    pub db: Vec<F>,
}

impl<F: Element> MapBackward<'_, F> {
    /// As `run`, for a convolution. `tape.gradients` receives the gradient of the source.
    pub(crate) fn convolution(&self, g: &Geometry, tape: &mut MapTape<F>) -> Vec<(usize, Aligned<F>)> {
        let (network, plan) = (self.network, &self.network.plan.maps[self.map]);
        let (MapKernel::Convolution(kernel), Some(j)) = (&network.maps[self.map], plan.projection) else {
            return vec![];
        };
        let scatter = &kernel.forward;
        let trainable = network.plan.projections[j].trainable;
        let slots = network.slots[j];
        let inputs = plan.input_shapes[0].elements();
        // Every row of a sample that exists is written; the other rows are 0 from the beginning.
        let mut gradient = tape.gradients.pop().unwrap_or_default();
        gradient.resize(if self.needs_gradient[0] { g.rows() * inputs } else { 0 });
        let weights = if trainable { scatter.weights() } else { 0 };
        let count = g.rows().div_ceil(parts(scatter.weights(), size_of::<F>()));
        let mut sums = network.weight_parts.take();
        sums.reuse(g.rows().div_ceil(count) * weights);
        let mut rest = &mut gradient[..];
        let mut rest_of_sums = &mut sums[..];
        let mut work = Vec::new();
        for first in (0..g.rows()).step_by(count) {
            let rows = first..(first + count).min(g.rows());
            let (dx, after) = rest.split_at_mut(if self.needs_gradient[0] { rows.len() * inputs } else { 0 });
            rest = after;
            let dw = rest_of_sums.split_off_mut(..weights).unwrap_or_default();
            work.push(Part { rows, dx, dw, db: vec![] });
        }
        let (own, norm) = (&*tape, self.norm_behind(g));
        let done = parallel::map(work, |mut part| {
            let norm = norm.as_ref();
            match kernel.backward.pointwise().filter(|_| self.pool(own).is_none()) {
                Some(pointwise) => {
                    let trained = [trainable, trainable && slots.bias.is_some()];
                    self.part_of_pixels(g, (kernel, pointwise), (own, norm), trained, &mut part);
                }
                None => self.part(g, kernel, (own, norm), trainable, &mut part),
            }
            part.db
        });
        tape.gradients = vec![gradient];
        if !trainable {
            return vec![];
        }
        let mut weight = network.parameters[slots.weight].grad.clone();
        let mut bias = slots.bias.map(|slot| network.parameters[slot].grad.clone());
        add_parts(network.level, &sums.chunks(weights).collect::<Vec<_>>(), &mut weight);
        if let Some(bias) = &mut bias {
            done.iter().for_each(|db| scatter.unpad_add(db, bias));
        }
        let mut added = vec![(slots.weight, weight)];
        added.extend(slots.bias.zip(bias));
        added
    }

    fn part(
        &self,
        g: &Geometry,
        kernel: &Convolution,
        (tape, norm): (&MapTape<F>, Option<&NormBehind<F>>),
        trainable: bool,
        part: &mut Part<F>,
    ) {
        let (network, plan) = (self.network, &self.network.plan.maps[self.map]);
        let (level, scatter) = (network.level, &kernel.forward);
        let to = order_of(plan.sources[0], plan.input_shapes[0]);
        let (size, inputs) = (plan.shape.elements(), plan.input_shapes[0].elements());
        let transposed = plan.projection.map_or(&[][..], |j| &self.transposed[j]);
        let pooled = self.pool(tape);
        let sampled = match plan.sources[0] {
            Source::Spikes(layer) if plan.projection.is_some_and(|j| self.sampling.is_sampled(j)) => {
                Some(layer)
            }
            _ => None,
        };
        part.dw.fill(F::ZERO);
        part.db = vec![F::ZERO; if trainable { scatter.groups * scatter.width() } else { 0 }];
        let (mut spread, mut padded) = (Aligned::default(), Aligned::default());
        spread.resize(if pooled.is_some() { size } else { 0 });
        padded.resize(if scatter.is_unpadded() { 0 } else { scatter.sums() });
        let [mut public, mut transposed_row] = scratch_rows(&network.buffers, norm);
        let (mut scratch, mut patches, mut lists) =
            (Vec::new(), PatchScratch::default(), TapLists::default());
        let (mut requested, mut products) = (Vec::new(), Products::default());
        for row in part.rows.clone() {
            let (tile, in_tile) = (row / g.tile_rows(), row % g.tile_rows());
            let at = [tile, in_tile / g.tile, in_tile % g.tile];
            if at[2] >= g.valid(tile) {
                continue;
            }
            let gradient = match (pooled, norm) {
                (_, Some(norm)) => {
                    norm.row(at, &tape.values[row * size..][..size], &mut public, &mut transposed_row);
                    &transposed_row[..]
                }
                (Some((pool, behind)), None) => {
                    let size = behind.values.len() / g.rows();
                    let row = row * size..(row + 1) * size;
                    pool.spread(level, &behind.values[row.clone()], &behind.chosen[row], &mut spread);
                    &spread[..]
                }
                (None, None) => &tape.values[row * size..][..size],
            };
            let gradient = if scatter.is_unpadded() {
                gradient
            } else {
                scatter.pad(gradient, &mut padded);
                &padded
            };
            if trainable {
                let channels = 0..scatter.channels[0];
                self.sources.with_rows(&plan.sources, at, &mut scratch, |rows| {
                    let x = (rows[0], to);
                    scatter.weight_gradient(level, x, gradient, channels, &mut lists, part.dw);
                    scatter.bias_gradient(level, gradient, &mut part.db);
                });
            }
            if !part.dx.is_empty() {
                let dx = &mut part.dx[(row - part.rows.start) * inputs..][..inputs];
                products.all += inputs;
                if let Some(layer) = sampled {
                    let marks = self.layers[layer].active.iter().skip(row).step_by(g.rows()).copied();
                    let weights =
                        plan.projection.map(|j| &network.parameters[network.slots[j].weight].data[..]);
                    let weights = weights.unwrap_or_default();
                    let (requested, dx) = (&mut requested, &mut *dx);
                    products.computed +=
                        scatter.sampled_input_gradient(level, weights, marks, gradient, requested, dx);
                    continue;
                }
                products.computed += inputs;
                kernel.backward.input_gradient(level, transposed, gradient, &mut patches, to, dx);
            }
        }
        if let Source::Spikes(layer) = plan.sources[0]
            && !self.layers[layer].active.is_empty()
        {
            self.sampling.count(layer, products);
        }
    }

    /// The pool that reads this convolution's rows, and its tape.
    fn pool(&self, tape: &MapTape<F>) -> Option<(&Pool, &MapTape<F>)> {
        let MapUse::Pooled(pool) = tape.usage else { return None };
        match &self.network.maps[pool] {
            MapKernel::Pool(kernel) => Some((kernel, &self.after[pool - self.map - 1])),
            _ => None,
        }
    }
}

/// Sums all parts in their order; the elements are divided among threads.
fn add_parts<F: Element>(level: SimdLevel, parts: &[&[F]], sums: &mut [F]) {
    parallel::for_each(sums.chunks_mut(SUMMED).enumerate().collect(), |(i, sums)| {
        parts.iter().for_each(|part| add(level, sums, &part[i * SUMMED..]));
    });
}
