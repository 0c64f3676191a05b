//! Signals encoded by their changes: delta modulation and level crossings. Between two samples a signal is interpolated
//! linearly, so events have the times of the crossings.

use crate::crossing::Comparator;
use crate::{MAX_EVENTS, Sensor, above};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_event_transforms::{Event, Events, Sensor as Geometry};
use serde::Deserialize;

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// An event where the signal is a threshold away from where it was at the last event (send on delta).
    #[default]
    Delta,
    /// An event at each crossing of a multiple of the threshold, also of the same one back again.
    Level,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub channels: u32,
    pub threshold: f64,
    #[serde(default)]
    pub scheme: Scheme,
    /// In µs: an event so soon after the channel's last one is lost.
    #[serde(default)]
    pub refractory: f64,
    /// Value before the first sample, at time `start`; absent: the first sample gives no event.
    pub initial: Option<f64>,
    #[serde(default)]
    pub start: f64,
}

pub struct Signal {
    options: Options,
    geometry: Geometry,
    values: Vec<f64>,
    comparators: Vec<Comparator>,
    last: Vec<f64>,
    t: Option<f64>,
    operations: u64,
}

impl Signal {
    pub fn new(options: &Options) -> Result<Self> {
        let geometry = Geometry { width: options.channels, height: 1, polarities: 2 };
        geometry.check().map_err(|_| Error::invalid("channels", options.channels, "1 to 65536"))?;
        let threshold = above("threshold", options.threshold, 0.0, false)?;
        above("refractory", options.refractory, 0.0, true)?;
        above("start", options.start, f64::NEG_INFINITY, false)?;
        let initial = above("initial", options.initial.unwrap_or(0.0), f64::NEG_INFINITY, false)?;
        let n = options.channels as usize;
        let comparator = Comparator { reference: initial, on: threshold, off: threshold };
        Ok(Signal {
            options: options.clone(),
            geometry,
            values: try_vec("channels", n, initial)?,
            comparators: try_vec("channels", n, comparator)?,
            last: try_vec("channels", n, f64::NEG_INFINITY)?,
            t: options.initial.map(|_| options.start),
            operations: 0,
        })
    }
}

/// The multiples of `step` between two values, the first one left out, in the order in which they are met.
fn levels(from: f64, to: f64, step: f64, mut event: impl FnMut(f64, bool)) -> Result<()> {
    let (low, high) = (libm::floor(from / step), libm::floor(to / step));
    let up = to > from;
    // Upwards a level is met when it is reached, downwards too: the one at `from` itself was met before.
    let (first, last) = match up {
        true => (low + 1.0, high),
        false => (libm::ceil(from / step) - 1.0, libm::ceil(to / step)),
    };
    let count = if up { last - first } else { first - last } + 1.0;
    if count > MAX_EVENTS {
        return Err(Error::invalid("threshold", step, format!("at most {MAX_EVENTS} crossings in a step")));
    }
    for k in 0..count.max(0.0) as u64 {
        let level = if up { first + k as f64 } else { first - k as f64 } * step;
        event(((level - from) / (to - from)).clamp(0.0, 1.0), up);
    }
    Ok(())
}

impl Sensor for Signal {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn push(&mut self, values: &[f32], t: f64, events: &mut Events) -> Result<()> {
        if values.len() != self.values.len() {
            return Err(Error::ShapeMismatch {
                layer: "values".into(),
                expected: format!("[{}]", self.values.len()),
                got: format!("{} values", values.len()),
            });
        }
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::invalid(format!("values[{i}]"), values[i], "a finite number"));
        }
        let Some(before) = self.t else {
            above("t", t, f64::NEG_INFINITY, false)?;
            for ((value, comparator), &x) in self.values.iter_mut().zip(&mut self.comparators).zip(values) {
                *value = f64::from(x);
                comparator.reference = *value;
            }
            self.operations += values.len() as u64;
            self.t = Some(t);
            return Ok(());
        };
        above("t", t, before, false)?;
        let mut sent = Vec::new();
        for (channel, &x) in values.iter().enumerate() {
            let (from, to) = (self.values[channel], f64::from(x));
            if from == to {
                continue;
            }
            self.operations += 1;
            self.values[channel] = to;
            let (refractory, last) = (self.options.refractory, &mut self.last[channel]);
            let event = |share: f64, up: bool| {
                let t = before + share * (t - before);
                if t - *last >= refractory {
                    *last = t;
                    sent.push(Event { t: libm::round(t) as i64, x: channel as u16, y: 0, p: u8::from(up) });
                }
            };
            match self.options.scheme {
                Scheme::Delta => self.comparators[channel].follow(from, to, event)?,
                Scheme::Level => levels(from, to, self.options.threshold, event)?,
            }
        }
        self.t = Some(t);
        sent.sort_by_key(|e| e.t);
        sent.into_iter().for_each(|e| events.push(e));
        Ok(())
    }

    fn operations(&self) -> u64 {
        self.operations
    }
}
