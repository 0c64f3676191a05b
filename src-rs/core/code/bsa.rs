//! BSA, Ben's spiker algorithm (B. Schrauwen, J. Van Campenhout, IJCNN 2003): spikes whose convolution with a filter is the signal.

use super::raster::{Raster, finite, finite_option, width_of};
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BsaOptions {
    /// Coefficients of the filter, whose sum is the largest signal that spikes at every step can make.
    pub filter: Vec<f32>,
    /// By how much a spike must lower the error.
    #[serde(default)]
    pub threshold: f64,
}

impl BsaOptions {
    fn check(&self) -> Result<()> {
        finite("filter", &self.filter)?;
        finite_option("threshold", self.threshold)?;
        match self.filter.len() {
            0 => Err(Error::invalid("filter", "[]", "at least one coefficient")),
            _ => Ok(()),
        }
    }
}

/// At each step t: a spike where `Σ|x[t+k] - h[k]| <= Σ|x[t+k]| - threshold`, and then `x[t+k] -= h[k]`. `data` is `[steps, …]`, the
/// signal from 0 to the filter's sum, and so is the result. What lies behind the last step does not count.
///
/// # Errors
/// `invalid-parameter` for values that are not finite; `shape-mismatch`.
pub fn bsa(data: &[f32], steps: usize, options: &BsaOptions) -> Result<Raster> {
    options.check()?;
    let width = width_of(data, steps)?;
    finite("data", data)?;
    let mut raster = Raster::new(steps, width, 0.0)?;
    let mut rest = vec![0.0f64; steps];
    for i in 0..width {
        rest.iter_mut().enumerate().for_each(|(t, x)| *x = f64::from(data[t * width + i]));
        for t in 0..steps {
            let (mut with, mut without) = (0.0, 0.0);
            for (x, &h) in rest[t..].iter().zip(&options.filter) {
                with += (x - f64::from(h)).abs();
                without += x.abs();
            }
            if with <= without - options.threshold {
                raster.values[t * width + i] = 1.0;
                rest[t..].iter_mut().zip(&options.filter).for_each(|(x, &h)| *x -= f64::from(h));
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
    options.check()?;
    let width = width_of(spikes, steps)?;
    let mut signal = vec![0.0f64; spikes.len()];
    for (at, &spike) in spikes.iter().enumerate().filter(|(_, spike)| **spike != 0.0) {
        let to = signal[at..].iter_mut().step_by(width);
        to.zip(&options.filter).for_each(|(x, &h)| *x += f64::from(spike) * f64::from(h));
    }
    Ok(signal.into_iter().map(|x| x as f32).collect())
}
