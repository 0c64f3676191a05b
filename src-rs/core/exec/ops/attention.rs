//! Attention between three sources at the same step: queries, keys and values.

use crate::network::sources::order_of;
use crate::ops::backward::MapBackward;
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::map_tape::MapTape;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::MapPlan;
use lapicque_projection::{Aligned, Attention, Element, Order, Row};

/// Number of rows per task in the backward pass.
const TASK_ROWS: usize = 4;

/// One row of attention, `[token][channel]`.
pub(crate) fn attend<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    (heads, scale): (usize, f64),
    rows: &[Row<F>],
    scratch: &mut Vec<F>,
    out: &mut [F],
) {
    let kernel = kernel(plan, heads);
    let (sources, scratch) = dense(level, plan, rows, kernel.scratch(), scratch);
    kernel.row(level, sources, F::from_f64(scale), scratch, out);
}

impl<F: Element> MapBackward<'_, F> {
    /// Writes the gradients of the three sources to the tape, each in its source's order.
    pub(crate) fn attention(&self, g: &Geometry, (heads, scale): (usize, f64), tape: &mut MapTape<F>) {
        let plan = self.plan();
        let (kernel, size) = (kernel(plan, heads), plan.shape.elements());
        let inputs = [0, 1, 2].map(|i| plan.input_shapes[i].elements());
        let mut gradients = std::mem::take(&mut tape.gradients);
        gradients.resize_with(inputs.len(), Aligned::default);
        for (i, gradient) in gradients.iter_mut().enumerate() {
            // Every row of a sample that exists is written; the other rows are 0 from the beginning.
            gradient.resize(if self.needs_gradient[i] { g.rows() * inputs[i] } else { 0 });
        }
        let mut outputs: Vec<&mut [F]> = gradients.iter_mut().map(|dx| &mut dx[..]).collect();
        let blocks = (0..g.tiles * g.steps)
            .flat_map(|block| (0..g.tile).step_by(TASK_ROWS).map(move |first| (block, first)));
        let tasks = blocks.map(|(block, first)| {
            let samples = first..(first + TASK_ROWS).min(g.tile);
            let outputs_of_sources = outputs.iter_mut().zip(inputs);
            let dx: Vec<&mut [F]> = outputs_of_sources
                .map(|(dx, size)| dx.split_off_mut(..size * samples.len()).unwrap_or_default())
                .collect();
            (block, samples, dx)
        });
        let values = &tape.values;
        parallel::for_each(tasks.collect(), |(block, samples, mut dx)| {
            let at = [block / g.steps, block % g.steps];
            let (mut rows_scratch, mut scratch) = (Vec::new(), Vec::new());
            for sample in samples.start..samples.end.min(g.valid(at[0])) {
                let row = g.row(at[0], at[1]) + sample;
                let gradient = &values[row * size..][..size];
                self.sources.with_rows(&plan.sources, [at[0], at[1], sample], &mut rows_scratch, |rows| {
                    let more = kernel.scratch() + inputs.iter().sum::<usize>();
                    let (sources, scratch) = dense(self.network.level, plan, rows, more, &mut scratch);
                    let (mut own, scratch) = scratch.split_at_mut(more - kernel.scratch());
                    let own = [0, 1, 2].map(|i| {
                        let (own_gradient, rest) = std::mem::take(&mut own).split_at_mut(inputs[i]);
                        own = rest;
                        if self.needs_gradient[i] { own_gradient } else { &mut [] }
                    });
                    let mut own = own;
                    let outputs = own.each_mut().map(|own_gradient| &mut own_gradient[..]);
                    kernel.gradients(
                        self.network.level,
                        sources,
                        F::from_f64(scale),
                        gradient,
                        scratch,
                        outputs,
                    );
                    for (i, (own, dx)) in
                        own.iter().zip(&mut dx).enumerate().filter(|(i, _)| self.needs_gradient[*i])
                    {
                        self.put(i, own, &mut dx[(sample - samples.start) * inputs[i]..][..inputs[i]]);
                    }
                });
            }
        });
        tape.gradients = gradients;
    }

    /// Writes a gradient `[token][channel]` in the order of its source.
    fn put(&self, i: usize, own: &[F], dx: &mut [F]) {
        let shape = self.plan().input_shapes[i];
        let to = order_of(self.plan().sources[i], shape);
        Row::Values(own).write(self.network.level, [Order::of_values(shape.channels), to], shape.image(), dx);
    }
}

fn kernel(plan: &MapPlan, heads: usize) -> Attention {
    let [q, k, v] = [0, 1, 2].map(|i| plan.input_shapes[i]);
    Attention { heads, tokens: [q.pixels(), k.pixels()], channels: [q.channels, v.channels] }
}

/// The three sources as `[token][channel]`, and a scratch buffer of `more` elements.
fn dense<'a, F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    rows: &[Row<F>],
    more: usize,
    scratch: &'a mut Vec<F>,
) -> ([&'a [F]; 3], &'a mut [F]) {
    let sizes = [0, 1, 2].map(|i| plan.input_shapes[i].elements());
    scratch.resize(sizes.iter().sum::<usize>() + more, F::ZERO);
    let (q, rest) = scratch.split_at_mut(sizes[0]);
    let (k, rest) = rest.split_at_mut(sizes[1]);
    let (v, rest) = rest.split_at_mut(sizes[2]);
    for (i, out) in [&mut *q, &mut *k, &mut *v].into_iter().enumerate() {
        let shape = plan.input_shapes[i];
        let from = order_of(plan.sources[i], shape);
        rows[i].write(level, [from, Order::of_values(shape.channels)], shape.image(), out);
    }
    ([q, k, v], rest)
}
