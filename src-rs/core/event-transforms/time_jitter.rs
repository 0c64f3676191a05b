//! Moves times by normal numbers, rounded to µs, and sorts the events again. An event is buffered until no later event can
//! precede it.

use crate::events::{Events, at_least_zero};
use crate::normal::{FARTHEST, Normal, rounded};
use crate::reorder::Reorder;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Standard deviation in µs.
    pub std: f64,
    /// Events before time 0 are dropped.
    #[serde(default)]
    pub clip_negative: bool,
    /// `false`: in the order of the input.
    #[serde(default = "default_true")]
    pub sort: bool,
}

fn default_true() -> bool {
    true
}

struct TimeJitter {
    std: f32,
    clip: bool,
    rng: Rng,
    normal: Normal,
    event_count: u64,
    draws: Vec<f32>,
    reorder: Option<Reorder>,
}

/// Rounding of a shift to 32 bits is below a µs up to here.
const MOST: f64 = 1e6;

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let std = at_least_zero("timeJitter.std", options.std, " of µs")?;
    if std > MOST {
        return Err(Error::invalid("timeJitter.std", std, format!("at most {MOST} µs")));
    }
    let reorder = options.sort.then(|| Reorder::new((2.0 * FARTHEST * std).ceil() as i64 + 1));
    let (normal, draws) = (Normal::new(), Vec::new());
    let jitter = TimeJitter {
        std: std as f32,
        clip: options.clip_negative,
        rng,
        normal,
        event_count: 0,
        draws,
        reorder,
    };
    Ok(Stage::new(jitter, sensor))
}

impl Transform for TimeJitter {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        self.draws.resize(events.len(), 0.0);
        self.rng.fill_uniform(&mut self.draws, self.event_count);
        self.event_count += events.len() as u64;
        for (t, &draw) in events.t.iter_mut().zip(&self.draws) {
            *t = t.saturating_add(rounded(self.std * self.normal.of(draw)));
        }
        if self.clip {
            events.keep(|e| e.t >= 0);
        }
        match &mut self.reorder {
            Some(reorder) => reorder.apply(events),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<Events> {
        self.reorder.as_mut().map_or_else(|| Ok(Events::default()), Reorder::finish)
    }
}
