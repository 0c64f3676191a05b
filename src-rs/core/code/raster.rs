//! What an encoder gives back, and the checks that all of them make.

use lapicque_base::error::{Error, Result, try_vec};
use rayon::prelude::*;

/// Values over time, `[steps, width]`; `width` is the product of the data's other axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    pub steps: usize,
    pub width: usize,
    pub values: Vec<f32>,
}

impl Raster {
    pub(super) fn new(steps: usize, width: usize, value: f32) -> Result<Self> {
        let size = steps.checked_mul(width).ok_or_else(|| Error::TooLarge {
            what: "the spike train".into(),
            needed: u64::MAX,
            allowed: isize::MAX as u64,
        })?;
        Ok(Raster { steps, width, values: try_vec("the spike train", size, value)? })
    }

    /// Values without a time axis.
    pub(super) fn without_time(values: Vec<f32>) -> Self {
        Raster { steps: 1, width: values.len(), values }
    }

    /// Calls `fill(step, row)` for every step, on all threads.
    pub(super) fn fill_steps(&mut self, fill: impl Fn(usize, &mut [f32]) + Sync + Send) {
        // A task of fewer values costs more than they do.
        let least = (1 << 12) / self.width + 1;
        let rows = self.values.par_chunks_exact_mut(self.width).with_min_len(least).enumerate();
        rows.for_each(|(step, row)| fill(step, row));
    }
}

pub(super) fn finite(name: &str, data: &[f32]) -> Result<()> {
    match data.iter().position(|x| !x.is_finite()) {
        Some(at) => Err(Error::invalid(format!("{name}[{at}]"), data[at], "a finite number")),
        None => Ok(()),
    }
}

pub(super) fn at_least_one(name: &str, value: usize) -> Result<usize> {
    if value == 0 { Err(Error::invalid(name, 0, "at least 1")) } else { Ok(value) }
}

pub(super) fn finite_option(name: &str, value: f64) -> Result<()> {
    if value.is_finite() { Ok(()) } else { Err(Error::invalid(name, value, "a finite number")) }
}

/// The width of time-major data of so many steps.
pub(super) fn width_of(data: &[f32], steps: usize) -> Result<usize> {
    at_least_one("steps", steps)?;
    if data.is_empty() || !data.len().is_multiple_of(steps) {
        return Err(Error::ShapeMismatch {
            layer: "data".into(),
            expected: format!("[{steps}, …]"),
            got: format!("{} values", data.len()),
        });
    }
    Ok(data.len() / steps)
}
