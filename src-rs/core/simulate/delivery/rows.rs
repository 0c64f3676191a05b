//! The synapses of a partition by source: a row for each source, sorted by delay, so that synapses with the same
//! arrival are contiguous.

use super::calendar::Calendar;
use crate::representation::spike::Spike;
use crate::representation::synapse_format::QUAD;
use crate::representation::synapse_format::Synapse;
use lapicque_base::cache::prefetch;
use lapicque_base::simd::SimdLevel;
use std::sync::Arc;

/// Synapses of a row with the same delay.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    pub delay: u16,
    pub count: u16,
}

pub struct Rows<Y> {
    pub quads: Vec<[Y; QUAD]>,
    /// Number of synapses, without padding.
    pub synapses: u64,
    /// By source: its first quad and its first segment; one entry more at the end.
    pub first: Vec<(u32, u32)>,
    pub segments: Vec<Segment>,
}

impl<Y> Rows<Y> {
    /// The first quad of a source's row, and its segments.
    #[inline]
    pub fn row(&self, source: usize) -> (u32, &[Segment]) {
        let (quad, segment) = self.first[source];
        (quad, &self.segments[segment as usize..self.first[source + 1].1 as usize])
    }

    /// Prefetches the entry of a source in `first`.
    #[inline]
    pub fn prefetch_offset(&self, source: usize) {
        prefetch(&self.first[source]);
    }

    /// Prefetches the segments of a source.
    #[inline]
    pub fn prefetch_segments(&self, source: usize) {
        /// Segments of a cache line.
        const LINE: usize = 64 / size_of::<Segment>();
        let (_, segments) = self.row(source);
        segments.iter().step_by(LINE).chain(segments.last()).for_each(|segment| prefetch(segment));
    }

    /// Prefetches a quad.
    #[inline]
    pub fn prefetch_segment(&self, source: usize, segment: usize) {
        self.row(source).1.get(segment).into_iter().for_each(|segment| prefetch(segment));
    }

    pub fn smallest_delay(&self) -> Option<u32> {
        self.segments.iter().map(|segment| u32::from(segment.delay)).min()
    }
}

impl<Y> Default for Rows<Y> {
    fn default() -> Self {
        Rows { quads: vec![], synapses: 0, first: vec![], segments: vec![] }
    }
}

/// Rows with their calendar.
pub struct Listed<Y> {
    pub rows: Arc<Rows<Y>>,
    calendar: Calendar,
    /// The quads that deliver in a step.
    quads: Vec<u32>,
}

/// Prefetch distance, in quads.
const PREFETCH_DISTANCE: usize = 96;

impl<Y: Synapse> Listed<Y> {
    /// `longest`: the longest delay in steps.
    pub fn new(rows: Arc<Rows<Y>>, longest: u64) -> Self {
        Listed { rows, calendar: Calendar::new(longest), quads: vec![] }
    }

    /// Removes all entries from the calendar; steps up to `now` are past.
    pub fn clear(&mut self, now: u64) {
        self.calendar.clear(now);
    }

    /// Enters spikes into the calendar. Arrivals up to step `now` are past.
    pub fn schedule(&mut self, spikes: &[Spike], now: u64) {
        /// Prefetch distance, in spikes.
        const PREFETCH_DISTANCE: usize = 6;
        // Most networks have few spikes per step, so prefetching the first ones matters.
        spikes
            .iter()
            .take(2 * PREFETCH_DISTANCE)
            .for_each(|&(_, source)| self.rows.prefetch_offset(source as usize));
        spikes
            .iter()
            .take(PREFETCH_DISTANCE)
            .for_each(|&(_, source)| self.rows.prefetch_segments(source as usize));
        for (i, &(step, source)) in spikes.iter().enumerate() {
            if let Some(&(_, source)) = spikes.get(i + 2 * PREFETCH_DISTANCE) {
                self.rows.prefetch_offset(source as usize);
            }
            if let Some(&(_, source)) = spikes.get(i + PREFETCH_DISTANCE) {
                self.rows.prefetch_segments(source as usize);
            }
            let (start, _) = self.rows.row(source as usize);
            self.calendar.enter(&self.rows, (step, source), [0, start], now);
        }
    }

    /// Lists the quads of all synapses whose spikes arrive at `step`; returns the numbers of quads and of synapses.
    pub fn arriving(&mut self, level: SimdLevel, step: u64) -> (usize, u64) {
        /// Only every second quad is prefetched: a cache line holds four compact quads or two wide ones.
        const EVERY: usize = 2;
        // One list of quads for the whole step: a loop without segment ends has no mispredicted branches.
        let list = &mut self.quads;
        self.calendar.open(&self.rows, step);
        let (quads, synapses) = self.calendar.take(level, step, PREFETCH_DISTANCE, list);
        // The delivery loop prefetches later quads only, so the first ones are prefetched here. Most quads are contiguous.
        for &quad in list[..quads.min(PREFETCH_DISTANCE)].iter().step_by(EVERY) {
            prefetch(&self.rows.quads[quad as usize]);
        }
        (quads, synapses)
    }

    /// Adds the listed quads to the sums.
    pub fn deliver(&self, quads: usize, sums: &mut [Y::Sum]) {
        deliver(&self.quads[..quads], &self.quads[PREFETCH_DISTANCE..], &self.rows.quads, sums);
    }
}

/// Adds the quads of a list, and prefetches a later quad for each. A function outside the rows, so that the compiler
/// knows that the sums do not alias them.
#[inline(never)]
fn deliver<Y: Synapse>(list: &[u32], later: &[u32], quads: &[[Y; QUAD]], sums: &mut [Y::Sum]) {
    for (&quad, &later) in list.iter().zip(later) {
        prefetch(&quads[later as usize]);
        Y::deliver(&quads[quad as usize], sums);
    }
}
