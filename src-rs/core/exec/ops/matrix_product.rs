//! The product of two sources as matrices, `[rows, inner] [inner, columns]`: with `inner` 1 the outer
//! product of two vectors.

use crate::network::sources::order_of;
use lapicque_base::SimdLevel;
use lapicque_graph::MapPlan;
use lapicque_projection::{Element, Order, Row};

/// `[rows, inner, columns]`
pub(crate) type Sizes = [usize; 3];

/// One row, `[rows][columns]`; sums ascend.
pub(crate) fn matrix_product<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    sizes: Sizes,
    rows: &[Row<F>],
    out: &mut [F],
) {
    let [a, b] = matrices(level, plan, rows);
    let [_, inner, columns] = sizes;
    out.fill(F::ZERO);
    for (i, out) in out.chunks_mut(columns).enumerate() {
        for k in 0..inner {
            axpy(a[i * inner + k], &b[k * columns..], out);
        }
    }
}

/// The gradient of source `i` at one row, in that source's order.
pub(crate) fn matrix_product_gradient<F: Element>(
    level: SimdLevel,
    plan: &MapPlan,
    sizes: Sizes,
    i: usize,
    rows: &[Row<F>],
    gradient: &[F],
    dx: &mut [F],
) {
    let [a, b] = matrices(level, plan, rows);
    let [_, inner, columns] = sizes;
    let mut product = vec![F::ZERO; dx.len()];
    for (r, gradient) in gradient.chunks(columns).enumerate() {
        for k in 0..inner {
            if i == 0 {
                let terms = gradient.iter().zip(&b[k * columns..]);
                product[r * inner + k] = terms.fold(F::ZERO, |sum, (&g, &b)| g.mul_add(b, sum));
            } else {
                axpy(a[r * inner + k], gradient, &mut product[k * columns..(k + 1) * columns]);
            }
        }
    }
    let entering = plan.entering[i];
    let to = order_of(plan.sources[i], entering);
    let public = Order::public(entering.pixels());
    Row::Values(&product).write(level, [public, to], entering.image(), dx);
}

fn axpy<F: Element>(factor: F, x: &[F], y: &mut [F]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = factor.mul_add(x, *y));
}

/// Both sources in the public order.
fn matrices<F: Element>(level: SimdLevel, plan: &MapPlan, rows: &[Row<F>]) -> [Vec<F>; 2] {
    [0, 1].map(|i| {
        let entering = plan.entering[i];
        let mut values = vec![F::ZERO; entering.elements()];
        let from = order_of(plan.sources[i], entering);
        let public = Order::public(entering.pixels());
        rows[i].write(level, [from, public], entering.image(), &mut values);
        values
    })
}
