//! Codes of a signal's changes that follow it with a reference of their own: step-forward and moving window (B. Petro, N. Kasabov,
//! R. M. Kiss, IEEE Transactions on Neural Networks and Learning Systems 31, 2020). A spike of 1 says that the signal is above the
//! reference by more than the threshold, -1 that it is below.

use super::raster::{Raster, at_least_one, finite, finite_option, width_of};
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ForwardOptions {
    pub threshold: f64,
    /// Samples whose mean is the reference; absent: the reference moves by the threshold at each spike (step-forward).
    pub window: Option<usize>,
}

impl Default for ForwardOptions {
    fn default() -> Self {
        ForwardOptions { threshold: 0.1, window: None }
    }
}

/// `data` is `[steps, …]`, and so is the result. The first reference is the first sample; a window holds the samples before it,
/// as many as there are.
///
/// # Errors
/// `invalid-parameter` for data that are not finite or a threshold that is not positive; `shape-mismatch`.
pub fn forward(data: &[f32], steps: usize, options: &ForwardOptions) -> Result<Raster> {
    let width = width_of(data, steps)?;
    finite("data", data)?;
    if !(options.threshold > 0.0 && options.threshold.is_finite()) {
        return Err(Error::invalid("threshold", options.threshold, "a positive number"));
    }
    let window = options.window.map(|window| at_least_one("window", window)).transpose()?;
    let mut raster = Raster::new(steps, width, 0.0)?;
    for i in 0..width {
        let at = |t: usize| f64::from(data[t * width + i]);
        let (mut reference, mut sum) = (at(0), 0.0);
        for t in 0..steps {
            if let (Some(window), true) = (window, t > 0) {
                // Sums of f32 in f64: what leaves takes itself along exactly enough for a threshold.
                sum += at(t - 1) - if t > window { at(t - 1 - window) } else { 0.0 };
                reference = sum / t.min(window) as f64;
            }
            let sign = match at(t) - reference {
                up if up > options.threshold => 1.0,
                down if down < -options.threshold => -1.0,
                _ => continue,
            };
            raster.values[t * width + i] = sign as f32;
            if window.is_none() {
                reference += sign * options.threshold;
            }
        }
    }
    Ok(raster)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SumOptions {
    pub threshold: f64,
    /// Value before the first step.
    pub initial: f64,
}

impl Default for SumOptions {
    fn default() -> Self {
        SumOptions { threshold: 0.1, initial: 0.0 }
    }
}

/// `initial + threshold · (spikes so far)`, `[steps, …]`: of delta, step-forward and moving-window codes.
///
/// # Errors
/// `shape-mismatch`, `invalid-parameter`
pub fn reconstruct(spikes: &[f32], steps: usize, options: &SumOptions) -> Result<Vec<f32>> {
    let width = width_of(spikes, steps)?;
    finite_option("threshold", options.threshold)?;
    finite_option("initial", options.initial)?;
    let mut signal = spikes.to_vec();
    for i in 0..width {
        let mut count = 0.0;
        for t in 0..steps {
            count += f64::from(spikes[t * width + i]);
            signal[t * width + i] = (options.initial + options.threshold * count) as f32;
        }
    }
    Ok(signal)
}
