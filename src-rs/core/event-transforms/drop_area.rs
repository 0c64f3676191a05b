//! Drops the events of a rectangle at a random position: `ratio` of the sensor's width by `ratio` of its height.

use crate::events::{Events, probability};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub ratio: f64,
}

struct DropArea {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let ratio = probability("dropArea.ratio", options.ratio)?;
    let part = |whole: u32| (f64::from(whole) * ratio) as u32;
    let (width, height) = (part(sensor.width), part(sensor.height));
    let corner =
        |whole: u32, part: u32, draw| (rng.uniform_f64_at(draw) * f64::from(whole - part + 1)) as u32;
    let (x, y) = (corner(sensor.width, width, 0), corner(sensor.height, height, 1));
    Ok(Stage::new(DropArea { x, y, width, height }, sensor))
}

impl Transform for DropArea {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let inside = |v: u16, corner: u32, size: u32| u32::from(v).wrapping_sub(corner) < size;
        events.keep(|e| !(inside(e.x, self.x, self.width) & inside(e.y, self.y, self.height)));
        Ok(())
    }
}
