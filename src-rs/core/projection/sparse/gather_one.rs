//! The event-driven product of a single row with row-major weights, for a streaming session.

use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;

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

/// Rows that are added in one pass over the sums. Each is read in the order of memory, which the processor fetches ahead; strips of
/// 256 columns one after the other, with the sums in registers, took 2 to 5 times as long where the weights are not in the caches.
const ROWS: usize = 8;

pub struct GatherOne<'a, F> {
    weights: &'a [F],
    active: &'a [u32],
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for GatherOne<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let n = self.out.len();
        let out = self.out.as_mut_ptr();
        let last = self.active.len().div_ceil(ROWS).max(1) - 1;
        for pass in 0..=last {
            let rows = &self.active[pass * ROWS..self.active.len().min((pass + 1) * ROWS)];
            for column in (0..n).step_by(Strip::<V, 4>::WIDTH) {
                // SAFETY: `gather_one` checked that each active input has a row of `n` weights and that bias and sums have `n` columns;
                // `n` is a multiple of 64, and so of a strip.
                unsafe {
                    let mut sums = match pass {
                        0 => Strip::<V, 4>::splat(F::ZERO),
                        _ => Strip::load(out.add(column)),
                    };
                    for &row in rows {
                        sums.add_row(self.weights.as_ptr().add(row as usize * n + column));
                    }
                    if pass == last {
                        sums.add_row(self.bias.as_ptr().add(column));
                    }
                    sums.store(out.add(column));
                }
            }
        }
    }
}
