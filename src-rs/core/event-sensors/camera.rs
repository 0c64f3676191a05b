//! An event camera: each pixel sends an event whenever its log intensity has moved by a threshold.
//!
//! Between two frames the log intensity moves along a straight line, so an event has the time at which the line crosses the
//! threshold (ESIM: H. Rebecq, D. Gehrig, D. Scaramuzza, CoRL 2018). What is not ideal about a sensor follows v2e (Y. Hu, S.-C. Liu,
//! T. Delbruck, CVPR Workshops 2021):
//! - mismatch: the thresholds of each pixel are drawn from a normal distribution, and are at least 0.01;
//! - bandwidth: a low-pass filter of first order before the comparison, slower in the dark with `darkBandwidth`;
//! - leak: the reference falls by `leak` thresholds a second, which gives on events where nothing moves;
//! - shot noise: random events of both signs, at 1/4 of the rate where it is brightest;
//! - refractory period: an event within it after the pixel's last one is lost, and the reference moves all the same.

use crate::crossing::Comparator;
use crate::response::Response;
use crate::{MAX_EVENTS, Sensor, above};
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::rng::Rng;
use lapicque_event_transforms::{Event, Events, Sensor as Geometry};
use serde::Deserialize;
use std::f64::consts::PI;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    pub width: u32,
    pub height: u32,
    /// Of on and off events, in units of the response (natural logarithm).
    #[serde(default = "threshold")]
    pub on: f64,
    #[serde(default = "threshold")]
    pub off: f64,
    /// Standard deviation of the thresholds over pixels, in the same units.
    #[serde(default)]
    pub mismatch: f64,
    #[serde(default)]
    pub response: Response,
    /// Cutoff of the low-pass filter in Hz; absent: none.
    pub bandwidth: Option<f64>,
    /// The cutoff is times (intensity + 0.08 brightest) / (1.08 brightest).
    #[serde(default)]
    pub dark_bandwidth: bool,
    /// Events a second that each pixel sends for no reason, in Hz.
    #[serde(default)]
    pub leak: f64,
    /// In Hz, of a pixel in the dark.
    #[serde(default)]
    pub shot_noise: f64,
    /// In µs.
    #[serde(default)]
    pub refractory: f64,
    /// The brightest intensity, to which shot noise and the filter's dependence on light refer.
    #[serde(default = "one")]
    pub brightest: f64,
    #[serde(default)]
    pub seed: u64,
}

fn threshold() -> f64 {
    0.2
}

fn one() -> f64 {
    1.0
}

/// Pixels that are compared with the frame before at once; where all are the same and nothing else happens they are left alone.
const RUN: usize = 64;
const MIN_THRESHOLD: f64 = 0.01;
/// The part of the shot noise that is left where it is brightest.
const SHOT_IN_LIGHT: f64 = 0.25;
const NEVER: f64 = f64::NEG_INFINITY;

pub struct Camera {
    options: Options,
    geometry: Geometry,
    rng: Rng,
    /// Draws made so far.
    draw_count: u64,
    frame: Vec<f32>,
    /// Filtered response of each pixel.
    value: Vec<f64>,
    pixels: Vec<Comparator>,
    last: Vec<f64>,
    /// Whether the filter of each run has caught up with its frame.
    settled: Vec<bool>,
    t: Option<f64>,
    operations: u64,
}

impl Camera {
    pub fn new(options: &Options) -> Result<Self> {
        let geometry = Geometry { width: options.width, height: options.height, polarities: 2 }.check()?;
        above("on", options.on, 0.0, false)?;
        above("off", options.off, 0.0, false)?;
        for (name, value) in [
            ("mismatch", options.mismatch),
            ("leak", options.leak),
            ("shotNoise", options.shot_noise),
            ("refractory", options.refractory),
        ] {
            above(name, value, 0.0, true)?;
        }
        above("brightest", options.brightest, 0.0, false)?;
        options.bandwidth.map(|hz| above("bandwidth", hz, 0.0, false)).transpose()?;
        options.response.check()?;
        let n = geometry.pixels();
        let rng = Rng::named(options.seed, &[0]);
        let mut pixels =
            try_vec("pixels", n, Comparator { reference: 0.0, on: options.on, off: options.off })?;
        if options.mismatch > 0.0 {
            for (pixel, i) in pixels.iter_mut().zip(0..) {
                let [on, off] = rng.normal_pair_at(i);
                pixel.on = (options.on + options.mismatch * on).max(MIN_THRESHOLD);
                pixel.off = (options.off + options.mismatch * off).max(MIN_THRESHOLD);
            }
        }
        Ok(Camera {
            options: options.clone(),
            geometry,
            rng: Rng::named(options.seed, &[1]),
            draw_count: 0,
            frame: try_vec("pixels", n, 0.0)?,
            value: try_vec("pixels", n, 0.0)?,
            pixels,
            last: try_vec("pixels", n, NEVER)?,
            settled: vec![true; n.div_ceil(RUN)],
            t: None,
            operations: 0,
        })
    }

    fn begin(&mut self, frame: &[f32]) {
        self.frame.copy_from_slice(frame);
        for ((value, pixel), &x) in self.value.iter_mut().zip(&mut self.pixels).zip(frame) {
            *value = self.options.response.of(f64::from(x));
            pixel.reference = *value;
        }
        self.operations += frame.len() as u64;
    }

    /// How far the filter goes towards its input in `dt` seconds.
    fn approach(&self, intensity: f64, dt: f64) -> f64 {
        let Some(bandwidth) = self.options.bandwidth else { return 1.0 };
        let brightness = match self.options.dark_bandwidth {
            true => (intensity / self.options.brightest + 0.08) / 1.08,
            false => 1.0,
        };
        1.0 - libm::exp(-2.0 * PI * bandwidth * brightness * dt)
    }

    /// One pixel from `t0` to `t1`; whether its filter has caught up.
    fn follow(&mut self, i: usize, [t0, t1]: [f64; 2], events: &mut Vec<Event>) -> Result<bool> {
        let dt = (t1 - t0) * 1e-6;
        let intensity = f64::from(self.frame[i]);
        let target = self.options.response.of(intensity);
        let from = self.value[i];
        let moved = from + self.approach(intensity, dt) * (target - from);
        // A rest that gives no event any more is no reason to go on.
        let settled = (target - moved).abs() < 1e-9;
        let to = if settled { target } else { moved };
        self.value[i] = to;
        let pixel = &mut self.pixels[i];
        // The reference falls: the same as a value that rises.
        let leak = self.options.leak * pixel.on * dt;
        let width = self.geometry.width as usize;
        let (x, y) = ((i % width) as u16, (i / width) as u16);
        pixel.follow(from, to + leak, |share, up| {
            let t = libm::round(t0 + share * (t1 - t0)) as i64;
            events.push(Event { t, x, y, p: u8::from(up) });
        })?;
        pixel.reference -= leak;
        Ok(settled)
    }

    fn shot_noise(&mut self, [t0, t1]: [f64; 2], events: &mut Vec<Event>) -> Result<()> {
        let mean = self.options.shot_noise * (t1 - t0) * 1e-6;
        // Small enough that two events in one draw do not matter: each draw gives one at the most.
        let draws = libm::ceil(mean / 0.05).max(1.0);
        if draws > MAX_EVENTS {
            return Err(Error::invalid("shotNoise", self.options.shot_noise, "fewer events in a step"));
        }
        let width = self.geometry.width as usize;
        for i in 0..self.frame.len() {
            let light = (f64::from(self.frame[i]) / self.options.brightest).clamp(0.0, 1.0);
            let probability = mean / draws * (1.0 - (1.0 - SHOT_IN_LIGHT) * light);
            for part in 0..draws as u64 {
                let draw = self.rng.uniform_f64_at(self.draw_count);
                self.draw_count += 1;
                let up = draw < probability / 2.0;
                if !up && draw < 1.0 - probability / 2.0 {
                    continue;
                }
                // Where in its tail the draw lies says when: it is uniform there.
                let share = if up { draw } else { 1.0 - draw } / (probability / 2.0);
                let t = t0 + (part as f64 + share.clamp(0.0, 1.0)) / draws * (t1 - t0);
                let (x, y) = ((i % width) as u16, (i / width) as u16);
                events.push(Event { t: libm::round(t) as i64, x, y, p: u8::from(up) });
            }
        }
        self.operations += self.frame.len() as u64;
        Ok(())
    }
}

impl Sensor for Camera {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn push(&mut self, frame: &[f32], t: f64, events: &mut Events) -> Result<()> {
        if frame.len() != self.frame.len() {
            return Err(Error::ShapeMismatch {
                layer: "frame".into(),
                expected: format!("[{}, {}]", self.geometry.height, self.geometry.width),
                got: format!("{} values", frame.len()),
            });
        }
        let linear = matches!(self.options.response, Response::Linear {});
        if let Some(i) = frame.iter().position(|x| !x.is_finite() || (*x < 0.0 && !linear)) {
            return Err(Error::invalid(format!("frame[{i}]"), frame[i], "a finite intensity from 0"));
        }
        if let (Response::Log { offset: 0.0 }, Some(i)) =
            (&self.options.response, frame.iter().position(|&x| x == 0.0))
        {
            return Err(Error::invalid(
                format!("frame[{i}]"),
                0,
                "an intensity above 0, or response.offset above 0",
            ));
        }
        let Some(before) = self.t else {
            above("t", t, NEVER, false)?;
            self.begin(frame);
            self.t = Some(t);
            return Ok(());
        };
        above("t", t, before, false)?;
        let times = [before, t];
        let mut sent = Vec::new();
        for (run, start) in (0..frame.len()).step_by(RUN).enumerate() {
            let end = (start + RUN).min(frame.len());
            if self.settled[run] && self.options.leak == 0.0 && self.frame[start..end] == frame[start..end] {
                continue;
            }
            self.frame[start..end].copy_from_slice(&frame[start..end]);
            let mut settled = true;
            for i in start..end {
                settled &= self.follow(i, times, &mut sent)?;
            }
            self.settled[run] = settled;
            self.operations += (end - start) as u64;
        }
        if self.options.shot_noise > 0.0 {
            self.shot_noise(times, &mut sent)?;
        }
        self.t = Some(t);
        // Pixel by pixel so far.
        sent.sort_by_key(|e| e.t);
        for e in sent {
            let last = &mut self.last[self.geometry.pixel(e.x, e.y)];
            if e.t as f64 - *last >= self.options.refractory {
                *last = e.t as f64;
                events.push(e);
            }
        }
        Ok(())
    }

    fn operations(&self) -> u64 {
        self.operations
    }
}
