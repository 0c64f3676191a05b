//! Time surfaces: exp(-(end of the window - t) / tau) for the time t of each channel's last event, including events of
//! earlier windows; a channel without an event is 0.

use super::{Frames, Sink, Span};
use crate::events::{Event, positive};
use crate::pixels::NEVER;
use crate::sensor::Sensor;
use lapicque_base::error::{Result, try_vec};

pub struct Surface {
    sensor: Sensor,
    tau: f64,
    last: Vec<i64>,
}

impl Surface {
    pub fn new(sensor: Sensor, tau: f64) -> Result<Self> {
        let tau = positive("tau", tau, " of µs")?;
        Ok(Surface { sensor, tau, last: try_vec("a time surface", sensor.channels(), NEVER)? })
    }
}

impl Sink for Surface {
    fn add(&mut self, e: Event) {
        self.last[self.sensor.channel(e.x, e.y, e.p)] = e.t;
    }

    fn remove(&mut self, _: Event) {}

    fn clear(&mut self) {}

    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        frames.reserve(span, self.last.len())?;
        frames.values.extend(self.last.iter().map(|&t| match t {
            NEVER => 0.0,
            t => libm::exp((t as f64 - span.end) / self.tau) as f32,
        }));
        Ok(())
    }
}
