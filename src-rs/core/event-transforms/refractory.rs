//! Refractory pixels: an event is kept if the last one of its pixel was more than `time` before.
//!
//! `from: "last"` counts from the pixel's last event, kept or not, as tonic does; `"kept"` from the last kept one, as a
//! sensor does. tonic 1.7.0 drops a pixel's first event at time 0; `like: "tonic"` does the same.

use crate::denoise::Like;
use crate::events::{Events, at_least_zero};
use crate::pixels::{NEVER, of_pixels, since};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use serde::Deserialize;

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum From {
    #[default]
    Last,
    Kept,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// In µs.
    pub time: f64,
    #[serde(default)]
    pub from: From,
    pub like: Option<Like>,
}

struct Refractory {
    time: f64,
    from: From,
    sensor: Sensor,
    last: Vec<i64>,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let time = at_least_zero("refractory.time", options.time, " of µs")?;
    let first = if options.like == Some(Like::Tonic) { -time as i64 } else { NEVER };
    Ok(Stage::new(Refractory { time, from: options.from, sensor, last: of_pixels(sensor, first)? }, sensor))
}

impl Transform for Refractory {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let Refractory { time, from, sensor, last } = self;
        events.keep(|e| {
            let before = &mut last[sensor.pixel(e.x, e.y)];
            let kept = since(e.t, *before) > *time;
            if kept | (*from == From::Last) {
                *before = e.t;
            }
            kept
        });
        Ok(())
    }
}
