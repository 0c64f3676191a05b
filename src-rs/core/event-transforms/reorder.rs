//! Sorts events that are at most `within` µs late by time. An event is buffered until the latest time seen is that much
//! later.

use crate::events::{Events, at_least_zero};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// In µs.
    pub within: f64,
}

pub struct Reorder {
    within: i64,
    /// In order of time.
    waiting: Events,
    latest: i64,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let within = at_least_zero("reorder.within", options.within, " of µs")?;
    Ok(Stage::new(Reorder::new(within.ceil().min(i64::MAX as f64) as i64), sensor))
}

impl Reorder {
    pub fn new(within: i64) -> Self {
        Reorder { within, waiting: Events::default(), latest: i64::MIN }
    }
}

impl Transform for Reorder {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let mut latest = self.latest;
        for (i, &t) in events.t.iter().enumerate() {
            latest = latest.max(t);
            if latest.saturating_sub(t) > self.within {
                let expected = format!("at most {} µs before {latest}", self.within);
                return Err(Error::invalid(format!("events.t[{i}]"), t, expected));
            }
        }
        self.latest = latest;
        self.waiting.append(events)?;
        self.waiting.sort_by_time();
        // What is as old as this may still get company, which comes behind it: stable order needs only that none is earlier.
        let safe = latest.saturating_sub(self.within);
        let leaving = self.waiting.t.partition_point(|&t| t < safe);
        let rest = self.waiting.split_off(leaving);
        std::mem::swap(events, &mut self.waiting);
        self.waiting = rest;
        Ok(())
    }

    fn finish(&mut self) -> Result<Events> {
        Ok(std::mem::take(&mut self.waiting))
    }
}
