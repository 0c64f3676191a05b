//! The output of a representation: completed frames, with their times and numbers of events.

use crate::events::Events;
use lapicque_base::error::Result;
use lapicque_base::memory;

/// What a frame stands for: times from `start` (included) to `end`, in µs, and how many events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub start: f64,
    pub end: f64,
    pub events: u64,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Frames {
    pub spans: Vec<Span>,
    /// One frame after the other; of sparse ones the counts.
    pub values: Vec<f32>,
    /// Of sparse frames: the channel of each value.
    pub channels: Vec<u32>,
    /// Of sparse frames and slices: where each frame's values or events end.
    pub ends: Vec<u64>,
    /// Of slices.
    pub events: Events,
}

impl Frames {
    pub fn clear(&mut self) {
        *self = Frames::default();
    }

    /// Room for one more frame of so many values.
    ///
    /// # Errors
    /// `too-large`
    pub fn reserve(&mut self, span: Span, values: usize) -> Result<()> {
        let len = self.values.len() + values;
        if len > self.values.capacity() {
            memory::check("frames", len as u64 * 4)?;
            self.values.try_reserve(values).map_err(|_| memory::refused::<f32>("frames", len))?;
        }
        if self.spans.len() == self.spans.capacity() {
            memory::check("frames", self.spans.len() as u64 * 2 * 24)?;
            self.spans.try_reserve(1).map_err(|_| memory::refused::<Span>("frames", self.spans.len()))?;
        }
        self.spans.push(span);
        Ok(())
    }
}
