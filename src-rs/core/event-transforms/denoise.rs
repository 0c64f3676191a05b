//! Background activity filter: an event is kept if one of the four neighboring pixels had an event less than `time`
//! before.
//!
//! tonic 1.7.0 also keeps every event with `t < time`, because its memory starts with an event of every pixel at 0;
//! `like: "tonic"` does the same.

use crate::events::Events;
use crate::events::positive;
use crate::pixels::{NEVER, of_pixels};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use serde::Deserialize;

/// The library whose irregularities are kept.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Like {
    Tonic,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// In µs.
    pub time: f64,
    pub like: Option<Like>,
}

struct Denoise {
    time: i64,
    sensor: Sensor,
    stride: usize,
    /// Until when an event of each pixel supports those beside it. A margin of one pixel around the sensor never does, so
    /// that every pixel has four neighbors.
    until: Vec<i64>,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let time = positive("denoise.time", options.time, " of µs")?.ceil().min(i64::MAX as f64) as i64;
    let first = if options.like == Some(Like::Tonic) { time } else { NEVER };
    let stride = sensor.width as usize + 2;
    let around = Sensor { width: sensor.width + 2, height: sensor.height + 2, ..sensor };
    let mut until = of_pixels(around, NEVER)?;
    for row in until.chunks_exact_mut(stride).skip(1).take(sensor.height as usize) {
        row[1..stride - 1].fill(first);
    }
    Ok(Stage::new(Denoise { time, sensor, stride, until }, sensor))
}

impl Transform for Denoise {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        debug_assert_eq!(self.stride, self.sensor.width as usize + 2);
        let (stride, time, until) = (self.stride, self.time, &mut self.until);
        events.keep(|e| {
            let at = (usize::from(e.y) + 1) * stride + usize::from(e.x) + 1;
            until[at] = e.t.saturating_add(time);
            (until[at - 1] > e.t)
                | (until[at + 1] > e.t)
                | (until[at - stride] > e.t)
                | (until[at + stride] > e.t)
        });
        Ok(())
    }
}
