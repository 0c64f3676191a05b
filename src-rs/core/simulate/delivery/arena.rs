//! An arena for data that several threads build concurrently. Each thread fills its own chunk from front to back and
//! takes another one when it is full. A request that exceeds the arena reports how much memory would have been needed.

use std::sync::{Mutex, PoisonError};

/// Memory that is not assigned yet.
pub struct Arena<'a, T> {
    rest: Mutex<&'a mut [T]>,
    whole: usize,
    /// Of a stretch.
    each: usize,
}

impl<'a, T> Arena<'a, T> {
    pub fn new(all: &'a mut [T], each: usize) -> Self {
        Arena { whole: all.len(), rest: Mutex::new(all), each }
    }

    /// A stretch of at least so much, and where it begins; less where no more is left.
    fn take(&self, least: usize) -> (usize, &'a mut [T]) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let start = self.whole - rest.len();
        let len = self.each.max(least).min(rest.len());
        (start, rest.split_off_mut(..len).unwrap_or_default())
    }

    /// How much has been assigned.
    pub fn taken(&self) -> usize {
        self.whole - self.rest.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// One thread's stretch.
pub struct ArenaChunk<'a, T> {
    start: usize,
    left: &'a mut [T],
    /// The requests that did not fit.
    pub lacking: usize,
}

impl<T> Default for ArenaChunk<'_, T> {
    fn default() -> Self {
        ArenaChunk { start: 0, left: &mut [], lacking: 0 }
    }
}

impl<'a, T> ArenaChunk<'a, T> {
    /// The next `n` slots and their offset; `None` if they do not fit.
    #[inline]
    pub fn next(&mut self, n: usize, room: &Arena<'a, T>) -> (usize, Option<&'a mut [T]>) {
        if self.left.len() < n {
            (self.start, self.left) = room.take(n);
        }
        let start = self.start;
        let places = self.left.split_off_mut(..n);
        match places {
            Some(_) => self.start += n,
            None => self.lacking += n,
        }
        (start, places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_do_not_meet_and_what_is_lacking_is_counted() {
        let mut all = vec![0u32; 100];
        let room = Arena::new(&mut all, 16);
        let (mut a, mut b) = (ArenaChunk::default(), ArenaChunk::default());
        let mut given = vec![];
        for i in 0..12 {
            let stretch = if i % 3 == 0 { &mut a } else { &mut b };
            let (start, places) = stretch.next(9, &room);
            if let Some(places) = places {
                places.iter_mut().for_each(|place| *place += 1);
                given.push(start);
            }
        }
        assert_eq!(given.len() * 9 + a.lacking + b.lacking, 12 * 9);
        assert!(a.lacking + b.lacking > 0 && room.taken() == 100);
        assert!(given.iter().all(|&start| all[start..][..9].iter().all(|&times| times == 1)));
        assert_eq!(all.iter().sum::<u32>() as usize, given.len() * 9);
    }

    #[test]
    fn more_than_a_stretch_is_given_in_one_piece() {
        let mut all = vec![0u8; 64];
        let room = Arena::new(&mut all, 4);
        assert_eq!(ArenaChunk::default().next(40, &room).1.map(|places| places.len()), Some(40));
    }
}
