//! Sums and checks over whole buffers, each in one fixed order.

use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// `sums[64] (+)= Σ_r grad[r][64]`, rows ascending: the bias gradient of a panel.
/// Panics if `grad` is not `[rows][64]` or `sums` not `[64]`.
pub fn column_sums<F: Element>(level: SimdLevel, grad: &[F], sums: &mut [F], accumulate: bool) {
    assert!(grad.len().is_multiple_of(PANEL), "a gradient panel has rows of 64");
    assert_eq!(sums.len(), PANEL, "the sums of a panel");
    if !accumulate {
        sums.fill(F::ZERO);
    }
    dispatch(level, ColumnSums { grad, sums });
}

pub struct ColumnSums<'a, F> {
    grad: &'a [F],
    sums: &'a mut [F],
}

/// As `column_sums`, for several sums that may start with different values: two of them at a time, because the rows may
/// not be in cache.
pub fn column_sums_of_all<F: Element>(level: SimdLevel, grad: &[F], sums: &mut [&mut [F]]) {
    assert!(grad.len().is_multiple_of(PANEL), "a gradient panel has rows of 64");
    for pair in sums.chunks_mut(2) {
        match pair {
            [first, second] => {
                assert_eq!([first.len(), second.len()], [PANEL; 2], "the sums of a panel");
                dispatch(level, TwoColumnSums { grad, first, second });
            }
            others => others.iter_mut().for_each(|sums| column_sums(level, grad, sums, true)),
        }
    }
}

pub struct TwoColumnSums<'a, F> {
    grad: &'a [F],
    first: &'a mut [F],
    second: &'a mut [F],
}

impl<F: Element> Kernel<F> for TwoColumnSums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let mut acc = [[F::ZERO; PANEL]; 2];
        acc[0].copy_from_slice(self.first);
        acc[1].copy_from_slice(self.second);
        for row in self.grad.chunks_exact(PANEL) {
            for acc in &mut acc {
                for (sum, value) in acc.iter_mut().zip(row) {
                    *sum += *value;
                }
            }
        }
        self.first.copy_from_slice(&acc[0]);
        self.second.copy_from_slice(&acc[1]);
    }
}

impl<F: Element> Kernel<F> for ColumnSums<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let mut acc = [F::ZERO; PANEL];
        acc.copy_from_slice(self.sums);
        for row in self.grad.chunks_exact(PANEL) {
            for (sum, value) in acc.iter_mut().zip(row) {
                *sum += *value;
            }
        }
        self.sums.copy_from_slice(&acc);
    }
}

/// Elements of a chunk of `squares_of_chunks`.
pub const SQUARES_CHUNK: usize = 4096;

/// The sum of squares of each chunk of `SQUARES_CHUNK` elements, in f64: sixteen interleaved sums, then a tree of them.
/// Threads may process whole chunks; the total is the sum of all chunks in order. Panics unless there is one partial
/// sum per chunk.
pub fn squares_of_chunks<F: Element>(level: SimdLevel, x: &[F], partial: &mut [f64]) {
    assert_eq!(partial.len(), x.len().div_ceil(SQUARES_CHUNK), "partial sums of {} elements", x.len());
    dispatch(level, Squares { x, partial });
}

/// The sum of squares of a whole buffer, in the order of `squares_of_chunks`.
pub fn sum_of_squares<F: Element>(level: SimdLevel, x: &[F]) -> f64 {
    let mut total = 0.0;
    for chunk in x.chunks(SQUARES_CHUNK) {
        let mut partial = [0.0];
        squares_of_chunks(level, chunk, &mut partial);
        total += partial[0];
    }
    total
}

pub struct Squares<'a, F> {
    x: &'a [F],
    partial: &'a mut [f64],
}

impl<F: Element> Kernel<F> for Squares<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        for (partial, chunk) in self.partial.iter_mut().zip(self.x.chunks(SQUARES_CHUNK)) {
            let mut sums = [0.0f64; 16];
            let (groups, tail) = chunk.as_chunks::<16>();
            for group in groups {
                for i in 0..16 {
                    let value = group[i].to_f64();
                    sums[i] += value * value;
                }
            }
            // A copy, so that the sums above are never indexed by a variable and stay in registers.
            let mut total = sums;
            for (sum, value) in total.iter_mut().zip(tail) {
                let value = value.to_f64();
                *sum += value * value;
            }
            for half in [8, 4, 2, 1] {
                for i in 0..half {
                    total[i] += total[i + half];
                }
            }
            *partial = total[0];
        }
    }
}

/// Whether all elements are 0; stops at the first 64 that contain another value.
pub fn is_zero<F: Element>(x: &[F]) -> bool {
    x.chunks(64).all(|chunk| chunk.iter().fold(true, |zero, &x| zero & (x == F::ZERO)))
}

/// The index of the first element that is NaN or infinite, if any.
pub fn first_non_finite<F: Element>(level: SimdLevel, x: &[F]) -> Option<usize> {
    let chunk = dispatch(level, Finite { x })?;
    let first = chunk * FINITE_CHUNK;
    x[first..].iter().position(|value| !value.is_finite()).map(|i| first + i)
}

/// Whether no element is NaN or of a magnitude above `limit`.
pub fn all_within<F: Element>(level: SimdLevel, x: &[F], limit: F) -> bool {
    dispatch(level, Within { x, limit })
}

pub struct Within<'a, F> {
    x: &'a [F],
    limit: F,
}

impl<F: Element> Kernel<F> for Within<'_, F> {
    type Output = bool;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> bool {
        let limit = self.limit;
        let beyond = |x: F| if (x <= limit) & (x >= -limit) { F::ZERO } else { F::ONE };
        self.x.chunks(FINITE_CHUNK).all(|chunk| {
            // Numbers as wide as the elements: booleans would be packed into bytes, which costs more than the
            // comparisons.
            let (groups, tail) = chunk.as_chunks::<32>();
            let mut count = [F::ZERO; 32];
            for group in groups {
                for (count, &x) in count.iter_mut().zip(group) {
                    *count += beyond(x);
                }
            }
            tail.iter().all(|&x| beyond(x) == F::ZERO) && is_zero(&count)
        })
    }
}

const FINITE_CHUNK: usize = 1024;

pub struct Finite<'a, F> {
    x: &'a [F],
}

impl<F: Element> Kernel<F> for Finite<'_, F> {
    type Output = Option<usize>;

    /// The first chunk with a value out of range.
    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) -> Option<usize> {
        for (i, chunk) in self.x.chunks(FINITE_CHUNK).enumerate() {
            // Without a branch, so that the compiler vectorizes the loop.
            let bad = chunk.iter().fold(false, |bad, value| bad | !value.is_finite());
            if bad {
                return Some(i);
            }
        }
        None
    }
}
