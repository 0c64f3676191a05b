//! Sums over the values that are not zero: `out[l] = Σ_{e in list l} x[l, e] · table[e]`, events
//! ascending. A zero would add nothing to its fused multiply-add, so the bits are those of the dense
//! product.

use super::PANEL;
use super::dispatch::{Kernel, dispatch};
use super::events::EventLists;
use super::lanes::{Element, Lanes};
use super::strip::Strip;
use lapicque_base::SimdLevel;
use std::ops::Range;

/// A matrix of which `lists` name the elements that are not zero: element `(l, e)` at
/// `values[l * list_stride + e * event_stride]`.
#[derive(Clone, Copy)]
pub struct Sparse<'a, F> {
    pub lists: &'a EventLists,
    pub values: &'a [F],
    pub list_stride: usize,
    pub event_stride: usize,
    /// Every event is below this (padding, which never fires, need not have values).
    pub events: usize,
}

/// `out[l][64] (+)= Σ_e x[range.start + l, e] · table[e][64]`; `table = [lists.bound()][64]`. With
/// `accumulate` the sums start from what `out` holds, else from +0. Columns from `width` on (rounded
/// up to 16) are left alone. Panics if a slice is too short.
pub fn gather_values<F: Element>(
    level: SimdLevel,
    x: Sparse<F>,
    table: &[F],
    range: Range<usize>,
    width: usize,
    out: &mut [F],
    accumulate: bool,
) {
    assert!(range.start <= range.end && range.end <= x.lists.len(), "lists {range:?} of {}", x.lists.len());
    assert_eq!(out.len(), range.len() * PANEL, "sums of lists {range:?}");
    assert_eq!(table.len(), x.lists.bound() * PANEL, "table rows for events below {}", x.lists.bound());
    if range.is_empty() || x.events == 0 {
        return;
    }
    let last = (range.end - 1) * x.list_stride + (x.events - 1) * x.event_stride;
    assert!(last < x.values.len(), "value {last} of {}", x.values.len());
    debug_assert!(range.clone().all(|l| x.lists.list(l).iter().all(|&e| (e as usize) < x.events)));
    dispatch(level, Gather { x, table, range, width, out, accumulate });
}

struct Gather<'a, F> {
    x: Sparse<'a, F>,
    table: &'a [F],
    range: Range<usize>,
    width: usize,
    out: &'a mut [F],
    accumulate: bool,
}

impl<F: Element> Kernel<F> for Gather<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: `gather_values` checked the shapes, the caller vouches for the instructions.
        unsafe {
            match (V::WIDTH, self.width) {
                (16, ..=16) => self.columns::<V, 1>(),
                (16, ..=32) => self.columns::<V, 2>(),
                (16, _) | (_, ..=32) => self.columns::<V, 4>(),
                _ => self.columns::<V, 8>(),
            }
        }
    }
}

impl<F: Element> Gather<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(&mut self) {
        for column in (0..self.width.min(PANEL)).step_by(Strip::<V, N>::WIDTH) {
            for (out, l) in self.out.chunks_exact_mut(PANEL).zip(self.range.clone()) {
                // SAFETY: the strip lies within a row; every event is below `bound`, so the table
                // has its row and the values its element.
                unsafe {
                    let out = out.as_mut_ptr().add(column);
                    let values = self.x.values.as_ptr().add(l * self.x.list_stride);
                    let mut sums =
                        if self.accumulate { Strip::<V, N>::load(out) } else { Strip::splat(F::ZERO) };
                    for &event in self.x.lists.list(l) {
                        let event = event as usize;
                        let row = Strip::load(self.table.as_ptr().add(event * PANEL + column));
                        sums.mul_add(V::splat(*values.add(event * self.x.event_stride)), &row);
                    }
                    sums.store(out);
                }
            }
        }
    }
}
