//! Data of all neurons by age. The newest values of all neurons are contiguous, because rows of synapses read them. All
//! older values of one neuron are contiguous, because they move when a new value arrives.

use lapicque_base::cache::prefetch;

pub struct ByAge<T> {
    newest: Vec<T>,
    /// `[neuron slot][age - 1]`.
    older: Vec<T>,
    /// Number of ages beyond the newest.
    depth: usize,
}

/// One age of all neurons.
pub struct Table<'a, T> {
    values: &'a [T],
    stride: usize,
}

impl<T: Copy> Table<'_, T> {
    #[inline(always)]
    pub fn at(&self, neuron_slot: u32) -> T {
        self.values[neuron_slot as usize * self.stride]
    }
}

impl<T: Copy> ByAge<T> {
    /// A table with `ages` ages, at least one, filled with `none`.
    pub fn new(neuron_slots: usize, ages: usize, none: T) -> Self {
        ByAge {
            newest: vec![none; neuron_slots],
            older: vec![none; neuron_slots * (ages - 1)],
            depth: ages - 1,
        }
    }

    pub fn ages(&self) -> usize {
        self.depth + 1
    }

    pub fn table(&self, age: usize) -> Table<'_, T> {
        match age.checked_sub(1) {
            None => Table { values: &self.newest, stride: 1 },
            Some(older) => Table { values: &self.older[older.min(self.older.len())..], stride: self.depth },
        }
    }

    pub fn at(&self, age: usize, neuron_slot: usize) -> T {
        match age.checked_sub(1) {
            None => self.newest[neuron_slot],
            Some(older) => self.older[neuron_slot * self.depth + older],
        }
    }

    pub fn newest(&self) -> &[T] {
        &self.newest
    }

    pub fn newest_mut(&mut self, neuron_slot: usize) -> &mut T {
        &mut self.newest[neuron_slot]
    }

    /// Prefetches all values of a neuron.
    pub fn prefetch(&self, neuron_slot: usize) {
        prefetch(&self.newest[neuron_slot]);
        self.older.get(neuron_slot * self.depth).into_iter().for_each(|older| prefetch(older));
    }

    /// All values of a neuron, the newest first.
    #[inline]
    pub fn of_mut(&mut self, neuron_slot: usize) -> impl Iterator<Item = &mut T> {
        let older = &mut self.older[neuron_slot * self.depth..][..self.depth];
        std::iter::once(&mut self.newest[neuron_slot]).chain(older)
    }

    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.newest.iter_mut().chain(&mut self.older)
    }

    /// Extends the table to this number of ages.
    pub fn grow(&mut self, ages: usize, none: T) {
        let depth = ages - 1;
        let mut older = vec![none; self.newest.len() * depth];
        for (to, from) in older.chunks_mut(depth).zip(self.older.chunks(self.depth.max(1))) {
            to[..self.depth].copy_from_slice(&from[..self.depth]);
        }
        (self.older, self.depth) = (older, depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_moves_what_is_older_and_stays_when_there_is_more_room() {
        let mut ages = ByAge::new(3, 2, 0);
        for (i, neuron_slot) in [0, 2, 0, 1, 0, 2].into_iter().enumerate() {
            if i == 3 {
                ages.grow(4, 0);
            }
            let mut next = i + 1;
            ages.of_mut(neuron_slot).for_each(|of| std::mem::swap(of, &mut next));
        }
        assert_eq!(ages.ages(), 4);
        let all = |neuron_slot: usize| (0..4).map(|age| ages.at(age, neuron_slot)).collect::<Vec<_>>();
        assert_eq!([all(0), all(1), all(2)], [[5, 3, 1, 0], [4, 0, 0, 0], [6, 2, 0, 0]]);
        for age in 0..4 {
            let table = ages.table(age);
            assert!((0..3).all(|neuron_slot| table.at(neuron_slot) == ages.at(age, neuron_slot as usize)));
        }
    }
}
