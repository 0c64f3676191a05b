//! Drops each event with a probability, independently.

use crate::events::{Events, probability};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub probability: f64,
}

struct Drop {
    probability: f32,
    rng: Rng,
    event_count: u64,
    draws: Vec<f32>,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let probability = probability("drop.probability", options.probability)? as f32;
    Ok(Stage::new(Drop { probability, rng, event_count: 0, draws: Vec::new() }, sensor))
}

impl Transform for Drop {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        self.draws.resize(events.len(), 0.0);
        self.rng.fill_uniform(&mut self.draws, self.event_count);
        self.event_count += events.len() as u64;
        let (mut draws, probability) = (self.draws.iter(), self.probability);
        events.keep(|_| draws.next().is_some_and(|&draw| draw >= probability));
        Ok(())
    }
}
