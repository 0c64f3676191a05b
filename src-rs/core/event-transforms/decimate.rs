//! Every n-th event of each pixel.

use crate::events::Events;
use crate::pixels::of_pixels;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub n: u32,
}

struct Decimate {
    n: u32,
    sensor: Sensor,
    /// Events of each pixel since the last one that was kept.
    counts: Vec<u32>,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    if options.n == 0 {
        return Err(Error::invalid("decimate.n", 0, "at least 1"));
    }
    Ok(Stage::new(Decimate { n: options.n, sensor, counts: of_pixels(sensor, 0)? }, sensor))
}

impl Transform for Decimate {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let (sensor, n, counts) = (self.sensor, self.n, &mut self.counts);
        events.keep(|e| {
            let count = &mut counts[sensor.pixel(e.x, e.y)];
            *count += 1;
            let kept = *count == n;
            *count = if kept { 0 } else { *count };
            kept
        });
        Ok(())
    }
}
