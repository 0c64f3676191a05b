//! BSA, Ben's spiker algorithm (B. Schrauwen, J. Van Campenhout, IJCNN 2003): spikes whose convolution with a filter is the signal.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, finite, width_of};
use lapicque_base::error::{Error, Result};
use lapicque_options::{OptionSet, options};

pub struct Bsa;

options! {
    pub struct BsaOptions {
        /// Coefficients of the filter, whose sum is the largest signal that spikes at every step can make.
        filter: Vec<f64>,
        /// The amount by which a spike must reduce the summed error; default 95 % of the filter's sum of magnitudes.
        threshold: Option<f64> = None,
    }
}

impl Encoder for Bsa {
    type Options = BsaOptions;

    fn definition() -> Definition {
        Definition {
            kind: "bsa",
            meaning: "Ben's spiker algorithm: spikes whose convolution with `filter` is the signal, which goes from 0 to the filter's sum. A \
                      spike at each step t where Σ|x[t+k] - h[k]| <= Σ|x[t+k]| - threshold, and then x[t+k] -= h[k]",
            source: "B. Schrauwen, J. Van Campenhout, IJCNN 2003",
            time: Time::FirstAxis,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &BsaOptions, _: &Draws) -> Result<Raster> {
        bsa(data.values, data.steps, options)
    }
}

impl BsaOptions {
    /// The filter as it is computed with, and the threshold.
    fn checked(&self) -> Result<(Vec<f32>, f64)> {
        self.check("")?;
        let taps: Vec<f32> = self.filter.iter().map(|&h| h as f32).collect();
        finite("filter", &taps)?;
        let default = 0.95 * self.filter.iter().fold(0.0, |sum, h| sum + h.abs());
        match taps.len() {
            0 => Err(Error::invalid("filter", "[]", "at least one coefficient")),
            _ => Ok((taps, self.threshold.unwrap_or(default))),
        }
    }
}

/// At each step t: a spike where `Σ|x[t+k] - h[k]| <= Σ|x[t+k]| - threshold`, and then `x[t+k] -= h[k]`. `data` is `[steps, …]`, the
/// signal from 0 to the filter's sum, and so is the result. What lies behind the last step does not count.
///
/// # Errors
/// `invalid-parameter` for values that are not finite; `shape-mismatch`.
pub fn bsa(data: &[f32], steps: usize, options: &BsaOptions) -> Result<Raster> {
    let (filter, threshold) = options.checked()?;
    let width = width_of(data, steps)?;
    finite("data", data)?;
    let mut raster = Raster::new(steps, width, 0.0)?;
    let mut rest = vec![0.0f64; steps];
    for i in 0..width {
        rest.iter_mut().enumerate().for_each(|(t, x)| *x = f64::from(data[t * width + i]));
        for t in 0..steps {
            let (mut with, mut without) = (0.0, 0.0);
            for (x, &h) in rest[t..].iter().zip(&filter) {
                with += (x - f64::from(h)).abs();
                without += x.abs();
            }
            if with <= without - threshold {
                raster.values[t * width + i] = 1.0;
                rest[t..].iter_mut().zip(&filter).for_each(|(x, &h)| *x -= f64::from(h));
            }
        }
    }
    Ok(raster)
}

/// The spikes convolved with the filter, `[steps, …]`.
///
/// # Errors
/// `shape-mismatch`, `invalid-parameter`
pub fn reconstruct(spikes: &[f32], steps: usize, options: &BsaOptions) -> Result<Vec<f32>> {
    let (filter, _) = options.checked()?;
    let width = width_of(spikes, steps)?;
    let mut signal = vec![0.0f64; spikes.len()];
    for (at, &spike) in spikes.iter().enumerate().filter(|(_, spike)| **spike != 0.0) {
        let to = signal[at..].iter_mut().step_by(width);
        to.zip(&filter).for_each(|(x, &h)| *x += f64::from(spike) * f64::from(h));
    }
    Ok(signal.into_iter().map(|x| x as f32).collect())
}
