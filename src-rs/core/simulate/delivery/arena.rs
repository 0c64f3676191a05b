//! An arena for data that several threads build concurrently. Each thread fills its own chunk from front to back and
//! takes another one when it is full. A request that exceeds the arena reports how much memory would have been needed.

use std::sync::{Mutex, PoisonError};

/// Memory that is not assigned yet.
pub struct Arena<'a, T> {
    rest: Mutex<&'a mut [T]>,
    whole: usize,
    /// Size of a chunk.
    each: usize,
}

impl<'a, T> Arena<'a, T> {
    pub fn new(all: &'a mut [T], each: usize) -> Self {
        Arena { whole: all.len(), rest: Mutex::new(all), each }
    }

    /// A chunk of at least `least` elements and its offset; a shorter one if less is left.
    fn take(&self, least: usize) -> (usize, &'a mut [T]) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.whole - rest.len();
        let len = self.each.max(least).min(rest.len());
        (start, rest.split_off_mut(..len).unwrap_or_default())
    }

    /// Number of elements that have been assigned.
    pub fn taken(&self) -> usize {
        self.whole - self.rest.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The chunk of one thread.
pub struct ArenaChunk<'a, T> {
    start: usize,
    left: &'a mut [T],
    /// The requests that did not fit.
    pub rejected: usize,
}

impl<T> Default for ArenaChunk<'_, T> {
    fn default() -> Self {
        ArenaChunk { start: 0, left: &mut [], rejected: 0 }
    }
}

impl<'a, T> ArenaChunk<'a, T> {
    /// The next `n` slots and their offset; `None` if they do not fit.
    #[inline]
    pub fn next(&mut self, n: usize, arena: &Arena<'a, T>) -> (usize, Option<&'a mut [T]>) {
        if self.left.len() < n {
            (self.start, self.left) = arena.take(n);
        }
        let start = self.start;
        let slots = self.left.split_off_mut(..n);
        match slots {
            Some(_) => self.start += n,
            None => self.rejected += n,
        }
        (start, slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_do_not_overlap_and_rejected_requests_are_counted() {
        let mut all = vec![0u32; 100];
        let arena = Arena::new(&mut all, 16);
        let (mut a, mut b) = (ArenaChunk::default(), ArenaChunk::default());
        let mut offsets = vec![];
        for i in 0..12 {
            let chunk = if i % 3 == 0 { &mut a } else { &mut b };
            let (start, slots) = chunk.next(9, &arena);
            if let Some(slots) = slots {
                slots.iter_mut().for_each(|slot| *slot += 1);
                offsets.push(start);
            }
        }
        assert_eq!(offsets.len() * 9 + a.rejected + b.rejected, 12 * 9);
        assert!(a.rejected + b.rejected > 0 && arena.taken() == 100);
        assert!(offsets.iter().all(|&start| all[start..][..9].iter().all(|&times| times == 1)));
        assert_eq!(all.iter().sum::<u32>() as usize, offsets.len() * 9);
    }

    #[test]
    fn a_request_larger_than_a_chunk_is_contiguous() {
        let mut all = vec![0u8; 64];
        let arena = Arena::new(&mut all, 4);
        assert_eq!(ArenaChunk::default().next(40, &arena).1.map(|slots| slots.len()), Some(40));
    }
}
