//! Lateral inhibition: of the neurons of a layer (of an image, of those at one pixel) only the one with
//! the largest potential may spike.

use crate::network::sources::order_of;
use lapicque_base::SimdLevel;
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, Order, Row};

/// One row, `[pixel][channel]`, of spikes and potentials.
pub(crate) fn inhibit<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    rows: &[Row<F>],
    scratch: &mut Vec<F>,
    out: &mut [F],
) {
    write(level, plan, 0, rows[0], out);
    silence(level, plan, rows, scratch, out);
}

/// The gradient of source `i` at one row, in that source's order: that of the spikes which were let
/// through; the potentials only choose.
pub(crate) fn inhibition_gradient<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    i: usize,
    rows: &[Row<F>],
    gradient: &[F],
    scratch: &mut Vec<F>,
    dx: &mut [F],
) {
    if i > 0 {
        return dx.fill(F::ZERO);
    }
    let mut kept = gradient.to_vec();
    silence(level, plan, rows, scratch, &mut kept);
    let (shape, own) = (plan.shape, Order::of_values(plan.shape.channels));
    Row::Values(&kept).write(level, [own, order_of(plan.sources[0], shape)], shape.image(), dx);
}

fn write<F: Element>(level: SimdLevel, plan: &MapPlan, i: usize, row: Row<F>, out: &mut [F]) {
    let (shape, own) = (plan.shape, Order::of_values(plan.shape.channels));
    row.write(level, [order_of(plan.sources[i], plan.entering[i]), own], shape.image(), out);
}

/// Zeroes all but the winners; of equal ones the first wins.
fn silence<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    rows: &[Row<F>],
    scratch: &mut Vec<F>,
    out: &mut [F],
) {
    scratch.resize(out.len(), F::ZERO);
    write(level, plan, 1, rows[1], scratch);
    let channels = plan.shape.channels;
    for (out, potentials) in out.chunks_mut(channels).zip(scratch.chunks(channels)) {
        let winner = (1..channels).fold(0, |best, n| if potentials[n] > potentials[best] { n } else { best });
        out.iter_mut().enumerate().filter(|(n, _)| *n != winner).for_each(|(_, x)| *x = F::ZERO);
    }
}
