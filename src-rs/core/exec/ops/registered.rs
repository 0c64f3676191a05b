//! Registered operations: runs their kernels forward and backward over the rows of a batch or of a session. The
//! definitions are in the room `operations`; nothing here refers to one by name.

use crate::network::compiled::Network;
use crate::network::sources::{Sources, order_of};
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::storage::rows::row_tasks;
use crate::tape::map_tape::MapTape;
use lapicque_graph::{MapPlan, Shape, Source};
use lapicque_operations::{BackwardInput, KernelContext, Kernels, Rows};
use lapicque_projection::{Aligned, Element, Order, Row, transpose};
use smallvec::SmallVec;

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
        for (step, rows) in (first..).zip(values.chunks_mut(g.tile * size)) {
            let rows = &mut rows[..g.valid(tile) * size];
            sources.with_samples(&plan.sources, [tile, step], g.valid(tile), &mut scratch, |x| {
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
        self.sources.with_samples(&self.plan.sources, [tile, step], count, scratch, |x| {
            visit(&BackwardInput { x: &inputs_of(self.plan, x), saved: &[], gradient });
        });
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
        let added = self.registered_weights(&pass);
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(plan.sources.len(), Aligned::default);
        for (i, dx) in gradients.iter_mut().enumerate() {
            match self.needs_gradient[i] {
                true => self.registered_source(&pass, i, dx),
                false => dx.clear(),
            }
        }
        tape.gradients = gradients;
        tape.values = gradient;
        added
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
                self.sources.with_samples(&plan.sources, [tile, step], count, &mut scratch, |x| {
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
