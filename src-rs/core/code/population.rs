//! Population code: overlapping Gaussian receptive fields, each of which spikes the earlier the closer a value is to its center
//! (S. M. Bohte, J. N. Kok, H. La Poutré, Neurocomputing 48, 2002).

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite, width_of};
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionSet, Range, options};

pub struct PopulationCode;

options! {
    pub struct PopulationOptions {
        /// Neurons of each value.
        neurons: usize [Range::AtLeast(3)] = 8,
        /// The least value.
        min: f64 = 0.0,
        /// The largest value.
        max: f64 = 1.0,
        /// A field's width is the distance of two centers divided by this.
        beta: f64 [Range::Positive] = 1.5,
        /// Fields with a smaller excitation do not spike.
        cutoff: f64 [Range::BelowOne] = 0.1,
    }
}

impl Encoder for PopulationCode {
    type Options = PopulationOptions;

    fn definition() -> Definition {
        Definition {
            kind: "population",
            meaning: "each value excites neurons with overlapping Gaussian receptive fields, which spike earlier if \
                      the value is closer to their centers: field i, with its center at min + (2 i - 1) / 2 (max - \
                      min) / (neurons - 2), at step \
                      round((1 - excitation) (steps - 1))",
            source: "S. M. Bohte, J. N. Kok, H. La Poutré, Neurocomputing 48, 2002",
            time: Time::Given,
            draws: false,
            last_axis: Some("neurons"),
        }
    }

    fn encode(data: &Data, options: &PopulationOptions, _: &Draws) -> Result<Raster> {
        population(data.values, data.steps, options)
    }
}

impl PopulationOptions {
    fn checked(&self) -> Result<()> {
        self.check("")?;
        match self.min < self.max {
            true => Ok(()),
            false => Err(Error::invalid("max", self.max, format!("more than `min`, {}", self.min))),
        }
    }

    fn distance(&self) -> f64 {
        (self.max - self.min) / (self.neurons - 2) as f64
    }

    /// `min + (2 i - 1) / 2 · (max - min) / (neurons - 2)` for i from 0: the outermost two lie outside of the range.
    fn center(&self, i: usize) -> f64 {
        self.min + (2.0 * i as f64 - 1.0) / 2.0 * self.distance()
    }

    fn excitation(&self, x: f32, i: usize) -> f64 {
        let z = (f64::from(x) - self.center(i)) / (self.distance() / self.beta);
        libm::exp(-0.5 * z * z)
    }
}

/// A spike at step `round((1 - excitation) (steps - 1))` of each field: `[steps, …data, neurons]`.
///
/// # Errors
/// `invalid-parameter` for data that are not finite and options out of range.
pub fn population(data: &[f32], steps: usize, options: &PopulationOptions) -> Result<Raster> {
    at_least_one("steps", steps)?;
    at_least_one("data", data.len())?;
    finite("data", data)?;
    options.checked()?;
    let n = options.neurons;
    let mut raster = Raster::new(steps, data.len().saturating_mul(n), 0.0)?;
    for (i, &x) in data.iter().enumerate() {
        for neuron in 0..n {
            let excitation = options.excitation(x, neuron);
            if excitation >= options.cutoff {
                let step = libm::round((1.0 - excitation) * (steps - 1) as f64) as usize;
                raster.values[step * raster.width + i * n + neuron] = 1.0;
            }
        }
    }
    Ok(raster)
}

/// The mean of the centers, weighted by what the times say of their excitation; the middle of the range without a spike.
///
/// # Errors
/// `shape-mismatch` where the spikes do not divide into populations.
pub fn reconstruct(spikes: &[f32], steps: usize, options: &PopulationOptions) -> Result<Vec<f32>> {
    options.checked()?;
    let width = width_of(spikes, steps)?;
    let n = options.neurons;
    if !width.is_multiple_of(n) {
        let (expected, got) = (format!("[{steps}, …, {n}]"), format!("[{steps}, {width}]"));
        return Err(Error::ShapeMismatch { layer: "spikes".into(), expected, got });
    }
    let value = |i: usize| {
        let (mut sum, mut weights) = (0.0, 0.0);
        for neuron in 0..n {
            let Some(step) = (0..steps).position(|t| spikes[t * width + i * n + neuron] != 0.0) else {
                continue;
            };
            let weight = 1.0 - step as f64 / (steps.max(2) - 1) as f64;
            sum += weight * options.center(neuron);
            weights += weight;
        }
        if weights > 0.0 { (sum / weights) as f32 } else { (0.5 * (options.min + options.max)) as f32 }
    };
    Ok((0..width / n).map(value).collect())
}
