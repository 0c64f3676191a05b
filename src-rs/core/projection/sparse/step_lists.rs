//! For each input the rows in which it fired, sample by sample, for sparse spikes.

use super::gather::{prefetching_pays, rows_for_each};
use super::steps::{GROUP, Span, histories};
use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes, prefetch_lines};
use crate::simd::strip::Strip;
use crate::spikes::positions::{SLACK, append};
use crate::spikes::transposed::SEGMENT;
use lapicque_base::{Result, SimdLevel, memory};
use std::ops::Range;

/// Lists of events, `2 * row + 1` for the last row of a group and `2 * row` for one before it.
#[derive(Debug, Clone, Default)]
pub struct StepLists {
    segments: Vec<Segment>,
}

/// Whole spans of about `SEGMENT` rows, so that their gradient stays in the L2 cache while all lists are summed over
/// it. The lists count rows from `rows.start`.
#[derive(Debug, Clone, Default)]
struct Segment {
    rows: Range<usize>,
    spans: Vec<Span>,
    /// One per panel of inputs.
    panels: Vec<Lists>,
}

#[derive(Debug, Clone)]
pub struct Lists {
    /// List `j` is `events[ends[j]..ends[j + 1]]`; data after the last list are left from an earlier use.
    ends: [u32; PANEL + 1],
    events: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Lists { ends: [0; PANEL + 1], events: vec![] }
    }
}

impl StepLists {
    /// Segments for these spans of tiles of `tile` samples; their lists must still be filled.
    pub fn prepare(&mut self, spans: &[Span], tile: usize, panels: usize) {
        let mut count = 0;
        for &span in spans {
            let end = span.first + span.steps * tile;
            let last = &mut self.segments[..count].last_mut();
            match last {
                Some(segment) if end - segment.rows.start <= SEGMENT => {
                    segment.rows.end = end;
                    segment.spans.push(span);
                }
                _ => {
                    if count == self.segments.len() {
                        self.segments.push(Segment::default());
                    }
                    let segment = &mut self.segments[count];
                    segment.rows = span.first..end;
                    segment.spans.clear();
                    segment.spans.push(span);
                    segment.panels.resize_with(panels, Lists::default);
                    count += 1;
                }
            }
        }
        self.segments.truncate(count);
    }

    /// The arguments for calls of `fill`, in any order: the spans, the panel, its lists.
    pub fn work(&mut self) -> Vec<(&[Span], usize, &mut Lists)> {
        let of = |segment| {
            let Segment { spans, panels, .. }: &mut Segment = segment;
            let spans = &spans[..];
            panels.iter_mut().enumerate().map(move |(p, lists)| (spans, p, lists))
        };
        self.segments.iter_mut().flat_map(of).collect()
    }

    /// `words`: the panel's bits by row.
    pub fn fill(
        lists: &mut Lists,
        level: SimdLevel,
        words: &[u64],
        mask: u64,
        spans: &[Span],
        tile: usize,
    ) -> Result<()> {
        dispatch(level, Fill { lists, words, mask, spans, tile })
    }
}

pub struct Fill<'a> {
    lists: &'a mut Lists,
    words: &'a [u64],
    mask: u64,
    spans: &'a [Span],
    tile: usize,
}

impl Kernel<f32> for Fill<'_> {
    type Output = Result<()>;

    #[inline(always)]
    unsafe fn run<V: Lanes<F = f32>>(self) -> Result<()> {
        let Fill { lists: Lists { ends, events }, words, mask, spans, tile } = self;
        let start = spans[0].first;
        let rows = words[start..].iter().take(spans.iter().map(|span| span.steps * tile).sum());
        let count: usize = rows.map(|word| (word & mask).count_ones() as usize).sum();
        let capacity = count + SLACK;
        if events.len() < capacity {
            let more = capacity - events.len();
            events.try_reserve(more).map_err(|_| memory::refused::<u32>("the lists of spikes", capacity))?;
            events.resize(capacity, 0);
        }
        let (mut firsts, mut squares) = (Vec::new(), Vec::new());
        for &span in spans {
            for sample in (0..tile).step_by(2) {
                firsts.push((span.first - start + sample) as u32);
                squares.push(histories(words, span, tile, sample, mask));
            }
        }
        // First the bit and its square, without a branch for each input; rows in a second pass.
        let mut len = 0;
        for (j, end) in ends[1..].iter_mut().enumerate() {
            for (s, square) in squares.iter().enumerate() {
                // SAFETY: the bits of all squares are those that were counted, and the slack comes after them.
                len += unsafe { append::<V>(events.as_mut_ptr().add(len), square[j], (s * PANEL) as u32) };
            }
            *end = len as u32;
        }
        for list in ends.windows(2) {
            let events = &mut events[list[0] as usize..list[1] as usize];
            for i in 0..events.len() {
                let at = events[i];
                // The last of a group of four steps: the next event is of another sample or group.
                let last = events.get(i + 1).is_none_or(|next| next / GROUP as u32 != at / GROUP as u32);
                let row = firsts[at as usize / PANEL] + at % 32 * tile as u32 + at / 32 % 2;
                events[i] = 2 * row + u32::from(last);
            }
        }
        Ok(())
    }
}

/// Adds the gradients of the inputs `inputs`, which begin at a panel, to `dw = [inputs.len()][64]`.
pub struct SumLists<'a, F> {
    pub grad: &'a [F],
    pub lists: &'a StepLists,
    pub inputs: Range<usize>,
    pub width: usize,
    pub dw: &'a mut [F],
}

impl<F: Element> Kernel<F> for SumLists<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(mut self) {
        // SAFETY: `step_gradient` checked the shapes, the caller guarantees the instructions.
        unsafe {
            match (V::WIDTH, self.width) {
                (16, ..=16) => self.columns::<V, 1>(),
                (16, ..=32) | (8, ..=16) => self.columns::<V, 2>(),
                // With half a row of 256-bit registers, as many remain for the sums of groups.
                _ => self.columns::<V, 4>(),
            }
        }
    }
}

impl<F: Element> SumLists<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(&mut self) {
        let segments = &self.lists.segments;
        for (s, Segment { rows, panels, .. }) in segments.iter().enumerate() {
            let table = self.grad[rows.start * PANEL..rows.end * PANEL].as_ptr();
            let next = segments.get(s + 1).map_or(0..0, |next| next.rows.clone());
            let next = &self.grad[next.start * PANEL..next.end * PANEL];
            let own = &panels[self.inputs.start / PANEL..self.inputs.end.div_ceil(PANEL)];
            let events = own.iter().map(|lists| lists.ends[PANEL] as usize).sum();
            let next = if prefetching_pays(next, events) { next } else { &[] };
            let mut next = rows_for_each(next, self.inputs.len());
            for column in (0..self.width.min(PANEL)).step_by(Strip::<V, N>::WIDTH) {
                for (i, dw) in self.inputs.clone().zip(self.dw.chunks_exact_mut(PANEL)) {
                    let Lists { ends, events } = &panels[i / PANEL];
                    let j = i % PANEL;
                    // The row is not in a near cache, and no hardware prefetcher follows lists.
                    next.next().into_iter().for_each(prefetch_lines);
                    let mut events = events[ends[j] as usize..ends[j + 1] as usize].iter();
                    // SAFETY: the strip at `column` lies within a row, and every event is a row of its segment (only
                    // this module constructs lists).
                    unsafe {
                        let to = dw.as_mut_ptr().add(column);
                        let row = |event: u32| table.add((event >> 1) as usize * PANEL + column);
                        let mut sum = Strip::<V, N>::load(to);
                        while let Some(&event) = events.next() {
                            if event & 1 == 1 {
                                sum.add_row(row(event));
                                continue;
                            }
                            let mut group = Strip::<V, N>::load(row(event));
                            for &event in events.by_ref() {
                                group.add_row(row(event));
                                if event & 1 == 1 {
                                    break;
                                }
                            }
                            sum.add(&group);
                        }
                        sum.store(to);
                    }
                }
            }
        }
    }
}
