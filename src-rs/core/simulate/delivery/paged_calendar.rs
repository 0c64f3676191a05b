//! A calendar whose memory does not grow with the delays. Steps are divided into pages, and only arrivals within the open
//! page are entered into the ring. For a spike with longer delays, the calendar stores the position in the spike's row at
//! which the remaining synapses begin, until the page of the next of them is opened.

use super::ring::Ring;

/// Steps of a page. Shorter pages take less memory and are opened more often.
const PAGE: u64 = 128;

/// Delays below this number of pages use a ring with a slot for each step, as one page: storing spikes for later pages would
/// take as much memory.
const WHOLE: u64 = 2;

/// A spike with further arrivals in a page that is not open yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pending {
    /// The lower bits of the spike's step.
    step: u32,
    pub source: u32,
    /// The first remaining segment of its row, and the start of that segment.
    pub segment: u32,
    pub start: u32,
}

/// A ring of the steps of the open page, and the spikes that wait for later pages.
pub struct Pages<T> {
    ring: Ring<T>,
    /// The first step of the first page that is not open.
    opened: u64,
    /// By page modulo the number of lists; empty if all steps are one page.
    later: Vec<Vec<Pending>>,
}

impl<T> Pages<T> {
    /// `longest`: the longest delay in steps.
    pub fn new(longest: u64) -> Self {
        if longest < WHOLE * PAGE {
            return Pages { ring: Ring::new(longest), opened: u64::MAX, later: vec![] };
        }
        // The open page, the pages in which a spike may arrive, and one for the incomplete page.
        let later = (0..longest / PAGE + 2).map(|_| vec![]).collect();
        Pages { ring: Ring::new(PAGE - 1), opened: PAGE, later }
    }

    /// Arrivals at this step or later are not entered but [`put_off`](Pages::put_off).
    #[inline(always)]
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// The entries that are due at a step of the open page; with a single page, at most the longest delay ahead.
    #[inline(always)]
    pub fn entries_at(&mut self, step: u64) -> &mut Vec<T> {
        self.ring.at_mut(step)
    }

    /// Stores a spike until the page of `arrival` is opened. The segment `segment` of its row and the following segments
    /// arrive then or later.
    pub fn put_off(&mut self, arrival: u64, spike: u64, source: u32, segment: u32, start: u32) {
        let slot = (arrival / PAGE) as usize % self.later.len();
        self.later[slot].push(Pending { step: spike as u32, source, segment, start });
    }

    /// To be called before the entries of a step are read: opens the page that begins with this step, if one does. Returns the
    /// spikes with arrivals in that page.
    pub fn open(&mut self, step: u64) -> Vec<Pending> {
        if step != self.opened {
            return vec![];
        }
        let slot = (step / PAGE) as usize % self.later.len();
        self.opened += PAGE;
        std::mem::take(&mut self.later[slot])
    }

    /// The step of a pending spike.
    pub fn spike(&self, pending: &Pending) -> u64 {
        self.opened - u64::from((self.opened as u32).wrapping_sub(pending.step))
    }

    /// Removes all entries; steps up to `now` are past.
    pub fn clear(&mut self, now: u64) {
        self.ring.clear();
        if !self.later.is_empty() {
            self.opened = (now + 1) / PAGE * PAGE + PAGE;
            self.later.iter_mut().for_each(|spikes| *spikes = vec![]);
        }
    }
}

/// The maximum number of steps by which an entry of a calendar is ahead, for delays up to `longest`.
pub fn calendar_horizon(longest: u64) -> u64 {
    if longest < WHOLE * PAGE { longest } else { PAGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of segments in ascending order of delay; spikes at random steps, some of them scheduled late.
    #[test]
    fn everything_arrives_at_its_step_and_once() {
        for longest in [1, 100, 255, 256, 1000, 65_535] {
            let delays: Vec<u64> = [1, 2, 90, 127, 128, 129, 256, 999, 40_000, longest]
                .into_iter()
                .filter(|&d| d <= longest)
                .collect();
            let mut delays = delays;
            delays.sort_unstable();
            let mut pages = Pages::new(longest);
            let base = (1 << 32) - 700;
            pages.clear(base);
            let enter = |pages: &mut Pages<(u64, u32)>, spike: u64, from: u32, now: u64| {
                for (k, &delay) in delays.iter().enumerate().skip(from as usize) {
                    let arrival = spike + delay;
                    if arrival >= pages.opened() {
                        pages.put_off(arrival, spike, 7, k as u32, 0);
                        break;
                    }
                    if arrival > now {
                        pages.entries_at(arrival).push((spike, k as u32));
                    }
                }
            };
            let spikes = |step: u64| (step * 7919) % 97 < 3 && step < base + 3000;
            // Spikes that were in flight when the calendar was cleared.
            for spike in (base - longest.min(900)..=base).filter(|&step| spikes(step)) {
                enter(&mut pages, spike, 0, base);
            }
            for now in base + 1..base + 3000 + longest {
                for pending in pages.open(now) {
                    let spike = pages.spike(&pending);
                    enter(&mut pages, spike, pending.segment, now - 1);
                }
                let mut due = std::mem::take(pages.entries_at(now));
                due.sort_unstable();
                let mut expected: Vec<(u64, u32)> = (delays.iter().enumerate())
                    .map(|(k, &delay)| (now - delay, k as u32))
                    .filter(|&(spike, _)| spike >= base - longest.min(900) && spikes(spike))
                    .collect();
                expected.sort_unstable();
                assert_eq!(due, expected, "step {now}, longest {longest}");
                if spikes(now) {
                    enter(&mut pages, now, 0, now);
                }
            }
            assert!(pages.later.iter().all(Vec::is_empty));
        }
    }
}
