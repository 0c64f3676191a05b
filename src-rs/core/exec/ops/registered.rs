//! Registered operations: runs their kernels forward and backward over the rows of a batch or of a session. The
//! definitions are in the room `operations`; nothing here refers to one by name.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::ops::backward::MapBackward;
use crate::storage::geometry::{BLOCKS_AT_ONCE, Geometry};
use crate::storage::parallel;
use crate::storage::rows::row_tasks;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{MapPlan, Shape, Source};
use lapicque_operations::{BackwardInput, Gradients, KernelContext, Kernels, Rows, Wanted};
use lapicque_projection::{Aligned, Element, Order, Row, transpose};
use smallvec::SmallVec;
use std::ops::Range;

/// The rows of an operation's sources for some samples of one step.
type Inputs<'a, F> = SmallVec<[Rows<'a, F>; 4]>;

/// `rows`: those of the first source, then those of the second.
fn inputs_of<'a, F: Element>(plan: &MapPlan, rows: &'a [Row<'a, F>]) -> Inputs<'a, F> {
    let each = rows.len() / plan.sources.len().max(1);
    let sources = plan.sources.iter().zip(&plan.input_shapes).zip(rows.chunks(each.max(1)));
    sources.map(|((&source, &shape), rows)| Rows { rows, order: order_of(source, shape), shape }).collect()
}

impl<F: Element> Network<F> {
    /// Weight and bias of an operation; empty if it has none.
    fn tensors(&self, map: usize) -> [&[F]; 2] {
        let Some(j) = self.plan.maps[map].projection else { return [&[]; 2] };
        let slots = self.slots[j];
        [Some(slots.weight), slots.bias].map(|slot| slot.map_or(&[][..], |slot| &self.parameters[slot].data))
    }

    /// The weights of a registered operation, packed for its kernels; empty for other operations.
    pub(crate) fn packed(&self, map: usize) -> Aligned<F> {
        let Some(kernels) = &self.registered[map] else { return Aligned::default() };
        let [weight, bias] = self.tensors(map);
        let (packed, mut aligned) = (kernels.pack(weight, bias), Aligned::default());
        aligned.resize(packed.len());
        aligned.copy_from_slice(&packed);
        aligned
    }

    pub(crate) fn context<'a>(&'a self, map: usize, packed: &'a [F]) -> KernelContext<'a, F> {
        let [weight, bias] = self.tensors(map);
        KernelContext { level: self.level, weight, bias, packed }
    }

    /// One row of a registered operation, as `map_row`.
    pub(crate) fn registered_row(&self, map: usize, rows: &[Row<F>], packed: &[F], out: &mut [F]) {
        if let Some(kernels) = &self.registered[map] {
            kernels.forward(&self.context(map, packed), &inputs_of(&self.plan.maps[map], rows), out);
        }
    }
}

/// The steps of a tile whose rows one call of a kernel receives.
fn steps_of_call(rows: usize, g: &Geometry) -> usize {
    (rows / g.tile).max(1)
}

/// Runs a registered operation over a segment.
pub(crate) fn forward<F: Element>(
    sources: &Sources<F>,
    map: usize,
    kernels: &dyn Kernels<F>,
    tape: &mut MapTape<F>,
) {
    let network = sources.network;
    let plan = &network.plan.maps[map];
    let (g, shape) = (tape.geometry(&sources.g), plan.shape);
    let size = shape.elements();
    let packed = network.packed(map);
    let context = network.context(map, &packed);
    let transposed = tape.public && !plan.is_public();
    parallel::for_each(row_tasks(&mut tape.values, &g, size), |(tile, first, values)| {
        let mut scratch = Vec::new();
        let (valid, block) = (g.valid(tile), steps_of_call(kernels.gradient_rows(), &g));
        // The rows of several steps are contiguous if every sample of the tile exists.
        let steps = if valid == g.tile { block } else { 1 };
        for (call, rows) in values.chunks_mut(steps * g.tile * size).enumerate() {
            let step = first + call * steps;
            let steps = step..step + rows.len() / (g.tile * size);
            let rows = &mut rows[..steps.len() * valid * size];
            sources.with_samples(&plan.sources, (tile, steps), valid, &mut scratch, |x| {
                kernels.forward(&context, &inputs_of(plan, x), rows);
            });
            for row in rows.chunks_exact_mut(size).filter(|_| transposed) {
                let kept = row.to_vec();
                transpose(network.level, &kept, [shape.pixels(), shape.channels], row);
            }
        }
    });
}

/// The data that are the same for all rows of a backward pass.
struct Pass<'a, F: Element> {
    kernels: &'a dyn Kernels<F>,
    context: KernelContext<'a, F>,
    sources: &'a Sources<'a, F>,
    plan: &'a MapPlan,
    g: Geometry,
    /// Gradients with respect to the outputs.
    gradient: &'a [F],
    saved: &'a [F],
}

impl<F: Element> Pass<'_, F> {
    /// Calls `visit` with the rows of a tile at a step.
    fn at(&self, [tile, step]: [usize; 2], scratch: &mut Vec<Vec<F>>, visit: impl FnOnce(&BackwardInput<F>)) {
        let (row, count) = (self.g.row(tile, step), self.g.valid(tile));
        let size = self.plan.shape.elements();
        let gradient = &self.gradient[row * size..][..count * size];
        let each = self.kernels.saved();
        if each > 0 {
            let saved = &self.saved[row * each..][..count * each];
            return visit(&BackwardInput { x: &[], saved, gradient });
        }
        self.sources.with_samples(&self.plan.sources, (tile, step..step + 1), count, scratch, |x| {
            visit(&BackwardInput { x: &inputs_of(self.plan, x), saved: &[], gradient });
        });
    }

    /// All gradients for the rows of some steps of a tile.
    fn joint(&self, (tile, steps): &(usize, Range<usize>), wanted: &Wanted) -> Gradients<F> {
        let (count, size) = (self.g.valid(*tile), self.plan.shape.elements());
        let of_step = |step| &self.gradient[self.g.row(*tile, step) * size..][..count * size];
        let gradient: Vec<F> = steps.clone().flat_map(of_step).copied().collect();
        let at = (*tile, steps.clone());
        self.sources.with_samples(&self.plan.sources, at, count, &mut Vec::new(), |x| {
            let backward = BackwardInput { x: &inputs_of(self.plan, x), saved: &[], gradient: &gradient };
            self.kernels.gradients(&self.context, &backward, wanted)
        })
    }
}

impl<F: Element> MapBackward<'_, F> {
    /// As `run`, for a registered operation.
    pub(crate) fn registered(
        &self,
        g: &Geometry,
        kernels: &dyn Kernels<F>,
        tape: &mut MapTape<F>,
    ) -> Vec<(usize, Aligned<F>)> {
        let (plan, network) = (self.plan(), self.network);
        let packed = network.packed(self.map);
        let context = network.context(self.map, &packed);
        let saved = self.saved(g, kernels, &context);
        let gradient = std::mem::take(&mut tape.values);
        let pass = Pass {
            kernels,
            context,
            sources: &self.sources,
            plan,
            g: *g,
            gradient: &gradient,
            saved: &saved,
        };
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(plan.sources.len(), Aligned::default);
        let added = match kernels.gradient_rows() {
            0 => self.registered_weights(&pass),
            rows => self.registered_blocks(&pass, rows, &mut gradients),
        };
        for (i, dx) in gradients.iter_mut().enumerate() {
            match self.needs_gradient[i] {
                true if kernels.gradient_rows() == 0 => self.registered_source(&pass, i, dx),
                true => {}
                false => dx.clear(),
            }
        }
        tape.gradients = gradients;
        tape.values = gradient;
        added
    }

    /// All gradients of an operation that computes them at once, block by block of rows. The contributions of blocks to
    /// the gradient of the weight are added in the order of the blocks, whatever the number of threads.
    #[inline(never)]
    fn registered_blocks(
        &self,
        pass: &Pass<F>,
        rows: usize,
        gradients: &mut [Aligned<F>],
    ) -> Vec<(usize, Aligned<F>)> {
        let (g, plan, network) = (&pass.g, pass.plan, self.network);
        let trained = plan.projection.filter(|&j| network.plan.projections[j].trainable);
        let slot = trained.map(|j| network.slots[j].weight);
        let mut weight = slot.map(|slot| (slot, network.parameters[slot].grad.clone()));
        let needed = (0..plan.sources.len()).map(|i| self.needs_gradient[i]).collect::<Vec<bool>>();
        let wanted = Wanted { sources: &needed, weight: weight.is_some() };
        let sizes: Vec<usize> = plan.input_shapes.iter().map(|shape| shape.elements()).collect();
        for (i, dx) in gradients.iter_mut().enumerate().filter(|(i, _)| needed[*i]) {
            dx.resize(g.rows() * sizes[i]);
        }
        let steps = steps_of_call(rows, g);
        let of_tile =
            |tile| (0..g.steps).step_by(steps).map(move |first| (tile, first..(first + steps).min(g.steps)));
        let blocks: Vec<(usize, Range<usize>)> = (0..g.tiles).flat_map(of_tile).collect();
        for blocks in blocks.chunks(BLOCKS_AT_ONCE) {
            let found = parallel::map(blocks.iter().collect(), |block| pass.joint(block, &wanted));
            for ((tile, steps), mut found) in blocks.iter().zip(found) {
                for (i, rows) in found.sources.iter_mut().enumerate().filter(|(i, _)| needed[*i]) {
                    let size = sizes[i];
                    self.reorder(plan.sources[i], plan.input_shapes[i], rows);
                    for (step, rows) in steps.clone().zip(rows.chunks_exact(g.valid(*tile) * size)) {
                        gradients[i][g.row(*tile, step) * size..][..rows.len()].copy_from_slice(rows);
                    }
                }
                if let Some((_, sum)) = &mut weight {
                    sum.iter_mut().zip(&found.weight).for_each(|(sum, &x)| *sum += x);
                }
            }
        }
        weight.into_iter().collect()
    }

    /// Intermediate results that the operation computes once for all its gradients.
    fn saved(&self, g: &Geometry, kernels: &dyn Kernels<F>, context: &KernelContext<F>) -> Aligned<F> {
        let (plan, each) = (self.plan(), kernels.saved());
        let mut saved = Aligned::default();
        if each == 0 {
            return saved;
        }
        saved.resize(g.rows() * each);
        parallel::for_each(row_tasks(&mut saved, g, each), |(tile, first, saved)| {
            let mut scratch = Vec::new();
            for (step, saved) in (first..).zip(saved.chunks_mut(g.tile * each)) {
                let count = g.valid(tile);
                self.sources.with_samples(&plan.sources, (tile, step..step + 1), count, &mut scratch, |x| {
                    kernels.save(context, &inputs_of(plan, x), &mut saved[..count * each]);
                });
            }
        });
        saved
    }

    /// The gradient of one source, in the order in which the source is stored.
    fn registered_source(&self, pass: &Pass<F>, source: usize, dx: &mut Aligned<F>) {
        let (g, plan) = (&pass.g, pass.plan);
        let input_shape = plan.input_shapes[source];
        let size = input_shape.elements();
        // Every row of a sample that exists is written; the other rows are 0 from the beginning.
        dx.resize(g.rows() * size);
        parallel::for_each(row_tasks(dx, g, size), |(tile, first, dx)| {
            let mut scratch = Vec::new();
            for (step, dx) in (first..).zip(dx.chunks_mut(g.tile * size)) {
                let dx = &mut dx[..g.valid(tile) * size];
                pass.at([tile, step], &mut scratch, |backward| {
                    pass.kernels.source_gradient(&pass.context, source, backward, dx);
                });
                self.reorder(plan.sources[source], input_shape, dx);
            }
        });
    }

    /// Reorders rows `[pixel][channel]` to the order in which a source is stored.
    fn reorder(&self, source: Source, shape: Shape, rows: &mut [F]) {
        let (own, to) = (Order::of_values(shape.channels), order_of(source, shape));
        if to == own || shape.is_public() {
            return;
        }
        for row in rows.chunks_exact_mut(shape.elements()) {
            let kept = row.to_vec();
            Row::Values(&kept).write(self.network.level, [own, to], shape.image(), row);
        }
    }

    /// `(parameter, its gradient including this segment's contribution)`: one thread sums a piece over all rows,
    /// ascending.
    fn registered_weights(&self, pass: &Pass<F>) -> Vec<(usize, Aligned<F>)> {
        let network = self.network;
        let Some(j) = pass.plan.projection.filter(|&j| network.plan.projections[j].trainable) else {
            return vec![];
        };
        let slots = network.slots[j];
        let [of_weight, of_bias] = pass.kernels.weight_pieces().map(|piece| piece.max(1));
        let mut weight = network.parameters[slots.weight].grad.clone();
        let mut bias = slots.bias.map(|slot| network.parameters[slot].grad.clone());
        let of_bias = bias.iter_mut().flat_map(|bias| bias.chunks_mut(of_bias));
        // A piece of the weight may have no bias.
        let pieces =
            weight.chunks_mut(of_weight).zip(of_bias.map(Some).chain(std::iter::repeat_with(|| None)));
        parallel::for_each(pieces.enumerate().collect(), |(piece, (weight, bias))| {
            let (mut scratch, none) = (Vec::new(), &mut [][..]);
            let bias = bias.unwrap_or(none);
            for tile in 0..pass.g.tiles {
                for step in 0..pass.g.steps {
                    pass.at([tile, step], &mut scratch, |backward| {
                        let sums = [&mut *weight, &mut *bias];
                        pass.kernels.weight_gradient(&pass.context, piece, backward, sums);
                    });
                }
            }
        });
        let mut added = vec![(slots.weight, weight)];
        added.extend(slots.bias.zip(bias));
        added
    }
}
