//! Noise: each pixel independently adds events at a rate, with random polarity. The noise between two events of the
//! input is added between them, so the stream stays in order.

use crate::events::{Event, Events, at_least_zero};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Events of a pixel a second, in Hz.
    pub rate: f64,
}

struct Noise {
    /// Mean time between two noise events of the whole sensor, in µs.
    interval: f64,
    sensor: Sensor,
    rng: Rng,
    draw_count: u64,
    /// When the next noise event comes; none before the first event of the input.
    next: Option<f64>,
    out: Events,
}

pub fn build(options: &Options, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let rate = at_least_zero("noise.rate", options.rate, " of Hz")?;
    let interval = 1e6 / (rate * sensor.pixels() as f64);
    Ok(Stage::new(Noise { interval, sensor, rng, draw_count: 0, next: None, out: Events::default() }, sensor))
}

impl Noise {
    fn waiting_time(&mut self) -> f64 {
        let uniform = self.rng.uniform_f64_at(2 * self.draw_count);
        -self.interval * libm::log(1.0 - uniform)
    }

    fn draw(&mut self, t: f64) -> Event {
        let word = self.rng.u64_at(2 * self.draw_count + 1);
        self.draw_count += 1;
        let pixel = ((u128::from(word >> 1) * self.sensor.pixels() as u128) >> 63) as usize;
        let width = self.sensor.width as usize;
        let p = if self.sensor.polarities == 2 { (word & 1) as u8 } else { 0 };
        Event { t: t as i64, x: (pixel % width) as u16, y: (pixel / width) as u16, p }
    }
}

impl Transform for Noise {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        let (Some(&first), Some(&last)) = (events.t.first(), events.t.last()) else { return Ok(()) };
        if self.interval == f64::INFINITY {
            return Ok(());
        }
        let from = self.next.unwrap_or(first as f64);
        let expected = ((last as f64 - from) / self.interval).max(0.0);
        if expected > 2f64.powi(32) {
            return Err(Error::invalid(
                "noise.rate",
                1e6 / self.interval,
                "a rate with fewer than 2^32 events a batch",
            ));
        }
        memory::check("noise events", (expected * 1.1) as u64 * 13)?;
        self.out.clear();
        for e in events.iter() {
            let mut next = match self.next {
                Some(next) => next,
                None => e.t as f64 + self.waiting_time(),
            };
            while next <= e.t as f64 {
                let noise = self.draw(next);
                self.out.push(noise);
                next += self.waiting_time();
            }
            self.next = Some(next);
            self.out.push(e);
        }
        std::mem::swap(events, &mut self.out);
        Ok(())
    }
}
