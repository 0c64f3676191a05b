//! The event-driven product of a single row with row-major weights, for a streaming session.

use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;
use std::ops::Range;

/// One row over all panels: `out[n_pad] = Σ_i w[i][n_pad] + bias` over
/// the ascending inputs `active`. `weights = [inputs][n_pad]` (`to_rowmajor_inputs`), `n_pad` a
/// multiple of 64. The same bits as `gather_rows`. Panics if an input is out of range.
pub fn gather_one<F: Element>(
    level: SimdLevel,
    weights: &[F],
    n_pad: usize,
    active: &[u32],
    bias: &[F],
    out: &mut [F],
) {
    assert!(n_pad > 0 && n_pad.is_multiple_of(PANEL), "{n_pad} columns are not whole panels");
    assert_eq!(bias.len(), n_pad, "the bias of {n_pad} columns");
    assert_eq!(out.len(), n_pad, "the sums of {n_pad} columns");
    let inputs = weights.len() / n_pad;
    let largest = active.iter().copied().max().map_or(0, |i| i as usize + 1);
    assert!(largest <= inputs, "an active input is not below {inputs}");
    dispatch(level, GatherOne { weights, active, bias, out });
}

/// Events between prefetching a row and adding it.
const PREFETCH_DISTANCE: usize = 4;

pub struct GatherOne<'a, F> {
    weights: &'a [F],
    active: &'a [u32],
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for GatherOne<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: `gather_one` checked that each active input has a row of `n` weights and that
        // bias and sums have `n` columns; `n` is a multiple of 64, and so of every strip.
        unsafe {
            if V::WIDTH == 16 {
                let wide = self.out.len() / 256 * 256;
                self.columns::<V, 16>(0..wide);
                self.columns::<V, 4>(wide..self.out.len());
            } else {
                self.columns::<V, 8>(0..self.out.len());
            }
        }
    }
}

impl<F: Element> GatherOne<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(&mut self, columns: Range<usize>) {
        let n = self.out.len();
        for column in columns.step_by(Strip::<V, N>::WIDTH) {
            // SAFETY: as in `run`.
            unsafe {
                let mut sums = Strip::<V, N>::splat(F::ZERO);
                for (e, &i) in self.active.iter().enumerate() {
                    if let Some(&upcoming) = self.active.get(e + PREFETCH_DISTANCE) {
                        let row = self.weights.as_ptr().wrapping_add(upcoming as usize * n + column);
                        for line in (0..Strip::<V, N>::WIDTH).step_by(64 / size_of::<F>()) {
                            prefetch(row.wrapping_add(line));
                        }
                    }
                    sums.add_row(self.weights.as_ptr().add(i as usize * n + column));
                }
                sums.add_row(self.bias.as_ptr().add(column));
                sums.store(self.out.as_mut_ptr().add(column));
            }
        }
    }
}
