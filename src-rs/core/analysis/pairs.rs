//! Measures of two trains, over all pairs of many.

use super::{allocate, fits};
use lapicque_base::control::Control;
use lapicque_base::error::Result;
use rayon::prelude::*;
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};

const MATRIX: &str = "a matrix of trains";

/// Whether memory holds a matrix.
///
/// # Errors
/// `too-large`
pub fn check(trains: usize) -> Result<()> {
    fits(MATRIX, trains.saturating_mul(trains))
}

/// `[trains, trains]`, symmetric; `of(i, j)` is asked for `i < j`. Rows go to threads.
///
/// # Errors
/// `aborted`, `too-large`
pub fn matrix(
    trains: usize,
    diagonal: f64,
    control: &Control,
    of: impl Fn(usize, usize) -> f64 + Sync,
) -> Result<Vec<f64>> {
    let mut values = allocate(MATRIX, trains.saturating_mul(trains), diagonal)?;
    let done = AtomicU64::new(0);
    values.par_chunks_mut(trains.max(1)).enumerate().try_for_each(|(i, row)| {
        for (j, value) in row.iter_mut().enumerate().skip(i + 1) {
            control.check()?;
            *value = of(i, j);
        }
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        control.report(done, trains as u64, || Value::Null);
        Ok(())
    })?;
    for i in 0..trains {
        for j in i + 1..trains {
            values[j * trains + i] = values[i * trains + j];
        }
    }
    Ok(values)
}

/// The mean of a matrix over pairs of different trains, each with its weight; NaN for fewer than two trains.
pub fn mean(matrix: &[f64], trains: usize, weight: impl Fn(usize, usize) -> f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for i in 0..trains {
        for j in i + 1..trains {
            sum += weight(i, j) * matrix[i * trains + j];
            weights += weight(i, j);
        }
    }
    sum / weights
}
