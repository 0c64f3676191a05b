//! Data that partitions or threads publish to each other in an epoch. Two buffers alternate (buffer parity), so that
//! one barrier per epoch separates writers and readers.

use std::cell::UnsafeCell;

/// One per publisher, alone in its cache lines.
#[repr(align(128))]
struct Slot<T>(UnsafeCell<T>);

pub struct Published<T> {
    buffers: [Vec<Slot<T>>; 2],
}

// SAFETY: buffers are accessed only through `write` and `read`, whose callers guarantee the order.
unsafe impl<T: Send + Sync> Sync for Published<T> {}

impl<T: Default> Published<T> {
    pub fn new(partitions: usize) -> Self {
        let buffer = || (0..partitions).map(|_| Slot(UnsafeCell::default())).collect();
        Published { buffers: [buffer(), buffer()] }
    }
}

impl<T> Published<T> {
    /// # Safety
    /// Only the thread that owns the partition may call it. Between this call and any `read` with the same buffer parity,
    /// before or after, all threads must have passed a barrier.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn write(&self, parity: usize, partition: usize) -> &mut T {
        // SAFETY: the caller guarantees that no other reference exists.
        unsafe { &mut *self.buffers[parity][partition].0.get() }
    }

    /// The data that one partition has published.
    ///
    /// # Safety
    /// As for `write`; the thread that owns the partition may call it at any time.
    pub unsafe fn read_one(&self, parity: usize, partition: usize) -> &T {
        // SAFETY: the caller guarantees that nobody writes.
        unsafe { &*self.buffers[parity][partition].0.get() }
    }

    /// The data that all partitions have published.
    ///
    /// # Safety
    /// As for `write`.
    pub unsafe fn read(&self, parity: usize) -> impl Iterator<Item = &T> {
        // SAFETY: the caller guarantees that nobody writes.
        self.buffers[parity].iter().map(|slot| unsafe { &*slot.0.get() })
    }
}
