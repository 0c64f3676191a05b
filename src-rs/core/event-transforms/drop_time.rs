//! Drops the events of an interval at a random time: `ratio` of the stream's duration. Unless `duration` is given, the
//! duration is known only at the end of the stream, so all events are kept in memory until then.

use crate::events::{Events, positive, probability};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub ratio: f64,
    /// In µs, from the first event on.
    pub duration: Option<f64>,
}

struct DropTime {
    ratio: f64,
    duration: Option<f64>,
    rng: Rng,
    first: Option<i64>,
    buffered: Events,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let ratio = probability("dropTime.ratio", options.ratio)?;
    let duration = options.duration.map(|d| positive("dropTime.duration", d, " of µs")).transpose()?;
    Ok(Stage::new(DropTime { ratio, duration, rng, first: None, buffered: Events::default() }, sensor))
}

impl DropTime {
    fn drop(&self, events: &mut Events, duration: f64) {
        let Some(first) = self.first else { return };
        let from = first as f64 + self.rng.uniform_f64_at(0) * duration * (1.0 - self.ratio);
        let to = from + duration * self.ratio;
        events.keep(|e| !((e.t as f64 >= from) & ((e.t as f64) < to)));
    }
}

impl Transform for DropTime {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        if let (None, Some(&first)) = (self.first, events.t.first()) {
            self.first = Some(first);
        }
        if let Some(duration) = self.duration {
            self.drop(events, duration);
            return Ok(());
        }
        self.buffered.append(events)?;
        events.clear();
        Ok(())
    }

    fn finish(&mut self) -> Result<Events> {
        let mut events = std::mem::take(&mut self.buffered);
        if let (Some(&first), Some(&last)) = (events.t.first(), events.t.iter().max()) {
            self.drop(&mut events, last as f64 - first as f64);
        }
        Ok(events)
    }
}
