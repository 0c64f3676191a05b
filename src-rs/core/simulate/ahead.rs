//! The synapses that are worked on next, called into the cache a few lines at a time: who waits for memory in all
//! places a core has for that cannot read from the second-level cache either.

use smallvec::SmallVec;
use std::ops::Range;

/// Bytes that come into the cache together.
const LINE: usize = 64;

/// Lines called at once: less than half of what a core can wait for.
const EACH: usize = 6;

#[derive(Default)]
pub struct Ahead {
    /// Addresses of what has not been called yet.
    stretches: SmallVec<[Range<usize>; 4]>,
}

impl Ahead {
    /// Nothing but some synapses is next.
    pub fn set<T, F>(&mut self, targets: &[T], variables: &[Vec<F>], synapses: &Range<usize>) {
        self.stretches.clear();
        self.add(&targets[synapses.clone()]);
        variables.iter().for_each(|variable| self.add(&variable[synapses.clone()]));
    }

    fn add<T>(&mut self, values: &[T]) {
        let range = values.as_ptr_range();
        self.stretches.push(range.start.addr() / LINE * LINE..range.end.addr());
    }

    /// Calls some more.
    #[inline]
    pub fn some(&mut self) {
        self.call(EACH);
    }

    /// Calls what is left.
    pub fn rest(&mut self) {
        self.call(usize::MAX);
        self.stretches.clear();
    }

    #[inline(always)]
    fn call(&mut self, lines: usize) {
        let mut left = lines;
        for stretch in &mut self.stretches {
            while left > 0 && !stretch.is_empty() {
                prefetch_address(stretch.start);
                stretch.start += LINE;
                left -= 1;
            }
        }
    }
}

#[inline(always)]
fn prefetch_address(address: usize) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint to the cache, for which no address is wrong.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::without_provenance(address));
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_called_once() {
        let (targets, variables) = (vec![0u16; 1000], vec![vec![0f32; 1000]; 2]);
        let mut ahead = Ahead::default();
        ahead.set(&targets, &variables, &(100..400));
        let lines = |ahead: &Ahead| -> usize {
            ahead.stretches.iter().map(|stretch| stretch.len().div_ceil(LINE)).sum()
        };
        let all = lines(&ahead);
        assert!((9 + 2 * 18..=11 + 2 * 20).contains(&all), "{all}");
        ahead.some();
        assert_eq!(lines(&ahead), all - EACH);
        (0..3).for_each(|_| ahead.some());
        assert_eq!(lines(&ahead), all - 4 * EACH);
        ahead.rest();
        assert_eq!(lines(&ahead), 0);
        ahead.some();
    }
}
