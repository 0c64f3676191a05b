//! The dense product for a row of an operation, `[outputs]`, and the weight gradient from spikes or few values.

use crate::PANEL;
use crate::layouts::row::Row;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
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

pub struct Product<'a, F> {
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

/// The nonzero inputs of one row: ascending indices, and the values of all inputs; without values, they are spikes.
#[derive(Debug, Clone, Copy)]
pub struct Fired<'a, F> {
    pub events: &'a [u32],
    pub values: Option<&'a [F]>,
}

/// Adds the contributions of some rows, ascending, to the weight gradient of one panel of outputs, `dw = [inputs][64]`
/// for the inputs from `first` on; `gradient = [rows][64]`. Panics unless the gradient has a row for each input row.
pub fn dense_weight_gradient<F: Element>(
    level: SimdLevel,
    rows: &[Fired<F>],
    gradient: &[F],
    first: usize,
    dw: &mut [F],
) {
    assert_eq!(gradient.len(), rows.len() * PANEL, "a gradient panel of {} rows", rows.len());
    dispatch(level, Outer { rows, gradient, first, dw });
}

pub struct Outer<'a, F> {
    rows: &'a [Fired<'a, F>],
    gradient: &'a [F],
    first: usize,
    dw: &'a mut [F],
}

/// Inputs whose gradients stay in L1 over all rows.
const NEAR_INPUTS: usize = 64;

impl<F: Element> Kernel<F> for Outer<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let before = |row: &Fired<F>| row.events.partition_point(|&i| (i as usize) < self.first);
        let mut done: Vec<usize> = self.rows.iter().map(before).collect();
        let blocks = self.dw.as_chunks_mut::<PANEL>().0.chunks_mut(NEAR_INPUTS);
        for (first, dw) in (self.first..).step_by(NEAR_INPUTS).zip(blocks) {
            let rows = self.rows.iter().zip(self.gradient.as_chunks::<PANEL>().0);
            for ((row, gradient), done) in rows.zip(&mut done) {
                while let Some(dw) = row.events.get(*done).and_then(|&i| dw.get_mut(i as usize - first)) {
                    let x = row.values.map_or(F::ONE, |values| values[row.events[*done] as usize]);
                    add_row(x, gradient, dw);
                    *done += 1;
                }
            }
        }
    }
}
