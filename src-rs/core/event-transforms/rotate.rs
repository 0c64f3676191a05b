//! Rotates the image counter-clockwise about its center. Quarter turns are exact (width and height are exchanged); at
//! other angles each pixel is moved to the nearest one, and events outside the sensor are dropped.

use crate::events::{Event, Events, at_least_zero};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// In degrees.
    #[serde(default)]
    pub angle: f64,
    /// An angle from -range to range is drawn once for the stream and added.
    #[serde(default)]
    pub range: f64,
}

const NOWHERE: [u16; 2] = [u16::MAX; 2];

struct Rotate {
    from: Sensor,
    /// Where each pixel goes.
    to: Vec<[u16; 2]>,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let range = at_least_zero("rotate.range", options.range, " of degrees")?;
    if !options.angle.is_finite() {
        return Err(Error::invalid("rotate.angle", options.angle, "a finite number of degrees"));
    }
    let angle = options.angle + range * (2.0 * rng.uniform_f64_at(0) - 1.0);
    let quarters = angle / 90.0;
    let (width, height) = (f64::from(sensor.width), f64::from(sensor.height));
    let exact = quarters == quarters.round();
    let (sin, cos) = match exact.then(|| (quarters.rem_euclid(4.0)) as u8) {
        Some(0) => (0.0, 1.0),
        Some(1) => (1.0, 0.0),
        Some(2) => (0.0, -1.0),
        Some(_) => (-1.0, 0.0),
        None => (libm::sin(angle.to_radians()), libm::cos(angle.to_radians())),
    };
    let rotated = match exact && sin != 0.0 {
        true => Sensor { width: sensor.height, height: sensor.width, ..sensor },
        false => sensor,
    };
    let (new_width, new_height) = (f64::from(rotated.width), f64::from(rotated.height));
    let mut to = try_vec("pixels", sensor.pixels(), NOWHERE)?;
    for (i, target) in to.iter_mut().enumerate() {
        let column = (i % sensor.width as usize) as f64 - (width - 1.0) / 2.0;
        let row = (i / sensor.width as usize) as f64 - (height - 1.0) / 2.0;
        // Rows go downwards.
        let x = libm::round(cos * column + sin * row + (new_width - 1.0) / 2.0);
        let y = libm::round(cos * row - sin * column + (new_height - 1.0) / 2.0);
        if (0.0..new_width).contains(&x) && (0.0..new_height).contains(&y) {
            *target = [x as u16, y as u16];
        }
    }
    Ok(Stage::new(Rotate { from: sensor, to }, rotated))
}

impl Transform for Rotate {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let mut kept = 0;
        for i in 0..events.len() {
            let Event { t, x, y, p } = events.get(i);
            let target = self.to[self.from.pixel(x, y)];
            (events.t[kept], events.x[kept], events.y[kept], events.p[kept]) = (t, target[0], target[1], p);
            kept += usize::from(target != NOWHERE);
        }
        events.truncate(kept);
        Ok(())
    }
}
