//! The stream backwards: `t' = max(t) - t`, last event first, on and off exchanged. All events are kept in memory until the end.

use crate::events::{Events, probability};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// That it is done at all, drawn once for the stream.
    #[serde(default = "default_probability")]
    pub probability: f64,
    #[serde(default = "default_true")]
    pub flip_polarity: bool,
}

fn default_probability() -> f64 {
    1.0
}

fn default_true() -> bool {
    true
}

struct Reverse {
    flip: bool,
    done: bool,
    buffered: Events,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let done = rng.uniform_f64_at(0) < probability("reverse.probability", options.probability)?;
    let flip = options.flip_polarity && sensor.polarities == 2;
    Ok(Stage::new(Reverse { flip, done, buffered: Events::default() }, sensor))
}

impl Transform for Reverse {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        if self.done {
            self.buffered.append(events)?;
            events.clear();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Events> {
        let mut events = std::mem::take(&mut self.buffered);
        let last = events.t.iter().copied().max().unwrap_or(0);
        events.t.reverse();
        events.x.reverse();
        events.y.reverse();
        events.p.reverse();
        events.t.iter_mut().for_each(|t| *t = last.saturating_sub(*t));
        if self.flip {
            events.p.iter_mut().for_each(|p| *p = 1 - *p);
        }
        Ok(events)
    }
}
