//! Filters over time and mixtures on whole rows of elements, where all elements share one weight: they vectorize over
//! elements, and in the weight gradient over the rows that a weight reaches. Sums have the order of `temporal`.

use super::temporal::Line;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Elements, or weights, that are summed at a time.
const AT_ONCE: usize = 32;

/// Adds the values of a row to the rows that it reaches.
pub(crate) fn spread<F: Element>(level: SimdLevel, x: &[F], line: Line, weights: &[F], rows: &mut [F]) {
    dispatch(level, Spread { x, line, weights, rows });
}

pub struct Spread<'a, F> {
    x: &'a [F],
    line: Line,
    weights: &'a [F],
    rows: &'a mut [F],
}

impl<F: Element> Kernel<F> for Spread<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let reached = self.rows.chunks_exact_mut(self.x.len()).skip(self.line.row);
        for (k, row) in reached.take(self.line.count).enumerate() {
            let weight = self.weights[self.line.weight(k)];
            row.iter_mut().zip(self.x).for_each(|(sum, &x)| *sum += x * weight);
        }
    }
}

/// The gradient of a row from those of the rows that it reached.
pub(crate) fn input_gradient<F: Element>(
    level: SimdLevel,
    rows: &[F],
    line: Line,
    weights: &[F],
    dx: &mut [F],
) {
    dispatch(level, InputGradient { rows, line, weights, dx });
}

pub struct InputGradient<'a, F> {
    rows: &'a [F],
    line: Line,
    weights: &'a [F],
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for InputGradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let size = self.dx.len();
        for (first, dx) in (0..).step_by(AT_ONCE).zip(self.dx.chunks_mut(AT_ONCE)) {
            let mut sums = [F::ZERO; AT_ONCE];
            for k in 0..self.line.count {
                let weight = self.weights[self.line.weight(k)];
                let row = &self.rows[(self.line.row + k) * size + first..][..dx.len()];
                sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += weight * x);
            }
            dx.copy_from_slice(&sums[..dx.len()]);
        }
    }
}

/// The rows of a sample by element, `[element][row]`, with padding for register elements without a row.
pub struct ByElement<F> {
    values: Vec<F>,
    rows: usize,
}

impl<F: Element> ByElement<F> {
    /// `offset`: offset of each of the `size` elements in a row.
    pub fn new(rows: &[F], size: usize, offset: impl Fn(usize) -> usize) -> Self {
        let count = rows.len() / size;
        let mut values = Vec::with_capacity(rows.len() + AT_ONCE);
        for at in (0..size).map(offset) {
            values.extend((0..count).map(|row| rows[row * size + at]));
        }
        values.resize(rows.len() + AT_ONCE, F::ZERO);
        ByElement { values, rows: count }
    }
}

/// Adds the weight gradient of a line, elements ascending; `line.row` counts from the first row.
pub(crate) fn weight_gradient<F: Element>(
    level: SimdLevel,
    inputs: &[(u32, F)],
    line: Line,
    by_element: &ByElement<F>,
    dw: &mut [F],
) {
    dispatch(level, WeightGradient { inputs, line, by_element, dw });
}

pub struct WeightGradient<'a, F> {
    inputs: &'a [(u32, F)],
    line: Line,
    by_element: &'a ByElement<F>,
    dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for WeightGradient<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let WeightGradient { inputs, line, by_element, dw } = self;
        for first in (0..line.count).step_by(AT_ONCE) {
            let count = AT_ONCE.min(line.count - first);
            let mut sums = [F::ZERO; AT_ONCE];
            for (k, sum) in sums[..count].iter_mut().enumerate() {
                *sum = dw[line.weight(first + k)];
            }
            // A local variable that is never indexed by a variable, so it stays in registers.
            let mut all = sums;
            for &(element, x) in inputs {
                let rows =
                    &by_element.values[element as usize * by_element.rows + line.row + first..][..AT_ONCE];
                all.iter_mut().zip(rows).for_each(|(sum, &row)| *sum += x * row);
            }
            sums = all;
            for (k, &sum) in sums[..count].iter().enumerate() {
                dw[line.weight(first + k)] = sum;
            }
        }
    }
}
