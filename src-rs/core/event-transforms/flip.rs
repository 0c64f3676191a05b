//! Mirrors columns, rows or polarities, each with a probability that is sampled once per stream.

use crate::events::{Events, probability};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Probability that left and right change places.
    #[serde(default)]
    pub x: f64,
    /// Probability that top and bottom do.
    #[serde(default)]
    pub y: f64,
    /// Probability that on and off do.
    #[serde(default)]
    pub polarity: f64,
}

struct Flip {
    x: bool,
    y: bool,
    polarity: bool,
    sensor: Sensor,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let sampled = |name: &str, p: f64, draw| Ok(rng.uniform_f64_at(draw) < probability(name, p)?);
    let [x, y] = [sampled("flip.x", options.x, 0)?, sampled("flip.y", options.y, 1)?];
    let polarity = sampled("flip.polarity", options.polarity, 2)? && sensor.polarities == 2;
    Ok(Stage::new(Flip { x, y, polarity, sensor }, sensor))
}

impl Transform for Flip {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let [right, bottom] = [self.sensor.width - 1, self.sensor.height - 1].map(|last| last as u16);
        if self.x {
            events.x.iter_mut().for_each(|x| *x = right - *x);
        }
        if self.y {
            events.y.iter_mut().for_each(|y| *y = bottom - *y);
        }
        if self.polarity {
            events.p.iter_mut().for_each(|p| *p = 1 - *p);
        }
        Ok(())
    }
}
