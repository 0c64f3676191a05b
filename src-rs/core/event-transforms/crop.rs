//! The events of a rectangle of the sensor, with coordinates that begin at its corner.

use crate::events::Events;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use serde::Deserialize;

/// Where the rectangle lies when no corner is given.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Position {
    /// In the middle; a larger one adds a margin on each side, as tonic's CenterCrop does.
    Center,
    /// Anywhere within the sensor, each place with the same probability.
    Random,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub width: u32,
    pub height: u32,
    pub x: Option<u32>,
    pub y: Option<u32>,
    pub position: Option<Position>,
}

struct Crop {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let &Options { width, height, x, y, position } = options;
    let cropped = Sensor { width, height, ..sensor };
    cropped.check().map_err(|e| e.within("crop"))?;
    let corner = |name: &str, given: Option<u32>, size: u32, whole: u32, draw: u64| match (given, position) {
        (Some(_), Some(_)) => {
            Err(Error::invalid(name, given.unwrap_or(0), "no corner beside a position, or no position"))
        }
        (Some(corner), None) if corner.checked_add(size).is_some_and(|end| end <= whole) => Ok(corner as i32),
        (Some(corner), None) => {
            Err(Error::invalid(name, corner, format!("at most {}", whole.saturating_sub(size))))
        }
        (None, Some(Position::Random)) if size > whole => {
            Err(Error::invalid(name, size, format!("at most the sensor's {whole} pixels")))
        }
        (None, Some(Position::Random)) => Ok((rng.uniform_f64_at(draw) * f64::from(whole - size + 1)) as i32),
        (None, _) => Ok((whole as i32 - size as i32).div_euclid(2)),
    };
    let (x, y) =
        (corner("crop.x", x, width, sensor.width, 0)?, corner("crop.y", y, height, sensor.height, 1)?);
    Ok(Stage::new(Crop { x, y, width, height }, cropped))
}

impl Transform for Crop {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        // Wraps what lies before the corner to far behind it: one comparison for both sides.
        let at = |v: u16, corner: i32| (i32::from(v) - corner) as u32;
        events.keep(|e| (at(e.x, self.x) < self.width) & (at(e.y, self.y) < self.height));
        events.x.iter_mut().for_each(|x| *x = at(*x, self.x) as u16);
        events.y.iter_mut().for_each(|y| *y = at(*y, self.y) as u16);
        Ok(())
    }
}
