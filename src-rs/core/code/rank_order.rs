//! Rank-order code: the values of a sample fire one after the other, the largest first (S. Thorpe, J. Gautrais, 1998).
//!
//! The value of rank r of n (equal ones in their order) spikes at step `floor(r steps / n)`; values at `threshold` or below do not
//! spike, but have their ranks.

use super::definition::{Data, Definition, Encoder, Time};
use super::draws::Draws;
use super::raster::{Raster, at_least_one, finite, width_of};
use lapicque_base::error::{Result, try_vec};
use lapicque_options::{OptionSet, options};

pub struct RankOrder;

options! {
    pub struct RankOrderOptions {
        /// Values at this or below do not spike, but have their ranks.
        threshold: f64 = 0.0,
    }
}

impl Encoder for RankOrder {
    type Options = RankOrderOptions;

    fn definition() -> Definition {
        Definition {
            kind: "rank-order",
            meaning: "the values of a sample (along the first axis, if there are several) fire once each, the \
                      largest first: the value of rank r of n spikes at step floor(r steps / n). Of equal values, \
                      the first in memory fires first; values at or below `threshold` do not spike",
            source: "S. Thorpe, J. Gautrais, Computational Neuroscience: Trends in Research, 1998",
            time: Time::Given,
            draws: false,
            last_axis: None,
        }
    }

    fn encode(data: &Data, options: &RankOrderOptions, _: &Draws) -> Result<Raster> {
        let samples = if data.shape.len() > 1 { data.shape[0] } else { 1 };
        rank_order(data.values, data.steps, samples, options)
    }
}

/// One spike a value, `[steps, …data]`; each of the `samples` that the data divide into has ranks of its own.
///
/// # Errors
/// `invalid-parameter` for data that are not finite or `steps` 0; `shape-mismatch` where they do not divide into samples.
pub fn rank_order(data: &[f32], steps: usize, samples: usize, options: &RankOrderOptions) -> Result<Raster> {
    at_least_one("steps", steps)?;
    finite("data", data)?;
    options.check("")?;
    let n = width_of(data, samples)?;
    let mut raster = Raster::new(steps, data.len(), 0.0)?;
    let mut order = try_vec("ranks", n, 0usize)?;
    for (sample, values) in data.chunks_exact(n).enumerate() {
        order.iter_mut().enumerate().for_each(|(i, at)| *at = i);
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
        for (rank, &i) in order.iter().enumerate() {
            if f64::from(values[i]) > options.threshold {
                let step = (rank as u128 * steps as u128 / n as u128) as usize;
                raster.values[step * data.len() + sample * n + i] = 1.0;
            }
        }
    }
    Ok(raster)
}

/// Of each value `1 - (s + 1/2) / steps` with s the step of its spike, 0 without one: its place among the values, not its size.
pub fn reconstruct(spikes: &[f32], steps: usize) -> Result<Vec<f32>> {
    let width = width_of(spikes, steps)?;
    let first = |i: usize| (0..steps).position(|t| spikes[t * width + i] != 0.0);
    let value = |step: usize| 1.0 - (step as f32 + 0.5) / steps as f32;
    Ok((0..width).map(|i| first(i).map_or(0.0, value)).collect())
}
