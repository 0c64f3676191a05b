//! The events of an interval of time, its ends included.

use crate::events::Events;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub from: Option<f64>,
    pub to: Option<f64>,
}

struct CropTime {
    from: f64,
    to: f64,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let (from, to) = (options.from.unwrap_or(f64::NEG_INFINITY), options.to.unwrap_or(f64::INFINITY));
    if from > to {
        return Err(Error::invalid("cropTime.to", to, format!("at least `from`, {from}")));
    }
    Ok(Stage::new(CropTime { from, to }, sensor))
}

impl Transform for CropTime {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        events.keep(|e| (e.t as f64 >= self.from) & (e.t as f64 <= self.to));
        Ok(())
    }
}
