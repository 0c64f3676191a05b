//! Delta code: a spike where the signal has moved enough since the step before (snnTorch's
//! `spikegen.delta`).

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, finite, width_of};
use lapicque_base::error::Result;
use lapicque_options::{OptionSet, Range, options};

pub struct Delta;

options! {
    pub struct DeltaOptions {
        /// The increase from one step to the next that makes a spike.
        threshold: f64 [Range::Positive] = 0.1,
        /// Whether the first step is compared with itself instead of with 0.
        padding: bool = false,
        /// Whether a decrease of the signal by the threshold makes a -1.
        off_spike: bool = false,
    }
}

impl Encoder for Delta {
    type Options = DeltaOptions;

    fn definition() -> Definition {
        Definition {
            kind: "delta",
            meaning: "a spike where a value rises by at least `threshold` from step to step; with `offSpike` -1 \
                      where it falls by the threshold. The first axis is time; before the first step the values are \
                      0, or with `padding` those of the first step",
            source: "snnTorch's `spikegen.delta`",
            time: Time::FirstAxis,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &DeltaOptions, _: &Draws) -> Result<Raster> {
        delta(data.values, data.steps, options)
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
    options.check("")?;
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
    use lapicque_base::error::Error;

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
