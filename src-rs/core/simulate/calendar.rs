//! What is due when: stretches of rows by the step at which they arrive.

use super::at_level::{Work, at_level};
use super::rows::QUAD;
use lapicque_base::simd::SimdLevel;

/// Synapses of one row that arrive together.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// The first quad.
    start: u32,
    /// Synapses.
    count: u32,
}

/// Steps lie in a ring of a power of two, so that a step's place needs no division.
pub struct Calendar {
    days: Vec<Vec<Due>>,
}

impl Calendar {
    /// `longest`: the longest delay in steps.
    pub fn new(longest: u64) -> Self {
        Calendar { days: vec![vec![]; (longest as usize + 1).next_power_of_two()] }
    }

    #[inline(always)]
    fn place(&self, step: u64) -> usize {
        step as usize & (self.days.len() - 1)
    }

    /// `count` synapses from the quad `start` on arrive at a step, which is at most the longest delay ahead.
    #[inline(always)]
    pub fn enter(&mut self, arrival: u64, start: u32, count: u32) {
        let place = self.place(arrival);
        self.days[place].push(Due { start, count });
    }

    pub fn clear(&mut self) {
        self.days.iter_mut().for_each(Vec::clear);
    }

    /// Takes what is due at a step and writes its quads to a list, followed by at least `zeros` zeros. Returns how many quads
    /// and how many synapses.
    pub fn take(&mut self, level: SimdLevel, step: u64, zeros: usize, list: &mut Vec<u32>) -> (usize, u64) {
        let place = self.place(step);
        let due = &mut self.days[place];
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

/// Numbers written at once: a segment has fewer most of the time, and what is too much is written over.
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
            // Steps 2 and 7 are as far apart as the longest delay.
            for (arrival, start, count) in [(2, 10, 9), (7, 3, 1), (2, 40, 70), (7, 0, 4)] {
                calendar.enter(arrival, start, count);
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
