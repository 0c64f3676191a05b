//! The calendar of static rows: runs of synapses by the step of their arrival.

use super::paged_calendar::Pages;
use super::rows::{Rows, Segment};
use crate::representation::spike::Spike;
use crate::representation::synapse_format::QUAD;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::simd::SimdLevel;

/// Synapses of one row that arrive together.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// Index of the first quad.
    start: u32,
    /// Number of synapses.
    count: u32,
}

pub struct Calendar {
    pages: Pages<Due>,
}

impl Calendar {
    /// `longest`: the longest delay in steps.
    pub fn new(longest: u64) -> Self {
        Calendar { pages: Pages::new(longest) }
    }

    /// Removes all entries; steps up to `now` are past.
    pub fn clear(&mut self, now: u64) {
        self.pages.clear(now);
    }

    /// Enters the remaining segments of a spike's row, starting at segment `from`, whose first quad is `start`.
    /// Arrivals up to step `now` are past.
    #[inline(always)]
    pub fn enter<Y>(&mut self, rows: &Rows<Y>, spike: Spike, from: [u32; 2], now: u64) {
        let (step, source) = spike;
        let [first, mut start] = from;
        let (_, segments) = rows.row(source as usize);
        let opened = self.pages.opened();
        for (segment, &Segment { delay, count }) in segments.iter().enumerate().skip(first as usize) {
            let (count, arrival) = (u32::from(count), step + u64::from(delay));
            if arrival >= opened {
                return self.pages.put_off(arrival, step, source, segment as u32, start);
            }
            if arrival > now {
                self.pages.entries_at(arrival).push(Due { start, count });
            }
            start += count.div_ceil(QUAD as u32);
        }
    }

    /// Before a step: if a page begins with it, enters the pending segments of earlier spikes.
    pub fn open<Y>(&mut self, rows: &Rows<Y>, step: u64) {
        /// Prefetch distance, in spikes.
        const PREFETCH_DISTANCE: usize = 8;
        let spikes = self.pages.open(step);
        for (i, pending) in spikes.iter().enumerate() {
            if let Some(next) = spikes.get(i + 2 * PREFETCH_DISTANCE) {
                rows.prefetch_offset(next.source as usize);
            }
            if let Some(next) = spikes.get(i + PREFETCH_DISTANCE) {
                rows.prefetch_segment(next.source as usize, next.segment as usize);
            }
            let spike = (self.pages.spike(pending), pending.source);
            self.enter(rows, spike, [pending.segment, pending.start], step - 1);
        }
    }

    /// Removes the entries of a step and writes their quads to a list, followed by at least `zeros` zeros. Returns the
    /// numbers of quads and of synapses.
    pub fn take(&mut self, level: SimdLevel, step: u64, zeros: usize, list: &mut Vec<u32>) -> (usize, u64) {
        let due = self.pages.entries_at(step);
        let (mut quads, mut synapses) = (0, 0);
        for due in due.iter() {
            quads += quads_of(due.count);
            synapses += u64::from(due.count);
        }
        let needed = quads + zeros.max(AT_ONCE);
        if list.len() < needed {
            list.resize(needed, 0);
        }
        at_level(level, WriteOut { due, list });
        list[quads..needed].fill(0);
        due.clear();
        (quads, synapses)
    }
}

/// Numbers written at once. Most segments have fewer; the excess is overwritten by the next segment.
const AT_ONCE: usize = 16;

#[inline(always)]
fn quads_of(count: u32) -> usize {
    (count as usize).div_ceil(QUAD)
}

struct WriteOut<'a> {
    due: &'a [Due],
    list: &'a mut [u32],
}

impl Work for WriteOut<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut at = 0;
        for &Due { start, count } in self.due {
            let quads = quads_of(count);
            for from in (0..quads).step_by(AT_ONCE) {
                let first = start.wrapping_add(from as u32);
                let numbers: [u32; AT_ONCE] = std::array::from_fn(|i| first.wrapping_add(i as u32));
                self.list[at + from..][..AT_ONCE].copy_from_slice(&numbers);
            }
            at += quads;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_at_its_step_and_once() {
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_supported()) {
            let (mut calendar, mut list) = (Calendar::new(5), vec![]);
            // Steps 2 and 7 differ by the longest delay.
            for (arrival, start, count) in [(2, 10, 9), (7, 3, 1), (2, 40, 70), (7, 0, 4)] {
                calendar.pages.entries_at(arrival).push(Due { start, count });
            }
            let mut due = |step| {
                let (quads, synapses) = calendar.take(level, step, 3, &mut list);
                assert!(list[quads..][..3].iter().all(|&zero| zero == 0));
                (list[..quads].to_vec(), synapses)
            };
            let expected: Vec<u32> = (10..13).chain(40..58).collect();
            assert_eq!(due(2), (expected, 79));
            assert_eq!(due(3), (vec![], 0));
            assert_eq!(due(7), (vec![3, 0], 5));
            assert_eq!(due(2), (vec![], 0));
        }
    }
}
