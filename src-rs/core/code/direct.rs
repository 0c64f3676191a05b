//! Direct current: the value itself is the input current at every step.

use super::raster::{Raster, at_least_one, finite, finite_option};
use lapicque_base::error::Result;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DirectOptions {
    pub gain: f64,
    pub offset: f64,
}

impl Default for DirectOptions {
    fn default() -> Self {
        DirectOptions { gain: 1.0, offset: 0.0 }
    }
}

/// gain · x + offset, repeated: `[steps, …data]`.
///
/// # Errors
/// `invalid-parameter` for data or options that are not finite, or `steps` 0.
pub fn direct(data: &[f32], steps: usize, options: &DirectOptions) -> Result<Raster> {
    at_least_one("steps", steps)?;
    at_least_one("data", data.len())?;
    finite("data", data)?;
    finite_option("gain", options.gain)?;
    finite_option("offset", options.offset)?;
    let mut raster = Raster::new(steps, data.len(), 0.0)?;
    raster.fill_steps(|_, row| {
        for (current, &x) in row.iter_mut().zip(data) {
            *current = x * options.gain as f32 + options.offset as f32;
        }
    });
    Ok(raster)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_the_scaled_data() {
        let raster = direct(&[1.0, -2.0], 3, &DirectOptions { gain: 0.5, offset: 1.0 }).unwrap();
        assert_eq!(raster.values, [1.5, 0.0, 1.5, 0.0, 1.5, 0.0]);
        assert!(direct(&[1.0], 0, &DirectOptions::default()).is_err());
        assert!(direct(&[f32::NAN], 1, &DirectOptions::default()).is_err());
    }
}
