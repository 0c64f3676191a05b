//! The product of several sources, element by element; a source of one pixel counts for all pixels.
//! Of spikes it is a mask.

use crate::network::sources::order_of;
use lapicque_base::SimdLevel;
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, Order, Row};

/// One row, `[pixel][channel]`.
pub(crate) fn multiply<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    rows: &[Row<F>],
    scratch: &mut Vec<F>,
    out: &mut [F],
) {
    out.fill(F::ONE);
    for (i, &row) in rows.iter().enumerate() {
        times(level, plan, i, row, scratch, out);
    }
}

/// The gradient of source `i` at one row, in that source's order: the product of the others, summed
/// over pixels where the source has one.
pub(crate) fn multiply_gradient<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    i: usize,
    rows: &[Row<F>],
    gradient: &[F],
    scratch: &mut Vec<F>,
    dx: &mut [F],
) {
    let mut product = gradient.to_vec();
    for other in (0..rows.len()).filter(|&other| other != i) {
        times(level, plan, other, rows[other], scratch, &mut product);
    }
    let (channels, entering) = (plan.shape.channels, plan.entering[i]);
    let own = Order::of_values(channels);
    if entering.pixels() == plan.shape.pixels() {
        let to = order_of(plan.sources[i], entering);
        return Row::Values(&product).write(level, [own, to], [channels, entering.pixels()], dx);
    }
    dx.fill(F::ZERO);
    for pixel in product.chunks_exact(channels) {
        dx.iter_mut().zip(pixel).for_each(|(sum, &x)| *sum += x);
    }
}

fn times<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    i: usize,
    row: Row<F>,
    scratch: &mut Vec<F>,
    out: &mut [F],
) {
    let (channels, entering) = (plan.shape.channels, plan.entering[i]);
    scratch.resize(entering.elements(), F::ZERO);
    let from = order_of(plan.sources[i], entering);
    row.write(level, [from, Order::of_values(channels)], [channels, entering.pixels()], scratch);
    // As many elements as leave, or those of one pixel.
    for out in out.chunks_exact_mut(scratch.len()) {
        out.iter_mut().zip(&*scratch).for_each(|(x, &y)| *x = *x * y);
    }
}
