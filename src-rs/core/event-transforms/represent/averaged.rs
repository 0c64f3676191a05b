//! Histograms of averaged time surfaces (HATS): for each event, the decayed earlier events of its cell and polarity,
//! within `time` and within `size` pixels around it; the mean of these surfaces over the events of a cell and polarity.
//!
//! tonic 1.7.0 rounds times to 32 bits, which loses µs from 17 s on.

use super::{Frames, Sink, Span};
use crate::events::{Event, positive};
use crate::sensor::Sensor;
use lapicque_base::error::{Error, Result, try_vec};
use serde::Deserialize;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Decay {
    /// exp(-age / tau)
    Exp,
    /// 1 - age / (3 tau)
    Lin,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Pixels of a surface's side, odd.
    pub surface: u32,
    /// Pixels of a cell's side.
    pub cell: u32,
    /// How far back events count, in µs.
    pub time: f64,
    /// In µs.
    pub tau: f64,
    pub decay: Decay,
}

pub struct Averaged {
    sensor: Sensor,
    options: Options,
    columns: usize,
    cells: usize,
    /// Of each cell and polarity: the events that still count, how many there were, and the sum of their surfaces.
    recent: Vec<VecDeque<Event>>,
    events: Vec<u64>,
    sums: Vec<f64>,
}

impl Averaged {
    pub fn new(sensor: Sensor, options: &Options) -> Result<Self> {
        let &Options { surface, cell, time, tau, .. } = options;
        if surface.is_multiple_of(2) || surface > cell {
            return Err(Error::invalid(
                "surface",
                surface,
                format!("an odd number up to the cell's {cell} pixels"),
            ));
        }
        positive("time", time, " of µs")?;
        positive("tau", tau, " of µs")?;
        let columns = sensor.width.div_ceil(cell) as usize;
        let cells = columns * sensor.height.div_ceil(cell) as usize;
        let both = cells * usize::from(sensor.polarities);
        let area = surface as usize * surface as usize;
        let sums = try_vec("averaged time surfaces", both.saturating_mul(area), 0.0)?;
        let recent = try_vec("averaged time surfaces", both, VecDeque::new())?;
        Ok(Averaged { sensor, options: options.clone(), columns, cells, recent, events: vec![0; both], sums })
    }

    pub fn shape(&self) -> Vec<usize> {
        let size = self.options.surface as usize;
        vec![self.cells, usize::from(self.sensor.polarities), size, size]
    }
}

impl Sink for Averaged {
    fn add(&mut self, e: Event) {
        let Options { surface, cell, time, tau, decay } = self.options;
        let [column, row] = [e.x, e.y].map(|v| u32::from(v) / cell);
        let cell = row as usize * self.columns + column as usize;
        let p = if self.sensor.polarities == 2 { usize::from(e.p) } else { 0 };
        let at = cell * usize::from(self.sensor.polarities) + p;
        let size = surface as usize;
        let sums = &mut self.sums[at * size * size..][..size * size];
        let recent = &mut self.recent[at];
        while recent.front().is_some_and(|old| e.t as f64 - old.t as f64 > time) {
            recent.pop_front();
        }
        let center = i64::from(surface / 2);
        for old in &*recent {
            let x = i64::from(old.x) - i64::from(e.x) + center;
            let y = i64::from(old.y) - i64::from(e.y) + center;
            if (0..i64::from(surface)).contains(&x) && (0..i64::from(surface)).contains(&y) {
                let age = e.t as f64 - old.t as f64;
                sums[y as usize * size + x as usize] += match decay {
                    Decay::Exp => libm::exp(-age / tau),
                    Decay::Lin => 1.0 - age / (3.0 * tau),
                };
            }
        }
        sums[center as usize * size + center as usize] += 1.0;
        recent.push_back(e);
        self.events[at] += 1;
    }

    /// Not called: windows of these do not overlap.
    fn remove(&mut self, _: Event) {}

    fn clear(&mut self) {
        self.recent.iter_mut().for_each(VecDeque::clear);
        self.events.fill(0);
        self.sums.fill(0.0);
    }

    fn emit(&mut self, span: Span, frames: &mut Frames) -> Result<()> {
        frames.reserve(span, self.sums.len())?;
        let area = (self.options.surface * self.options.surface) as usize;
        for (sums, &n) in self.sums.chunks_exact(area).zip(&self.events) {
            frames.values.extend(sums.iter().map(|&sum| (sum / n.max(1) as f64) as f32));
        }
        Ok(())
    }
}
