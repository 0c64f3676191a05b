//! Event counts of each channel: as frames, or as lists of the active channels.

use super::{Frames, Sink, Span};
use crate::events::Event;
use crate::sensor::Sensor;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;

/// Counts of a window, with the channels that may have one: an empty window costs nothing.
struct Counts {
    sensor: Sensor,
    counts: Vec<u32>,
    touched: Vec<u32>,
    /// One bit per channel; all are 0 between two calls of `compact`.
    bits: Vec<u64>,
}

impl Counts {
    fn new(sensor: Sensor) -> Result<Self> {
        let counts = try_vec("a frame", sensor.channels(), 0)?;
        let bits = try_vec("a frame", sensor.channels().div_ceil(64), 0)?;
        Ok(Counts { sensor, counts, touched: Vec::new(), bits })
    }

    fn add(&mut self, e: Event) {
        let channel = self.sensor.channel(e.x, e.y, e.p);
        let count = &mut self.counts[channel];
        if *count == 0 {
            self.touched.push(channel as u32);
        }
        *count += 1;
    }

    fn remove(&mut self, e: Event) {
        // A channel that returns to 0 stays listed until the next window is made.
        self.counts[self.sensor.channel(e.x, e.y, e.p)] -= 1;
    }

    fn clear(&mut self) {
        for &channel in &self.touched {
            self.counts[channel as usize] = 0;
        }
        self.touched.clear();
    }

    /// Leaves the channels with a count above 0 in `touched`: each once, ascending.
    fn compact(&mut self) {
        let Counts { counts, touched, bits, .. } = self;
        touched.retain(|&channel| counts[channel as usize] > 0);
        // With this many channels, a scan of all words takes less time than a sort.
        if touched.len() * 2 > bits.len() {
            for &channel in &*touched {
                bits[channel as usize / 64] |= 1 << (channel % 64);
            }
            touched.clear();
            for (word, bits) in bits.iter_mut().enumerate() {
                while *bits != 0 {
                    touched.push(word as u32 * 64 + bits.trailing_zeros());
                    *bits &= *bits - 1;
                }
            }
        } else {
            touched.sort_unstable();
            touched.dedup();
        }
    }
}

pub struct Dense {
    of: Counts,
    binary: bool,
}

impl Dense {
    pub fn new(sensor: Sensor, binary: bool) -> Result<Self> {
        Ok(Dense { of: Counts::new(sensor)?, binary })
    }
}

impl Sink for Dense {
    fn add(&mut self, e: Event) {
        self.of.add(e);
    }

    fn remove(&mut self, e: Event) {
        self.of.remove(e);
    }

    fn clear(&mut self) {
        self.of.clear();
    }

    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        let size = self.of.counts.len();
        frames.reserve(span, size)?;
        let start = frames.values.len();
        frames.values.resize(start + size, 0.0);
        let frame = &mut frames.values[start..];
        for &channel in &self.of.touched {
            let count = self.of.counts[channel as usize];
            frame[channel as usize] = if self.binary { f32::from(count > 0) } else { count as f32 };
        }
        // Of overlapping windows, whose list only grows.
        if self.of.touched.len() > size {
            self.of.compact();
        }
        Ok(())
    }
}

pub struct Sparse(Counts);

impl Sparse {
    pub fn new(sensor: Sensor) -> Result<Self> {
        Counts::new(sensor).map(Sparse)
    }
}

impl Sink for Sparse {
    fn add(&mut self, e: Event) {
        self.0.add(e);
    }

    fn remove(&mut self, e: Event) {
        self.0.remove(e);
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    /// Channels in ascending order, as a session takes them.
    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        self.0.compact();
        let touched = &self.0.touched;
        frames.reserve(span, touched.len())?;
        let len = frames.channels.len() + touched.len();
        frames
            .channels
            .try_reserve(touched.len())
            .map_err(|_| memory::refused::<u32>("sparse frames", len))?;
        frames.channels.extend_from_slice(touched);
        frames.values.extend(touched.iter().map(|&channel| self.0.counts[channel as usize] as f32));
        frames.ends.push(frames.values.len() as u64);
        Ok(())
    }
}
