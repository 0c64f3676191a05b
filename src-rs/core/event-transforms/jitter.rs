//! Moves pixels by integer numbers of columns and rows, rounded from normal numbers; events moved off the sensor are
//! dropped.
//!
//! tonic 1.7.0 truncates instead of rounding, which moves all events by half a pixel to the left and upwards on
//! average.

use crate::events::{Event, Events, at_least_zero};
use crate::normal::{Normal, rounded};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Standard deviations in pixels.
    #[serde(default)]
    pub x: f64,
    #[serde(default)]
    pub y: f64,
}

struct Jitter {
    x: f32,
    y: f32,
    sensor: Sensor,
    rng: Rng,
    normal: Normal,
    event_count: u64,
    draws: Vec<f32>,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let deviation = |name, value| Ok(at_least_zero(name, value, " of pixels")? as f32);
    let (x, y) = (deviation("jitter.x", options.x)?, deviation("jitter.y", options.y)?);
    let jitter = Jitter { x, y, sensor, rng, normal: Normal::new(), event_count: 0, draws: Vec::new() };
    Ok(Stage::new(jitter, sensor))
}

impl Transform for Jitter {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        self.draws.resize(2 * events.len(), 0.0);
        self.rng.fill_uniform(&mut self.draws, 2 * self.event_count);
        self.event_count += events.len() as u64;
        let Jitter { x, y, sensor, normal, draws, .. } = self;
        let moved = |v: u16, by: f32| i64::from(v) + rounded(by);
        let inside = |v: i64, size: u32| (v as u64) < u64::from(size);
        let mut kept = 0;
        for (i, pair) in draws.as_chunks::<2>().0.iter().enumerate() {
            let Event { t, x: column, y: row, p } = events.get(i);
            let column = moved(column, *x * normal.of(pair[0]));
            let row = moved(row, *y * normal.of(pair[1]));
            (events.t[kept], events.x[kept], events.y[kept], events.p[kept]) =
                (t, column as u16, row as u16, p);
            kept += usize::from(inside(column, sensor.width) & inside(row, sensor.height));
        }
        events.truncate(kept);
        Ok(())
    }
}
