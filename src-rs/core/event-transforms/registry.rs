//! All transforms, by name.

use crate::sensor::Sensor;
use crate::transform::Stage;
use crate::{align, crop, crop_time, decimate, denoise, downsample, drop, drop_area, drop_time, flip};
use crate::{hot_pixels, jitter, merge, noise, refractory, reorder, reverse, rotate, time_jitter};
use lapicque_base::error::Result;
use lapicque_base::rng::Rng;
use serde::Deserialize;

/// A transform as it is described, with `kind` for its name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TransformSpec {
    Align(align::Options),
    Crop(crop::Options),
    CropTime(crop_time::Options),
    Decimate(decimate::Options),
    Denoise(denoise::Options),
    Downsample(downsample::Options),
    Drop(drop::Options),
    DropArea(drop_area::Options),
    DropTime(drop_time::Options),
    DropPixels(hot_pixels::ListedPixels),
    Flip(flip::Options),
    HotPixels(hot_pixels::Options),
    Jitter(jitter::Options),
    MergePolarities(merge::Options),
    Noise(noise::Options),
    Refractory(refractory::Options),
    Reorder(reorder::Options),
    Reverse(reverse::Options),
    Rotate(rotate::Options),
    TimeJitter(time_jitter::Options),
}

impl TransformSpec {
    /// The transform for events of `sensor`; `rng` is its own stream of random numbers.
    ///
    /// # Errors
    /// `invalid-parameter` for an option out of range.
    pub fn build(&self, sensor: Sensor, rng: Rng) -> Result<Stage> {
        match self {
            TransformSpec::Align(o) => align::build(o, sensor),
            TransformSpec::Crop(o) => crop::build(o, sensor, rng),
            TransformSpec::CropTime(o) => crop_time::build(o, sensor),
            TransformSpec::Decimate(o) => decimate::build(o, sensor),
            TransformSpec::Denoise(o) => denoise::build(o, sensor),
            TransformSpec::Downsample(o) => downsample::build(o, sensor),
            TransformSpec::Drop(o) => drop::build(o, sensor, rng),
            TransformSpec::DropArea(o) => drop_area::build(o, sensor, rng),
            TransformSpec::DropTime(o) => drop_time::build(o, sensor, rng),
            TransformSpec::DropPixels(o) => hot_pixels::drop_listed(o, sensor, rng),
            TransformSpec::Flip(o) => flip::build(o, sensor, rng),
            TransformSpec::HotPixels(o) => hot_pixels::build(o, sensor),
            TransformSpec::Jitter(o) => jitter::build(o, sensor, rng),
            TransformSpec::MergePolarities(o) => merge::build(o, sensor),
            TransformSpec::Noise(o) => noise::build(o, sensor, rng),
            TransformSpec::Refractory(o) => refractory::build(o, sensor),
            TransformSpec::Reorder(o) => reorder::build(o, sensor),
            TransformSpec::Reverse(o) => reverse::build(o, sensor, rng),
            TransformSpec::Rotate(o) => rotate::build(o, sensor, rng),
            TransformSpec::TimeJitter(o) => time_jitter::build(o, sensor, rng),
        }
    }
}
