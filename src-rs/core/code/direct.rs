//! Direct current: the value itself is the input current at every step.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite};
use lapicque_base::error::Result;
use lapicque_options::{OptionSet, options};

pub struct Direct;

options! {
    pub struct DirectOptions {
        /// Factor of the values.
        gain: f64 = 1.0,
        /// Added to each value.
        offset: f64 = 0.0,
    }
}

impl Encoder for Direct {
    type Options = DirectOptions;

    fn definition() -> Definition {
        Definition {
            kind: "direct",
            meaning: "the value itself at every step, scaled: gain x + offset",
            source: "N. Rathi, K. Roy, IEEE Transactions on Neural Networks and Learning Systems 34, 2023",
            time: Time::Given,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &DirectOptions, _: &Draws) -> Result<Raster> {
        direct(data.values, data.steps, options)
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
    options.check("")?;
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
