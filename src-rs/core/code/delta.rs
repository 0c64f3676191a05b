//! Delta code: a spike where the signal has moved enough since the step before (snnTorch's
//! `spikegen.delta`).

use super::raster::{Raster, finite, width_of};
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DeltaOptions {
    pub threshold: f64,
    /// The first step is compared with itself instead of with 0.
    pub padding: bool,
    /// -1 where the signal has fallen by the threshold.
    pub off_spike: bool,
}

impl Default for DeltaOptions {
    fn default() -> Self {
        DeltaOptions { threshold: 0.1, padding: false, off_spike: false }
    }
}

/// `data` is `[steps, …]`, and so is the result.
///
/// # Errors
/// `invalid-parameter` for data that is not finite or a threshold that is not positive;
/// `shape-mismatch` when the data does not divide into `steps`.
pub fn delta(data: &[f32], steps: usize, options: &DeltaOptions) -> Result<Raster> {
    let width = width_of(data, steps)?;
    finite("data", data)?;
    if !(options.threshold > 0.0 && options.threshold.is_finite()) {
        return Err(Error::invalid("threshold", options.threshold, "a positive number"));
    }
    let threshold = options.threshold as f32;
    let mut raster = Raster::new(steps, width, 0.0)?;
    let silence = vec![0.0; if options.padding { 0 } else { width }];
    raster.fill_steps(|t, row| {
        let now = &data[t * width..][..width];
        let before = match t.checked_sub(1) {
            Some(earlier) => &data[earlier * width..][..width],
            None if options.padding => now,
            None => &silence,
        };
        for ((spike, x), before) in row.iter_mut().zip(now).zip(before) {
            let change = x - before;
            *spike = f32::from(change >= threshold) - f32::from(options.off_spike && change <= -threshold);
        }
    });
    Ok(raster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_is_named() {
        let plain = DeltaOptions::default();
        assert!(matches!(delta(&[0.0; 5], 2, &plain), Err(Error::ShapeMismatch { .. })));
        assert!(matches!(delta(&[0.0; 4], 0, &plain), Err(Error::InvalidParameter { .. })));
        assert!(matches!(delta(&[0.0, f32::INFINITY], 2, &plain), Err(Error::InvalidParameter { .. })));
        let flat = DeltaOptions { threshold: 0.0, ..plain };
        assert!(matches!(delta(&[0.0; 4], 2, &flat), Err(Error::InvalidParameter { .. })));
    }
}
