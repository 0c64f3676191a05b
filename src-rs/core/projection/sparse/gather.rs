//! Event-driven sums: `out[l] = Σ_{e in list l} x[l, e] · table[e]`, rows of 64 elements, events ascending, where `x`
//! is 1 for spikes. The forward product sums weight rows over the inputs that fired; the weight gradient sums gradient
//! rows over the rows in which an input fired. Both use this one kernel, as do values that are mostly zero
//! (`gather_values`).

use crate::PANEL;
use crate::instances::Instantiated;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, WIDEST, prefetch, prefetch_lines};
use crate::simd::strip::Strip;
use crate::spikes::events::EventLists;
use crate::spikes::transposed::{SEGMENT, TransposedLists};
use lapicque_base::SimdLevel;
use std::ops::Range;
use std::slice::Chunks;

/// The product of spikes with one panel of weights: `out[r][64] = Σ_i w[i][64] + bias` over the inputs `i` of list
/// `rows.start + r`, ascending. `weights = [lists.bound()][64]`, `bias = [64]`, `out = [rows.len()][64]`. Columns from
/// `width` on (rounded up to 16) are unchanged. Rows `stride` apart are processed consecutively, because similar inputs
/// fire in them (the steps of a sample); this does not change results. Panics if a slice has another length.
#[allow(clippy::too_many_arguments)]
pub fn gather_rows<F: Element>(
    level: SimdLevel,
    weights: &[F],
    lists: &EventLists,
    rows: Range<usize>,
    stride: usize,
    bias: &[F],
    width: usize,
    out: &mut [F],
) {
    assert_eq!(bias.len(), PANEL, "the bias of a panel");
    let end = End::Bias(bias);
    let next = &[];
    gather(level, Gather { terms: Ones, table: weights, next, lists, range: rows, stride, width, out, end });
}

/// The weight gradient of one panel: `dw[i][64] (+)= Σ_r grad[r][64]` over the rows `r` in which input `inputs.start +
/// i` fired, ascending. `grad = [lists.rows()][64]`, `dw = [inputs.len()][64]`; with `accumulate` the sums start from
/// the values in `dw`. Columns from `width` on (rounded up to 16) are unchanged.
pub fn weight_gradient_gather<F: Element>(
    level: SimdLevel,
    grad: &[F],
    lists: &TransposedLists,
    inputs: Range<usize>,
    width: usize,
    dw: &mut [F],
    accumulate: bool,
) {
    assert_eq!(grad.len(), lists.rows() * PANEL, "a gradient panel of {} rows", lists.rows());
    assert_eq!(dw.len(), inputs.len() * PANEL, "weight gradients of {} inputs", inputs.len());
    if lists.rows() == 0 && !accumulate {
        dw.fill(F::ZERO);
    }
    // Segment by segment, so that a segment of the gradient stays in the L2 cache.
    for (s, (segment, table)) in lists.segments().iter().zip(grad.chunks(SEGMENT * PANEL)).enumerate() {
        let end = if accumulate || s > 0 { End::Accumulate } else { End::Nothing };
        let next = grad.chunks(SEGMENT * PANEL).nth(s + 1).unwrap_or_default();
        let events = segment.count() * inputs.len() / segment.len().max(1);
        let next = if prefetching_pays(next, events) { next } else { &[] };
        gather(
            level,
            Gather {
                terms: Ones,
                table,
                next,
                lists: segment,
                range: inputs.clone(),
                stride: 1,
                width,
                out: dw,
                end,
            },
        );
    }
}

pub(crate) fn gather<'a, F: Element, T: Terms<F>>(level: SimdLevel, job: Gather<'a, F, T>)
where
    Gather<'a, F, T>: Instantiated<F>,
{
    let Range { start, end } = job.range;
    assert!(job.stride > 0, "a stride of at least 1");
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

/// The term that an event adds to a sum.
pub trait Terms<F>: Copy {
    /// Whether a term takes more than an addition, so that table rows in L1 are worthwhile even with wide registers.
    const HEAVY: bool;

    /// Adds the term of `event` of list `list`, given its row of the table.
    ///
    /// # Safety
    /// The event is one of the list, the strip lies within the row, and the CPU has the instructions of `V`.
    unsafe fn add<V: Lanes<F = F>, const N: usize>(
        self,
        sums: &mut Strip<V, N>,
        list: usize,
        event: usize,
        row: *const F,
    );
}

/// The row itself.
#[derive(Clone, Copy)]
pub struct Ones;

/// Sums of rows at spikes.
pub type OfSpikes<'a, F> = Gather<'a, F, Ones>;

impl<F> Terms<F> for Ones {
    const HEAVY: bool = false;

    #[inline(always)]
    unsafe fn add<V: Lanes<F = F>, const N: usize>(
        self,
        sums: &mut Strip<V, N>,
        _: usize,
        _: usize,
        row: *const F,
    ) {
        // SAFETY: by the contract.
        unsafe { sums.add_row(row) }
    }
}

#[derive(Clone, Copy)]
pub enum End<'a, F> {
    Nothing,
    /// Sums start from the values in the output.
    Accumulate,
    /// Sums start from +0, and the bias is added last.
    Bias(&'a [F]),
}

pub struct Gather<'a, F, T> {
    pub terms: T,
    pub table: &'a [F],
    /// The table of the next call, which is not in a near cache: its lines are prefetched.
    pub next: &'a [F],
    pub lists: &'a EventLists,
    pub range: Range<usize>,
    /// Lists at this distance resemble each other.
    pub stride: usize,
    pub width: usize,
    pub out: &'a mut [F],
    pub end: End<'a, F>,
}

impl<F: Element, T: Terms<F>> Kernel<F> for Gather<'_, F, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: `gather` checked the shapes, the caller guarantees the instructions.
        unsafe {
            match (V::WIDTH, self.width) {
                (16, ..=16) => self.narrow::<V, 1>(),
                (16, ..=32) => self.at_once::<V, 2>(0),
                // Lists that resemble each other keep their rows in L1 without blocking.
                (16, _) if (T::HEAVY || self.stride == 1) && self.by_steps_pays::<V>() => {
                    self.by_steps::<V, 4>(0)
                }
                (16, _) => self.at_once::<V, 4>(0),
                (8, ..=16) => self.narrow::<V, 2>(),
                (4, ..=16) => self.narrow::<V, 4>(),
                (2, ..=16) => self.narrow::<V, 8>(),
                (8, ..=32) => self.columns::<V, 4>(),
                // Half a row has as many additions in flight as 256-bit registers need, and half as many lines of a
                // table that does not stay in L1.
                (8, _) if size_of_val(self.table) > LARGE_TABLE && !self.by_steps_pays::<V>() => {
                    self.columns::<V, 4>()
                }
                _ => self.columns::<V, 8>(),
            }
        }
    }
}

/// Table rows that are summed over before the next ones if lists are long: 24 KiB stay in L1.
const fn step<F>() -> usize {
    24 * 1024 / (PANEL * size_of::<F>())
}

/// Bytes of a table above which half of its columns at a time are faster.
const LARGE_TABLE: usize = 128 * 1024;

/// Lists whose sums stay in cache while a step of the table is in L1.
const GROUP: usize = 64;

/// Events in a line of the cache.
const LINE: usize = 16;

impl<F: Element, T: Terms<F>> Gather<'_, F, T> {
    /// Storing and loading the sums once per step is worthwhile from about eight events on. If registers are so wide
    /// that a row is four loads, it is worthwhile from ten events on, because these loads come from L2 nearly as fast
    /// as they can be added.
    fn by_steps_pays<V: Lanes>(&self) -> bool {
        let least = if V::WIDTH < WIDEST || T::HEAVY { 8 } else { 10 };
        let capacity = self.lists.len() * self.lists.bound();
        self.lists.count() * step::<F>() >= least * capacity && self.lists.bound() > step::<F>()
    }

    /// Strips of columns, each by one of two methods with the same bits.
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(mut self) {
        let steps = self.by_steps_pays::<V>();
        for column in (0..self.width.min(PANEL)).step_by(Strip::<V, N>::WIDTH) {
            // SAFETY: the strip at `column` lies within a row.
            unsafe {
                if steps {
                    self.by_steps::<V, N>(column);
                } else {
                    self.at_once::<V, N>(column);
                }
            }
        }
    }

    /// The first 16 columns, four lists at a time: the additions of a single list would wait for each other.
    #[inline(always)]
    unsafe fn narrow<V: Lanes<F = F>, const N: usize>(&mut self) {
        debug_assert_eq!(Strip::<V, N>::WIDTH, 16);
        let (table, end) = (self.table.as_ptr(), self.end);
        for (i, out) in self.range.clone().step_by(4).zip(self.out.chunks_mut(4 * PANEL)) {
            let count = out.len() / PANEL;
            let list = |j: usize| if j < count { self.lists.list(i + j) } else { &[] };
            let lists = [list(0), list(1), list(2), list(3)];
            let shared = lists[..count].iter().map(|l| l.len()).min().unwrap_or(0);
            // SAFETY: as in `at_once`.
            unsafe {
                let mut sums = [Strip::<V, N>::splat(F::ZERO); 4];
                for (j, sum) in sums[..count].iter_mut().enumerate() {
                    *sum = start::<V, N>(end, out.as_ptr().add(j * PANEL));
                }
                if count == 4 {
                    for e in 0..shared {
                        for (j, (sum, list)) in sums.iter_mut().zip(&lists).enumerate() {
                            let event = *list.get_unchecked(e) as usize;
                            self.terms.add(sum, i + j, event, table.add(event * PANEL));
                        }
                    }
                }
                let from = if count == 4 { shared } else { 0 };
                for (j, (sum, list)) in sums[..count].iter_mut().zip(&lists).enumerate() {
                    for &event in &list[from..] {
                        let event = event as usize;
                        self.terms.add(sum, i + j, event, table.add(event * PANEL));
                    }
                    if let End::Bias(bias) = end {
                        sum.add_row(bias.as_ptr());
                    }
                    sum.store(out.as_mut_ptr().add(j * PANEL));
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn at_once<V: Lanes<F = F>, const N: usize>(&mut self, column: usize) {
        let out = self.out.as_mut_ptr();
        let mut next = rows_for_each(self.next, self.range.len());
        for first in 0..self.stride.min(self.range.len()) {
            for i in (first..self.range.len()).step_by(self.stride) {
                // SAFETY: `out` has a row for each list of the range, and the strip lies within a row; every event is
                // below `bound`, and the table has `bound` rows (only this crate constructs lists, from bits).
                unsafe {
                    let (out, list) = (out.add(i * PANEL + column), self.range.start + i);
                    let mut sums = start::<V, N>(self.end, out);
                    next.next().into_iter().for_each(prefetch_lines);
                    for &event in self.lists.list(list) {
                        let event = event as usize;
                        let row = self.table.as_ptr().add(event * PANEL + column);
                        self.terms.add(&mut sums, list, event, row);
                    }
                    if let End::Bias(bias) = self.end {
                        sums.add_row(bias.as_ptr().add(column));
                    }
                    sums.store(out);
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn by_steps<V: Lanes<F = F>, const N: usize>(&mut self, column: usize) {
        let mut first = self.range.start;
        for out in self.out.chunks_mut(GROUP * PANEL) {
            let mut next = [std::ptr::null::<u32>(); GROUP];
            let lists = first..first + out.len() / PANEL;
            for (next, i) in next.iter_mut().zip(lists.clone()) {
                *next = self.lists.ended_list(i).as_ptr();
            }
            first = lists.end;
            let mut limit = 0;
            while limit < self.lists.bound() {
                let begin = limit == 0;
                limit += step::<F>();
                for ((out, next), list) in out.chunks_exact_mut(PANEL).zip(&mut next).zip(lists.clone()) {
                    // SAFETY: as in `at_once`; `next` never passes the `END` of its list, because `END` is not below
                    // any limit.
                    unsafe {
                        let out = out.as_mut_ptr().add(column);
                        let end = if begin { self.end } else { End::Accumulate };
                        let mut sums = start::<V, N>(end, out);
                        let mut at = *next;
                        let mut event = *at as usize;
                        while event < limit {
                            let row = self.table.as_ptr().add(event * PANEL + column);
                            self.terms.add(&mut sums, list, event, row);
                            at = at.add(1);
                            event = *at as usize;
                        }
                        *next = at;
                        // No hardware prefetcher follows this number of lists at once.
                        prefetch(at.wrapping_add(LINE));
                        prefetch(at.wrapping_add(2 * LINE));
                        if let (End::Bias(bias), true) = (self.end, limit >= self.lists.bound()) {
                            sums.add_row(bias.as_ptr().add(column));
                        }
                        sums.store(out);
                    }
                }
            }
        }
    }
}

/// Whether a table that is not in a near cache should be prefetched while this number of rows is added: prefetching a
/// row takes about as long as adding one from L2.
pub(super) fn prefetching_pays<F>(table: &[F], events: usize) -> bool {
    events >= 8 * (table.len() / PANEL)
}

/// Whole rows of a table, divided among `lists` lists.
pub(super) fn rows_for_each<F>(table: &[F], lists: usize) -> Chunks<'_, F> {
    table.chunks((table.len() / PANEL).div_ceil(lists.max(1)).max(1) * PANEL)
}

/// The sums before the first event.
#[inline(always)]
unsafe fn start<V: Lanes, const N: usize>(end: End<'_, V::F>, out: *const V::F) -> Strip<V, N> {
    // SAFETY: the caller guarantees the strip at `out` and the instructions of `V`.
    unsafe {
        match end {
            End::Accumulate => Strip::load(out),
            End::Nothing | End::Bias(_) => Strip::splat(V::F::default()),
        }
    }
}
