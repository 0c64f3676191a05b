//! Sets all polarities to 0; the sensor then has one polarity.

use crate::events::Events;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {}

struct Merge;

pub fn build(_: &Options, sensor: Sensor) -> Result<Stage> {
    Ok(Stage::new(Merge, Sensor { polarities: 1, ..sensor }))
}

impl Transform for Merge {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        events.p.fill(0);
        Ok(())
    }
}
