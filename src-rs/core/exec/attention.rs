//! Attention among what three sources give at the same step: queries, keys and values.

use crate::sources::order_of;
use lapicque_base::simd::SimdLevel;
use lapicque_graph::MapPlan;
use lapicque_projection::{Attention, Element, Order, Row, transpose};

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
    let (sources, scratch) = dense(plan, rows, kernel.scratch(), scratch);
    kernel.row(level, sources, F::from_f64(scale), scratch, out);
}

/// The gradient of source `i` at one row, in that source's order.
#[allow(clippy::too_many_arguments)]
pub(crate) fn attention_gradient<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    (heads, scale): (usize, f64),
    i: usize,
    rows: &[Row<F>],
    gradient: &[F],
    scratch: &mut Vec<F>,
    dx: &mut [F],
) {
    let kernel = kernel(plan, heads);
    let (sources, scratch) = dense(plan, rows, kernel.scratch() + dx.len(), scratch);
    let (scratch, own) = scratch.split_at_mut(kernel.scratch());
    kernel.gradient(level, sources, F::from_f64(scale), i, gradient, scratch, own);
    let shape = plan.entering[i];
    let to = order_of(plan.sources[i], shape);
    if to == Order::public(shape.pixels()) {
        return transpose(level, own, [shape.pixels(), shape.channels], dx);
    }
    Row::Values(own).write(Order::of_values(shape.channels), to, shape.channels, shape.pixels(), dx);
}

fn kernel(plan: &MapPlan, heads: usize) -> Attention {
    let [q, k, v] = [0, 1, 2].map(|i| plan.entering[i]);
    Attention { heads, tokens: [q.pixels(), k.pixels()], channels: [q.channels, v.channels] }
}

/// The three sources as `[token][channel]`, and `more` elements of scratch.
fn dense<'a, F: Element>(
    plan: &MapPlan,
    rows: &[Row<F>],
    more: usize,
    scratch: &'a mut Vec<F>,
) -> ([&'a [F]; 3], &'a mut [F]) {
    let sizes = [0, 1, 2].map(|i| plan.entering[i].elements());
    scratch.resize(sizes.iter().sum::<usize>() + more, F::ZERO);
    let (q, rest) = scratch.split_at_mut(sizes[0]);
    let (k, rest) = rest.split_at_mut(sizes[1]);
    let (v, rest) = rest.split_at_mut(sizes[2]);
    for (i, out) in [&mut *q, &mut *k, &mut *v].into_iter().enumerate() {
        let shape = plan.entering[i];
        let from = order_of(plan.sources[i], shape);
        rows[i].write(from, Order::of_values(shape.channels), shape.channels, shape.pixels(), out);
    }
    ([q, k, v], rest)
}
