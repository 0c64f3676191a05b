//! Numbers from JavaScript arrive as `f64` and are checked here, because Node-API would silently convert -1 to
//! 4294967295.

use lapicque_core::{Error, Result, settings};
use std::ops::RangeInclusive;

/// `Number.MAX_SAFE_INTEGER`: the range of seeds and counters.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// An integer within `range`. Errors: `invalid-parameter`.
pub fn whole(name: &str, value: f64, range: RangeInclusive<u64>) -> Result<u64> {
    // Fractions, NaN and infinities fail the first test, negative or too large numbers the second.
    if value.fract() == 0.0 && value >= *range.start() as f64 && value <= *range.end() as f64 {
        Ok(value as u64)
    } else {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        Err(Error::invalid(name, value, expected))
    }
}

/// A size or index. Errors: `invalid-parameter`.
pub fn size(name: &str, value: f64, range: RangeInclusive<usize>) -> Result<usize> {
    whole(name, value, *range.start() as u64..=*range.end() as u64).map(|whole| whole as usize)
}

/// Threads of a task. Errors: `invalid-parameter`.
pub fn threads(name: &str, value: f64) -> Result<usize> {
    match size(name, value, 1..=usize::MAX >> 12) {
        Ok(threads) => settings::check_threads(name, threads),
        // Clamped to the nearest number, so that one message describes the range.
        Err(_) => settings::check_threads(name, 0).map_err(|error| match error {
            Error::InvalidParameter { name, expected, .. } => Error::invalid(name, value, expected),
            other => other,
        }),
    }
}

/// A finite number within `range`. Errors: `invalid-parameter`.
pub fn finite(name: &str, value: f64, range: RangeInclusive<f64>) -> Result<f64> {
    if value.is_finite() && range.contains(&value) {
        Ok(value)
    } else {
        Err(Error::invalid(name, value, format!("a number from {} to {}", range.start(), range.end())))
    }
}
