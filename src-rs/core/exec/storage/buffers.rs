//! Buffers that the tasks of a pass reuse, instead of allocating and clearing a new one each time. The gain is listed
//! in docs/notes/dense-training.md.

use lapicque_base::Real;
use lapicque_projection::Aligned;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// As many buffers as were in use at the same time, each as long as in its longest use.
pub(crate) struct Buffers<F: Real>(Mutex<Vec<Aligned<F>>>);

impl<F: Real> Default for Buffers<F> {
    fn default() -> Self {
        Buffers(Mutex::default())
    }
}

impl<F: Real> Buffers<F> {
    /// A buffer of length 0; see [`Aligned::reuse`] for its content after it is made longer.
    pub fn take(&self) -> Buffer<'_, F> {
        // No code that can panic runs under the lock.
        let mut buffer = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        buffer.reuse(0);
        Buffer { buffer, owner: self }
    }

    /// A buffer of `len` zeros.
    pub fn zeros(&self, len: usize) -> Buffer<'_, F> {
        let mut buffer = self.take();
        buffer.resize(len);
        buffer
    }
}

/// Returns to its owner when it is dropped.
pub(crate) struct Buffer<'a, F: Real> {
    buffer: Aligned<F>,
    owner: &'a Buffers<F>,
}

impl<F: Real> Deref for Buffer<'_, F> {
    type Target = Aligned<F>;

    fn deref(&self) -> &Aligned<F> {
        &self.buffer
    }
}

impl<F: Real> DerefMut for Buffer<'_, F> {
    fn deref_mut(&mut self) -> &mut Aligned<F> {
        &mut self.buffer
    }
}

impl<F: Real> Drop for Buffer<'_, F> {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        self.owner.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_with_its_memory() {
        let buffers = Buffers::<f32>::default();
        let mut first = buffers.take();
        first.resize(100);
        first.fill(7.0);
        let address = first.as_ptr();
        drop(first);
        let mut buffer = buffers.take();
        assert!(buffer.is_empty());
        buffer.reuse(64);
        assert_eq!((buffer.len(), buffer.as_ptr()), (64, address));
        buffer.resize(100);
        assert!(buffer[64..].iter().all(|&x| x == 0.0), "what resize adds is zero whatever was there");
        assert_ne!(buffers.take().as_ptr(), address, "one that is in use is not lent again");
    }
}
