//! A calendar of what arrives when, that does not grow with the delays: steps lie in pages, and only what arrives
//! within the page that is open is entered. Of a spike whose synapses have further delays is kept where its row goes
//! on, until the page is opened that comes next for it.

/// Steps of a page. Shorter ones hold less and are opened more often.
const PAGE: u64 = 128;

/// Delays up to so many pages have a ring with a place for each step, as if all were one page: what is kept twice
/// would be as much.
const WHOLE: u64 = 2;

/// A spike of which more arrives in a page that is not open yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pending {
    /// The lower bits of its step.
    step: u32,
    pub source: u32,
    /// From which segment of its row on, and where that begins.
    pub segment: u32,
    pub start: u32,
}

/// Steps lie in a ring of a power of two, so that a step's place needs no division.
pub struct Pages<T> {
    days: Vec<Vec<T>>,
    /// The step with which the first page begins that is not open.
    opened: u64,
    /// By page modulo their number; none where all steps are one page.
    later: Vec<Vec<Pending>>,
}

impl<T> Pages<T> {
    /// `longest`: the longest delay in steps.
    pub fn new(longest: u64) -> Self {
        let list = |n: usize| (0..n).map(|_| vec![]).collect();
        if longest < WHOLE * PAGE {
            let days = list((longest as usize + 1).next_power_of_two());
            return Pages { days, opened: u64::MAX, later: vec![] };
        }
        // The open page, those in which something may arrive, and a part of one.
        let later = (0..longest / PAGE + 2).map(|_| vec![]).collect();
        Pages { days: list(PAGE as usize), opened: PAGE, later }
    }

    /// What arrives at this step or later is not entered but [`put_off`](Pages::put_off).
    #[inline(always)]
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// What is due at a step of the open page, or in the whole ring at most the longest delay ahead.
    #[inline(always)]
    pub fn day(&mut self, step: u64) -> &mut Vec<T> {
        let place = step as usize & (self.days.len() - 1);
        &mut self.days[place]
    }

    /// A segment of a spike's row arrives in a page that is not open, and so do those that come after it.
    pub fn put_off(&mut self, arrival: u64, spike: u64, source: u32, segment: u32, start: u32) {
        let place = (arrival / PAGE) as usize % self.later.len();
        self.later[place].push(Pending { step: spike as u32, source, segment, start });
    }

    /// Before anything is taken of a step: opens the page that begins with it. Gives the spikes of which something
    /// arrives there.
    pub fn open(&mut self, step: u64) -> Vec<Pending> {
        if step != self.opened {
            return vec![];
        }
        let place = (step / PAGE) as usize % self.later.len();
        self.opened += PAGE;
        std::mem::take(&mut self.later[place])
    }

    /// The step of a spike that was put off.
    pub fn spike(&self, pending: &Pending) -> u64 {
        self.opened - u64::from((self.opened as u32).wrapping_sub(pending.step))
    }

    /// Takes everything out; steps up to `now` are past.
    pub fn clear(&mut self, now: u64) {
        self.days.iter_mut().for_each(Vec::clear);
        if !self.later.is_empty() {
            self.opened = (now + 1) / PAGE * PAGE + PAGE;
            self.later.iter_mut().for_each(|spikes| *spikes = vec![]);
        }
    }
}

/// Steps that something lies in a calendar at the most, of delays up to `longest`.
pub fn steps_ahead(longest: u64) -> u64 {
    if longest < WHOLE * PAGE { longest } else { PAGE }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of segments, each with its delays in ascending order; spikes at random steps, some of them read late.
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
                        pages.day(arrival).push((spike, k as u32));
                    }
                }
            };
            let spikes = |step: u64| (step * 7919) % 97 < 3 && step < base + 3000;
            // Spikes that were under way when all was taken out.
            for spike in (base - longest.min(900)..=base).filter(|&step| spikes(step)) {
                enter(&mut pages, spike, 0, base);
            }
            for now in base + 1..base + 3000 + longest {
                for pending in pages.open(now) {
                    let spike = pages.spike(&pending);
                    enter(&mut pages, spike, pending.segment, now - 1);
                }
                let mut due = std::mem::take(pages.day(now));
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
