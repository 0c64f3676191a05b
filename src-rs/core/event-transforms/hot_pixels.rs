//! Removes pixels: those that fire too often, given ones, and random ones.

use crate::events::{Events, positive, probability};
use crate::pixels::of_pixels;
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result};
use lapicque_base::rng::Rng;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Pixels with more events a second than this, in Hz, are silenced.
    pub frequency: f64,
    /// The rate is that of the first so many µs; absent: of the whole stream, which is kept in memory until its end.
    pub learn: Option<f64>,
}

struct HotPixels {
    frequency: f64,
    learn: f64,
    sensor: Sensor,
    waiting: Events,
    /// Empty until the rates are known.
    hot: Vec<bool>,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let frequency = positive("hotPixels.frequency", options.frequency, " of Hz")?;
    let learn = options.learn.map(|t| positive("hotPixels.learn", t, " of µs")).transpose()?;
    let learn = learn.unwrap_or(f64::INFINITY);
    let waiting = Events::default();
    Ok(Stage::new(HotPixels { frequency, learn, sensor, waiting, hot: Vec::new() }, sensor))
}

impl HotPixels {
    /// Silences what fired above the frequency among the waiting events, over `duration` µs.
    fn learn(&mut self, duration: f64, counted: usize) -> Result<()> {
        let most = self.frequency * duration * 1e-6;
        let mut counts = of_pixels(self.sensor, 0u32)?;
        for e in self.waiting.iter().take(counted) {
            let count = &mut counts[self.sensor.pixel(e.x, e.y)];
            *count = count.saturating_add(1);
        }
        self.hot = counts.into_iter().map(|count| f64::from(count) > most).collect();
        Ok(())
    }

    fn silence(&self, events: &mut Events) {
        events.keep(|e| !self.hot[self.sensor.pixel(e.x, e.y)]);
    }
}

impl Transform for HotPixels {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        if self.hot.is_empty() {
            self.waiting.append(events)?;
            events.clear();
            let Some(&first) = self.waiting.t.first() else { return Ok(()) };
            let late = |t: &i64| *t as f64 - first as f64 >= self.learn;
            let Some(end) = self.waiting.t.iter().position(late) else { return Ok(()) };
            self.learn(self.learn, end)?;
            std::mem::swap(events, &mut self.waiting);
        }
        self.silence(events);
        Ok(())
    }

    fn finish(&mut self) -> Result<Events> {
        let (Some(first), Some(last)) = (self.waiting.t.first(), self.waiting.t.last()) else {
            return Ok(Events::default());
        };
        self.learn(*last as f64 - *first as f64, self.waiting.len())?;
        let mut events = std::mem::take(&mut self.waiting);
        self.silence(&mut events);
        Ok(events)
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListedPixels {
    /// `[x, y]` of each.
    #[serde(default)]
    pub pixels: Vec<[u32; 2]>,
    /// Every other pixel is silenced with this probability, drawn once for the stream.
    #[serde(default)]
    pub probability: f64,
}

struct DropPixels {
    sensor: Sensor,
    silent: Vec<bool>,
}

pub fn drop_listed(options: &ListedPixels, sensor: Sensor, rng: Rng) -> Result<Stage> {
    let p = probability("dropPixels.probability", options.probability)?;
    let mut silent = of_pixels(sensor, false)?;
    if p > 0.0 {
        silent.iter_mut().zip(0..).for_each(|(silent, i)| *silent = rng.uniform_f64_at(i) < p);
    }
    for (i, &[x, y]) in options.pixels.iter().enumerate() {
        if x >= sensor.width || y >= sensor.height {
            let expected = format!("a pixel of the sensor, {} x {}", sensor.width, sensor.height);
            return Err(Error::invalid(format!("dropPixels.pixels[{i}]"), format!("[{x}, {y}]"), expected));
        }
        silent[sensor.pixel(x as u16, y as u16)] = true;
    }
    Ok(Stage::new(DropPixels { sensor, silent }, sensor))
}

impl Transform for DropPixels {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        events.keep(|e| !self.silent[self.sensor.pixel(e.x, e.y)]);
        Ok(())
    }
}
