//! The product of two sources as matrices, `[rows, inner] [inner, columns]`. With `inner` 1 it is the outer product of
//! two vectors.

use crate::definition::{Definition, Fallback, Kind, Param, SourceCount};
use crate::operation::{BackwardInput, KernelContext, Operation, Planned, Rows, Site};
use crate::shape::{MAX_SIZE, Shape};
use lapicque_base::SimdLevel;
use lapicque_base::error::Result;
use lapicque_projection::{Element, Order, Row};

pub struct MatrixProduct {
    rows: usize,
    inner: usize,
    columns: usize,
}

fn axpy<F: Element>(factor: F, x: &[F], y: &mut [F]) {
    y.iter_mut().zip(x).for_each(|(y, &x)| *y = factor.mul_add(x, *y));
}

/// Both sources in the public order, row by row of the batch.
fn matrices<F: Element>(level: SimdLevel, x: &[Rows<F>]) -> [Vec<F>; 2] {
    [0, 1].map(|i| {
        let mut values = vec![F::ZERO; x[i].rows.len() * x[i].shape.elements()];
        x[i].public(level, &mut values);
        values
    })
}

impl Operation for MatrixProduct {
    fn definition() -> Definition {
        let size = |name, meaning| {
            Param::new(name, Kind::Count { min: 1, max: MAX_SIZE }, Fallback::Needed, meaning)
        };
        Definition {
            kind: "matrix-product",
            sources: SourceCount::Exactly(2, "two sources: the matrices"),
            params: vec![
                size("rows", "rows of the first matrix"),
                size("inner", "columns of the first matrix and rows of the second"),
                size("columns", "columns of the second matrix"),
            ],
            keeps_shape: false,
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<Planned<Self>> {
        let [rows, inner, columns] = ["rows", "inner", "columns"].map(|name| site.settings.count(name));
        for ((source, _), [height, width]) in site.sources.iter().zip([[rows, inner], [inner, columns]]) {
            site.check_elements(height.saturating_mul(width), source.elements())?;
        }
        let shape = Shape::flat(rows.saturating_mul(columns));
        Ok(Planned { operation: MatrixProduct { rows, inner, columns }, shape, weights: None })
    }

    /// Sums ascend.
    fn forward<F: Element>(&self, context: &KernelContext<F>, x: &[Rows<F>], out: &mut [F]) {
        let &MatrixProduct { rows, inner, columns } = self;
        let [a, b] = matrices(context.level, x);
        out.fill(F::ZERO);
        let matrices = a.chunks_exact(rows * inner).zip(b.chunks_exact(inner * columns));
        for ((a, b), out) in matrices.zip(out.chunks_exact_mut(rows * columns)) {
            for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                for k in 0..inner {
                    axpy(a[i * inner + k], &b[k * columns..], out);
                }
            }
        }
    }

    fn source_gradient<F: Element>(
        &self,
        context: &KernelContext<F>,
        source: usize,
        backward: &BackwardInput<F>,
        dx: &mut [F],
    ) {
        let &MatrixProduct { rows, inner, columns } = self;
        let [a, b] = matrices(context.level, backward.x);
        let shape = backward.x[source].shape;
        let matrices = a.chunks_exact(rows * inner).zip(b.chunks_exact(inner * columns));
        let gradients =
            backward.gradient.chunks_exact(rows * columns).zip(dx.chunks_exact_mut(shape.elements()));
        for ((a, b), (gradient, dx)) in matrices.zip(gradients) {
            let mut product = vec![F::ZERO; dx.len()];
            for (r, gradient) in gradient.chunks_exact(columns).enumerate() {
                for k in 0..inner {
                    if source == 0 {
                        let terms = gradient.iter().zip(&b[k * columns..]);
                        product[r * inner + k] = terms.fold(F::ZERO, |sum, (&g, &b)| g.mul_add(b, sum));
                    } else {
                        axpy(a[r * inner + k], gradient, &mut product[k * columns..(k + 1) * columns]);
                    }
                }
            }
            let [public, own] = [Order::public(shape.pixels()), Order::of_values(shape.channels)];
            Row::Values(&product).write(context.level, [public, own], shape.image(), dx);
        }
    }
}
