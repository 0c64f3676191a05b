//! Sums over nonzero values: `out[l] = Σ_{e in list l} x[l, e] · table[e]`, events ascending. A zero would not change a
//! fused multiply-add, so the bits are those of the dense product.

use super::gather::{End, Gather, Terms, gather};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use crate::spikes::events::EventLists;
use lapicque_base::SimdLevel;
use std::ops::Range;

/// A matrix whose nonzero elements are named by `lists`: element `(l, e)` is at `values[l * list_stride + e *
/// event_stride]`.
#[derive(Clone, Copy)]
pub struct Sparse<'a, F> {
    pub lists: &'a EventLists,
    pub values: &'a [F],
    pub list_stride: usize,
    pub event_stride: usize,
    /// Every event is below this (padding, which never fires, need not have values).
    pub events: usize,
}

/// `out[l][64] (+)= Σ_e x[range.start + l, e] · table[e][64]`; `table = [lists.bound()][64]`. With `accumulate` the
/// sums start from the values in `out`, otherwise from +0. Columns from `width` on (rounded up to 16) are unchanged.
/// Panics if a slice is too short.
pub fn gather_values<F: Element>(
    level: SimdLevel,
    x: Sparse<F>,
    table: &[F],
    range: Range<usize>,
    width: usize,
    out: &mut [F],
    accumulate: bool,
) {
    if range.is_empty() || x.events == 0 {
        return;
    }
    let last = (range.end - 1) * x.list_stride + (x.events - 1) * x.event_stride;
    assert!(last < x.values.len(), "value {last} of {}", x.values.len());
    debug_assert!(range.clone().all(|l| x.lists.list(l).iter().all(|&e| (e as usize) < x.events)));
    let values = x.values.as_ptr();
    let terms = Values { values, list_stride: x.list_stride, event_stride: x.event_stride };
    let end = if accumulate { End::Accumulate } else { End::Nothing };
    gather(level, Gather { terms, table, next: &[], lists: x.lists, range, stride: 1, width, out, end });
}

/// Sums of rows times values.
pub type OfValues<'a, F> = Gather<'a, F, Values<F>>;

/// Element `(l, e)` at `values[l * list_stride + e * event_stride]`.
#[derive(Clone, Copy)]
pub struct Values<F> {
    values: *const F,
    list_stride: usize,
    event_stride: usize,
}

impl<F: Element> Terms<F> for Values<F> {
    const HEAVY: bool = true;

    #[inline(always)]
    unsafe fn add<V: Lanes<F = F>, const N: usize>(
        self,
        sums: &mut Strip<V, N>,
        list: usize,
        event: usize,
        row: *const F,
    ) {
        // SAFETY: by the contract; `gather_values` checked that the values extend to the last event of the last list.
        unsafe {
            let x = *self.values.add(list * self.list_stride + event * self.event_stride);
            sums.mul_add(V::splat(x), &Strip::load(row));
        }
    }
}
