//! Codes of a signal's changes that follow it with a reference of their own: step-forward and moving window (B. Petro, N. Kasabov,
//! R. M. Kiss, IEEE Transactions on Neural Networks and Learning Systems 31, 2020). A spike of 1 says that the signal is above the
//! reference by more than the threshold, -1 that it is below.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, finite, width_of};
use lapicque_base::error::Result;
use lapicque_options::{OptionSet, Range, options};

const SOURCE: &str =
    "B. Petro, N. Kasabov, R. M. Kiss, IEEE Transactions on Neural Networks and Learning Systems 31, 2020";

pub struct StepForward;

options! {
    pub struct StepForwardOptions {
        /// The difference of signal and reference that makes a spike, by which the reference then moves.
        threshold: f64 [Range::Positive] = 0.1,
    }
}

impl Encoder for StepForward {
    type Options = StepForwardOptions;

    fn definition() -> Definition {
        Definition {
            kind: "step-forward",
            meaning: "1 or -1 where a signal is above or below a reference by more than `threshold`; the reference \
                      then moves by `threshold`. The first axis is time, and the first reference the first sample",
            source: SOURCE,
            time: Time::FirstAxis,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &StepForwardOptions, _: &Draws) -> Result<Raster> {
        options.check("")?;
        forward(data.values, data.steps, options.threshold, None)
    }
}

pub struct MovingWindow;

options! {
    pub struct MovingWindowOptions {
        /// Samples whose mean is the reference.
        window: usize [Range::AtLeast(1)],
        /// The difference of signal and reference that makes a spike.
        threshold: f64 [Range::Positive] = 0.1,
    }
}

impl Encoder for MovingWindow {
    type Options = MovingWindowOptions;

    fn definition() -> Definition {
        Definition {
            kind: "moving-window",
            meaning: "1 or -1 where a signal is above or below the mean of the last `window` samples by more than `threshold`. The first \
                      axis is time, and the first reference the first sample",
            source: SOURCE,
            time: Time::FirstAxis,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &MovingWindowOptions, _: &Draws) -> Result<Raster> {
        options.check("")?;
        forward(data.values, data.steps, options.threshold, Some(options.window))
    }
}

/// `data` is `[steps, …]`, and so is the result. The first reference is the first sample; with a window it is the mean of so many
/// samples before, as many as there are.
///
/// # Errors
/// `invalid-parameter` for data that are not finite; `shape-mismatch`.
pub(crate) fn forward(data: &[f32], steps: usize, threshold: f64, window: Option<usize>) -> Result<Raster> {
    let width = width_of(data, steps)?;
    finite("data", data)?;
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
                up if up > threshold => 1.0,
                down if down < -threshold => -1.0,
                _ => continue,
            };
            raster.values[t * width + i] = sign as f32;
            if window.is_none() {
                reference += sign * threshold;
            }
        }
    }
    Ok(raster)
}

options! {
    /// Of the value that such spikes stand for.
    pub struct SumOptions {
        /// What a spike stands for.
        threshold: f64 = 0.1,
        /// Value before the first step.
        initial: f64 = 0.0,
    }
}

/// `initial + threshold · (spikes so far)`, `[steps, …]`: of delta, step-forward and moving-window codes.
///
/// # Errors
/// `shape-mismatch`, `invalid-parameter`
pub fn reconstruct(spikes: &[f32], steps: usize, options: &SumOptions) -> Result<Vec<f32>> {
    let width = width_of(spikes, steps)?;
    options.check("")?;
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
