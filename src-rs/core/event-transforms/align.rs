//! Times from the first event on: `t - t[0]`.

use crate::events::Events;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {}

struct Align {
    origin: Option<i64>,
}

pub fn build(_: &Options, sensor: Sensor) -> Result<Stage> {
    Ok(Stage::new(Align { origin: None }, sensor))
}

impl Transform for Align {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let Some(&first) = events.t.first() else { return Ok(()) };
        let origin = *self.origin.get_or_insert(first);
        events.t.iter_mut().for_each(|t| *t = t.saturating_sub(origin));
        Ok(())
    }
}
