//! Event-driven sums: `out[l] = Σ_{e in list l} table[e]`, rows of 64 lanes, events ascending.
//! The forward product sums weight rows over the inputs that fired; the weight gradient sums
//! gradient rows over the rows in which an input fired. Both are this one kernel.

use super::PANEL;
use super::dispatch::{Kernel, dispatch};
use super::events::{EventLists, SEGMENT, TransposedLists};
use super::lanes::{Element, Lanes};
use crate::SimdLevel;
use std::ops::Range;

/// The product of spikes with one panel of weights: `out[r][64] = Σ_i w[i][64] + bias` over the
/// inputs `i` of list `rows.start + r`, ascending. `weights = [lists.bound()][64]`, `bias = [64]`,
/// `out = [rows.len()][64]`. Panics if a slice has another length.
pub fn gather_rows<F: Element>(
    level: SimdLevel,
    weights: &[F],
    lists: &EventLists,
    rows: Range<usize>,
    bias: &[F],
    out: &mut [F],
) {
    assert_eq!(bias.len(), PANEL, "the bias of a panel");
    gather(level, Gather { table: weights, lists, range: rows, out, end: End::Bias(bias) });
}

/// The weight gradient of one panel: `dw[i][64] (+)= Σ_r grad[r][64]` over the rows `r` in which
/// input `inputs.start + i` fired, ascending. `grad = [lists.rows()][64]`,
/// `dw = [inputs.len()][64]`; with `accumulate` the sums start from what `dw` holds.
pub fn weight_gradient_gather<F: Element>(
    level: SimdLevel,
    grad: &[F],
    lists: &TransposedLists,
    inputs: Range<usize>,
    dw: &mut [F],
    accumulate: bool,
) {
    assert_eq!(grad.len(), lists.rows() * PANEL, "a gradient panel of {} rows", lists.rows());
    assert_eq!(dw.len(), inputs.len() * PANEL, "weight gradients of {} inputs", inputs.len());
    if lists.rows() == 0 && !accumulate {
        dw.fill(F::ZERO);
    }
    // Segment after segment, so that a segment of the gradient stays in the L2 cache.
    for (s, (segment, table)) in lists.segments().iter().zip(grad.chunks(SEGMENT * PANEL)).enumerate() {
        let end = if accumulate || s > 0 { End::Accumulate } else { End::Nothing };
        gather(level, Gather { table, lists: segment, range: inputs.clone(), out: dw, end });
    }
}

fn gather<F: Element>(level: SimdLevel, job: Gather<'_, F>) {
    let Range { start, end } = job.range;
    assert!(start <= end && end <= job.lists.len(), "lists {start}..{end} of {}", job.lists.len());
    assert_eq!(job.out.len(), (end - start) * PANEL, "sums of lists {start}..{end}");
    assert_eq!(
        job.table.len(),
        job.lists.bound() * PANEL,
        "table rows for events below {}",
        job.lists.bound()
    );
    dispatch(level, job);
}

#[derive(Clone, Copy)]
enum End<'a, F> {
    Nothing,
    /// Sums start from what the output holds.
    Accumulate,
    /// Sums start from +0 and the bias is added last.
    Bias(&'a [F]),
}

struct Gather<'a, F> {
    table: &'a [F],
    lists: &'a EventLists,
    range: Range<usize>,
    out: &'a mut [F],
    end: End<'a, F>,
}

impl<F: Element> Kernel<F> for Gather<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: `gather` checked the shapes, the caller vouches for the instructions.
        unsafe { if V::WIDTH == 16 { self.sum::<V, 4>() } else { self.sum::<V, 8>() } }
    }
}

impl<F: Element> Gather<'_, F> {
    /// `N` registers of neighbouring columns at a time.
    #[inline(always)]
    unsafe fn sum<V: Lanes<F = F>, const N: usize>(self) {
        for (out, i) in self.out.chunks_exact_mut(PANEL).zip(self.range) {
            let events = self.lists.list(i);
            let mut column = 0;
            while column < PANEL {
                // SAFETY: `column` and `N` registers lie within a row of 64; every event is below
                // `bound`, and the table has `bound` rows (the lists are made by us from bits).
                unsafe {
                    let mut acc = [V::splat(F::ZERO); N];
                    let out = out.as_mut_ptr().add(column);
                    if let End::Accumulate = self.end {
                        for j in 0..N {
                            acc[j] = V::load(out.add(j * V::WIDTH));
                        }
                    }
                    let table = self.table.as_ptr().add(column);
                    for &event in events {
                        let row = table.add(event as usize * PANEL);
                        for j in 0..N {
                            acc[j] = acc[j].add(V::load(row.add(j * V::WIDTH)));
                        }
                    }
                    if let End::Bias(bias) = self.end {
                        for j in 0..N {
                            acc[j] = acc[j].add(V::load(bias.as_ptr().add(column + j * V::WIDTH)));
                        }
                    }
                    for j in 0..N {
                        acc[j].store(out.add(j * V::WIDTH));
                    }
                }
                column += N * V::WIDTH;
            }
        }
    }
}

/// One row over all panels, for a session that streams: `out[n_pad] = Σ_i w[i][n_pad] + bias` over
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

struct GatherOne<'a, F> {
    weights: &'a [F],
    active: &'a [u32],
    bias: &'a [F],
    out: &'a mut [F],
}

impl<F: Element> Kernel<F> for GatherOne<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        let n = self.out.len();
        let mut column = 0;
        // SAFETY: `gather_one` checked that each active input has a row of `n` weights and that
        // bias and sums have `n` columns; `n` is a multiple of 64, so the steps end at `n`.
        unsafe {
            while column < n {
                let step = if V::WIDTH == 16 && n - column >= 256 { 256 } else { PANEL };
                if step == 256 {
                    self.columns::<V, 16>(column);
                } else if V::WIDTH == 16 {
                    self.columns::<V, 4>(column);
                } else {
                    let mut inner = column;
                    while inner < column + PANEL {
                        self.columns::<V, 8>(inner);
                        inner += 8 * V::WIDTH;
                    }
                }
                column += step;
            }
        }
    }
}

impl<F: Element> GatherOne<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(&mut self, column: usize) {
        // SAFETY: as in `run`.
        unsafe {
            let n = self.out.len();
            let mut acc = [V::splat(F::ZERO); N];
            let table = self.weights.as_ptr().add(column);
            for &i in self.active {
                let row = table.add(i as usize * n);
                for j in 0..N {
                    acc[j] = acc[j].add(V::load(row.add(j * V::WIDTH)));
                }
            }
            let out = self.out.as_mut_ptr().add(column);
            for j in 0..N {
                let bias = V::load(self.bias.as_ptr().add(column + j * V::WIDTH));
                acc[j].add(bias).store(out.add(j * V::WIDTH));
            }
        }
    }
}
