//! Voxel grids: the polarity of each event (+1 or -1), distributed linearly over the two nearest time bins.
//!
//! Of a whole recording time runs from its first event to its last one; of windows from their start to their end. As in tonic and
//! e2vid an event at the very end belongs to a bin that does not exist.

use super::{Frames, Sink, Span};
use crate::events::Event;
use crate::sensor::Sensor;
use lapicque_base::error::{Error, Result, try_vec};
use std::collections::VecDeque;

pub struct VoxelGrid {
    sensor: Sensor,
    bins: usize,
    windows: bool,
    open: VecDeque<Event>,
    sums: Vec<f64>,
}

const MAX_BINS: usize = 1 << 16;

impl VoxelGrid {
    pub fn new(sensor: Sensor, bins: usize, windows: bool) -> Result<Self> {
        if !(1..=MAX_BINS).contains(&bins) {
            return Err(Error::invalid("bins", bins, format!("1 to {MAX_BINS}")));
        }
        let sums = try_vec("a voxel grid", bins.saturating_mul(sensor.pixels()), 0.0)?;
        Ok(VoxelGrid { sensor, bins, windows, open: VecDeque::new(), sums })
    }
}

impl Sink for VoxelGrid {
    fn add(&mut self, e: Event) {
        self.open.push_back(e);
    }

    fn remove(&mut self, _: Event) {
        self.open.pop_front();
    }

    fn clear(&mut self) {
        self.open.clear();
    }

    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        frames.reserve(span, self.sums.len())?;
        self.sums.fill(0.0);
        let time = |e: Option<&Event>| e.map_or(0.0, |e| e.t as f64);
        let (first, last) = match self.windows {
            true => (span.start, span.end),
            false => (time(self.open.front()), time(self.open.back())),
        };
        let pixels = self.sensor.pixels();
        for e in &self.open {
            let position = match last > first {
                true => self.bins as f64 * (e.t as f64 - first) / (last - first),
                false => 0.0,
            };
            let bin = position as usize;
            let right = position - bin as f64;
            let sign = if self.sensor.polarities == 2 && e.p == 0 { -1.0 } else { 1.0 };
            let pixel = self.sensor.pixel(e.x, e.y);
            for (bin, share) in [(bin, 1.0 - right), (bin + 1, right)] {
                if bin < self.bins {
                    self.sums[bin * pixels + pixel] += sign * share;
                }
            }
        }
        frames.values.extend(self.sums.iter().map(|&sum| sum as f32));
        Ok(())
    }
}
