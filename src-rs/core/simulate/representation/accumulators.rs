//! The accumulators of a partition, aligned to cache lines, so that no vector of them crosses one.

use std::ops::{Deref, DerefMut};

pub struct Sums<S> {
    values: Vec<S>,
    /// Offset of the start of a cache line.
    from: usize,
}

impl<S: Copy + Default> Sums<S> {
    pub fn new(len: usize) -> Self {
        const LINE: usize = 64;
        let values = vec![S::default(); len + LINE / size_of::<S>()];
        // The offset must be within the line.
        let from = values.as_ptr().align_offset(LINE).min(values.len() - len);
        Sums { values, from }
    }
}

impl<S> Deref for Sums<S> {
    type Target = [S];

    fn deref(&self) -> &[S] {
        &self.values[self.from..]
    }
}

impl<S> DerefMut for Sums<S> {
    fn deref_mut(&mut self) -> &mut [S] {
        &mut self.values[self.from..]
    }
}
