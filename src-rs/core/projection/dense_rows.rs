//! The dense product for few rows of a map: `[rows][outputs]`, row-major, weights in panels.

use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use super::row::Row;
use super::{PANEL, gemm_panel};
use lapicque_base::SimdLevel;

/// `out[outputs] = Σ_i x_i w_i + bias` for one row, inputs ascending; `bias` is padded to whole
/// panels or empty.
pub fn dense_row<F: Element>(
    level: SimdLevel,
    weights: &[F],
    inputs: usize,
    x: Row<F>,
    bias: &[F],
    out: &mut [F],
) {
    dispatch(level, Product { weights, inputs, x, bias, out });
}

struct Product<'a, F> {
    weights: &'a [F],
    inputs: usize,
    x: Row<'a, F>,
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for Product<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for (panel, out) in self.out.chunks_mut(PANEL).enumerate() {
            let weights = &self.weights[panel * self.inputs * PANEL..][..self.inputs * PANEL];
            let mut sums = [F::ZERO; PANEL];
            let rows = weights.as_chunks::<PANEL>().0;
            match self.x {
                Row::Events(events) => {
                    for &i in events {
                        add_row(F::ONE, &rows[i as usize], &mut sums);
                    }
                }
                Row::Values(values) => {
                    for (&x, row) in values.iter().zip(rows) {
                        add_row(x, row, &mut sums);
                    }
                }
            }
            if let Some(bias) = self.bias.get(panel * PANEL..(panel + 1) * PANEL) {
                sums.iter_mut().zip(bias).for_each(|(sum, &b)| *sum += b);
            }
            out.copy_from_slice(&sums[..out.len()]);
        }
    }
}

/// `sums += x row`
#[inline(always)]
fn add_row<F: Element>(x: F, row: &[F; PANEL], sums: &mut [F; PANEL]) {
    for (sum, &w) in sums.iter_mut().zip(row) {
        *sum = x.mul_add(w, *sum);
    }
}

/// The gradient of what entered one row: `dx[i] = Σ_o g_o w[o][i]`, outputs ascending, with the
/// weights transposed by panels of inputs.
pub fn dense_input_gradient<F: Element>(level: SimdLevel, transposed: &[F], gradient: &[F], dx: &mut [F]) {
    let outputs = gradient.len();
    let mut sums = [F::ZERO; PANEL];
    for (panel, dx) in dx.chunks_mut(PANEL).enumerate() {
        let weights = &transposed[panel * outputs * PANEL..][..outputs * PANEL];
        gemm_panel(level, 1, outputs, gradient, outputs, 1, weights, &mut sums, false);
        dx.copy_from_slice(&sums[..dx.len()]);
    }
}

/// Adds one row's share to the weight gradient of one panel of outputs, `dw = [inputs][64]`;
/// `gradient` is that panel's part of the row.
pub fn dense_weight_gradient<F: Element>(level: SimdLevel, x: Row<F>, gradient: &[F], dw: &mut [F]) {
    dispatch(level, Outer { x, gradient, dw });
}

struct Outer<'a, F> {
    x: Row<'a, F>,
    gradient: &'a [F],
    dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for Outer<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let mut padded = [F::ZERO; PANEL];
        padded[..self.gradient.len()].copy_from_slice(self.gradient);
        let rows = self.dw.as_chunks_mut::<PANEL>().0;
        match self.x {
            Row::Events(events) => {
                for &i in events {
                    add_row(F::ONE, &padded, &mut rows[i as usize]);
                }
            }
            Row::Values(values) => {
                for (&x, dw) in values.iter().zip(rows) {
                    if x != F::ZERO {
                        add_row(x, &padded, dw);
                    }
                }
            }
        }
    }
}
