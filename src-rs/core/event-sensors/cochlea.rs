//! A silicon cochlea: a bank of band-pass filters, whose rectified outputs charge one leaky integrate-and-fire neuron each.
//!
//! - center frequencies from `low` to `high`, evenly spaced in their logarithm or on the ERB scale (B. R. Glasberg, B. C. J. Moore,
//!   Hearing Research 47, 1990);
//! - a band is two poles with a gain of 1 at its center (constant-peak band-pass of R. Bristow-Johnson's cookbook), `order` of them
//!   one after the other;
//! - hair cell: half-wave rectification; ganglion cell: `v += (gain x - v / tau) dt`, an event and `v -= threshold` at the threshold.

use crate::{Sensor, above};
use lapicque_base::error::{Error, Result};
use lapicque_event_transforms::{Event, Events, Sensor as Geometry};
use serde::Deserialize;
use std::f64::consts::PI;

#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    #[default]
    Log,
    Erb,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Samples a second.
    pub rate: f64,
    #[serde(default = "channels")]
    pub channels: u32,
    /// In Hz.
    #[serde(default = "low")]
    pub low: f64,
    #[serde(default = "high")]
    pub high: f64,
    #[serde(default)]
    pub spacing: Spacing,
    /// Center frequency by bandwidth.
    #[serde(default = "quality")]
    pub q: f64,
    #[serde(default = "order")]
    pub order: u32,
    /// Spikes a second for a mean of 1 at a threshold of 1.
    #[serde(default = "gain")]
    pub gain: f64,
    #[serde(default = "threshold")]
    pub threshold: f64,
    /// In ms; absent: no leak.
    pub tau_mem: Option<f64>,
    /// In µs.
    #[serde(default)]
    pub refractory: f64,
}

fn channels() -> u32 {
    64
}

fn low() -> f64 {
    50.0
}

fn high() -> f64 {
    8000.0
}

fn quality() -> f64 {
    8.0
}

fn order() -> u32 {
    2
}

fn gain() -> f64 {
    1000.0
}

fn threshold() -> f64 {
    1.0
}

/// One second-order section, b = [g, 0, -g], in the transposed direct form.
#[derive(Debug, Clone, Copy)]
struct Section {
    g: f64,
    a1: f64,
    a2: f64,
    s1: f64,
    s2: f64,
}

impl Section {
    fn next(&mut self, x: f64) -> f64 {
        let y = self.g * x + self.s1;
        self.s1 = self.s2 - self.a1 * y;
        self.s2 = -self.g * x - self.a2 * y;
        y
    }
}

struct Channel {
    sections: Vec<Section>,
    v: f64,
    last: f64,
}

pub struct Cochlea {
    options: Options,
    geometry: Geometry,
    channels: Vec<Channel>,
    decay: f64,
    samples: u64,
    start: Option<f64>,
    /// Whether all filters and neurons are at 0.
    silent: bool,
    operations: u64,
}

/// Smaller outputs of a filter than this part of the threshold are silence.
const SILENCE: f64 = 1e-12;
const MAX_ORDER: u32 = 16;

fn centers(options: &Options) -> Vec<f64> {
    let erb = |f: f64| 21.4 * libm::log10(1.0 + 0.00437 * f);
    let hertz = |e: f64| (libm::pow(10.0, e / 21.4) - 1.0) / 0.00437;
    let last = f64::from(options.channels.max(2) - 1);
    let between = |a: f64, b: f64, i: u32| a + (b - a) * f64::from(i) / last;
    let center = |i: u32| match options.spacing {
        Spacing::Log => libm::exp(between(libm::log(options.low), libm::log(options.high), i)),
        Spacing::Erb => hertz(between(erb(options.low), erb(options.high), i)),
    };
    (0..options.channels).map(center).collect()
}

impl Cochlea {
    pub fn new(options: &Options) -> Result<Self> {
        let geometry = Geometry { width: options.channels, height: 1, polarities: 1 };
        geometry.check().map_err(|_| Error::invalid("channels", options.channels, "1 to 65536"))?;
        for (name, value) in [
            ("rate", options.rate),
            ("low", options.low),
            ("q", options.q),
            ("gain", options.gain),
            ("threshold", options.threshold),
            ("tauMem", options.tau_mem.unwrap_or(1.0)),
        ] {
            above(name, value, 0.0, false)?;
        }
        above("high", options.high, options.low, true)?;
        above("refractory", options.refractory, 0.0, true)?;
        if options.high >= options.rate / 2.0 {
            let expected = format!("below half the rate, {}", options.rate / 2.0);
            return Err(Error::invalid("high", options.high, expected));
        }
        if !(1..=MAX_ORDER).contains(&options.order) {
            return Err(Error::invalid("order", options.order, format!("1 to {MAX_ORDER}")));
        }
        let channel = |f: f64| {
            let w = 2.0 * PI * f / options.rate;
            let alpha = libm::sin(w) / (2.0 * options.q);
            let section = Section {
                g: alpha / (1.0 + alpha),
                a1: -2.0 * libm::cos(w) / (1.0 + alpha),
                a2: (1.0 - alpha) / (1.0 + alpha),
                s1: 0.0,
                s2: 0.0,
            };
            Channel { sections: vec![section; options.order as usize], v: 0.0, last: f64::NEG_INFINITY }
        };
        let decay = options.tau_mem.map_or(1.0, |tau| libm::exp(-1e3 / (options.rate * tau)));
        let channels = centers(options).into_iter().map(channel).collect();
        let options = options.clone();
        Ok(Cochlea {
            options,
            geometry,
            channels,
            decay,
            samples: 0,
            start: None,
            silent: true,
            operations: 0,
        })
    }

    fn sample(&mut self, x: f64, t: f64, events: &mut Events) {
        let charge = self.options.gain / self.options.rate;
        let mut loudest = x.abs();
        for (number, channel) in self.channels.iter_mut().enumerate() {
            let band = channel.sections.iter_mut().fold(x, |x, section| section.next(x));
            loudest = channel.sections.iter().fold(loudest, |m, s| m.max(s.s1.abs()).max(s.s2.abs()));
            channel.v = channel.v * self.decay + charge * band.max(0.0);
            if channel.v >= self.options.threshold {
                channel.v -= self.options.threshold;
                // Several thresholds within a sample are as many events at its time.
                while channel.v >= self.options.threshold {
                    channel.v -= self.options.threshold;
                    if self.options.refractory == 0.0 {
                        events.push(Event { t: libm::round(t) as i64, x: number as u16, y: 0, p: 0 });
                    }
                }
                if t - channel.last >= self.options.refractory {
                    channel.last = t;
                    events.push(Event { t: libm::round(t) as i64, x: number as u16, y: 0, p: 0 });
                }
            }
        }
        self.operations += self.channels.len() as u64;
        if loudest < SILENCE * self.options.threshold {
            self.silent = true;
            for section in self.channels.iter_mut().flat_map(|channel| &mut channel.sections) {
                (section.s1, section.s2) = (0.0, 0.0);
            }
        }
    }
}

impl Sensor for Cochlea {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// `t` is the time of the first sample ever; later pieces follow at the sampling rate.
    fn push(&mut self, samples: &[f32], t: f64, events: &mut Events) -> Result<()> {
        if let Some(i) = samples.iter().position(|x| !x.is_finite()) {
            return Err(Error::invalid(format!("samples[{i}]"), samples[i], "a finite number"));
        }
        let most = samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let charge = self.options.gain / self.options.rate * f64::from(most) / self.options.threshold;
        if charge > 1e3 {
            return Err(Error::invalid(
                "gain",
                self.options.gain,
                "at most 1000 events of a channel a sample",
            ));
        }
        let start = *self.start.get_or_insert(t);
        for &x in samples {
            let t = start + self.samples as f64 * 1e6 / self.options.rate;
            self.samples += 1;
            if self.silent && x == 0.0 {
                // Filters at rest stay so; the leak alone goes on.
                if self.decay < 1.0 {
                    self.channels.iter_mut().for_each(|channel| channel.v *= self.decay);
                }
                continue;
            }
            self.silent = false;
            self.sample(f64::from(x), t, events);
        }
        Ok(())
    }

    fn operations(&self) -> u64 {
        self.operations
    }
}
