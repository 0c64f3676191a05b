//! Data that partitions or threads publish to each other in an epoch. Two buffers alternate (buffer parity), so that
//! one barrier per epoch separates writers and readers.

use std::cell::UnsafeCell;

/// One per publisher, alone in its cache lines.
#[repr(align(128))]
struct Place<T>(UnsafeCell<T>);

pub struct Published<T> {
    turns: [Vec<Place<T>>; 2],
}

// SAFETY: buffers are accessed only through `write` and `read`, whose callers guarantee the order.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

impl<T: Default> Published<T> {
    pub fn new(partitions: usize) -> Self {
        let turn = || (0..partitions).map(|_| Place(UnsafeCell::default())).collect();
        Published { turns: [turn(), turn()] }
    }
}

impl<T> Published<T> {
    /// # Safety
    /// Only the thread that has the partition may call it, and between it and any `read` of the turn, before
    /// or after, all threads have met at a barrier.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn write(&self, turn: usize, partition: usize) -> &mut T {
        // SAFETY: the caller guarantees that no other reference exists.
        unsafe { &mut *self.turns[turn][partition].0.get() }
    }

    /// What one partition showed.
    ///
    /// # Safety
    /// As for `write`, but that the thread that has the partition may call it at any time.
    pub unsafe fn read_one(&self, turn: usize, partition: usize) -> &T {
        // SAFETY: the caller guarantees that nobody writes.
        unsafe { &*self.turns[turn][partition].0.get() }
    }

    /// What the partitions showed.
    ///
    /// # Safety
    /// As for `write`.
    pub unsafe fn read(&self, turn: usize) -> impl Iterator<Item = &T> {
        // SAFETY: the caller guarantees that nobody writes.
        self.turns[turn].iter().map(|place| unsafe { &*place.0.get() })
    }
}
