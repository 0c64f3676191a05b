//! A value for each pixel.

use crate::sensor::Sensor;
use lapicque_base::error::{Result, try_vec};

/// The time of a pixel that has had no event.
pub const NEVER: i64 = i64::MIN;

/// # Errors
/// `too-large` when memory cannot hold them.
pub fn of_pixels<T: Clone>(sensor: Sensor, value: T) -> Result<Vec<T>> {
    try_vec("a value for each pixel", sensor.pixels(), value)
}

/// `a - b` for times, at the limits of 64 bits instead of beyond them.
pub fn since(now: i64, before: i64) -> f64 {
    if before == NEVER { f64::INFINITY } else { now as f64 - before as f64 }
}
