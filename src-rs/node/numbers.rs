//! Numbers from JavaScript come as `f64` and are checked here: Node-API would wrap -1 to 4294967295
//! without a word.

use lapicque_core::{Error, Result};
use std::ops::RangeInclusive;

/// `Number.MAX_SAFE_INTEGER`: the range of seeds and counters.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A whole number within `range`. Errors: `invalid-parameter`.
pub fn whole(name: &str, value: f64, range: RangeInclusive<u64>) -> Result<u64> {
    // A fraction, NaN or infinity fails the first test, anything negative or too large the second.
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

/// A finite number within `range`. Errors: `invalid-parameter`.
pub fn finite(name: &str, value: f64, range: RangeInclusive<f64>) -> Result<f64> {
    if value.is_finite() && range.contains(&value) {
        Ok(value)
    } else {
        Err(Error::invalid(name, value, format!("a number from {} to {}", range.start(), range.end())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_size_is_refused() {
        for bad in [-1.0, 0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 11.0, 1e300] {
            assert!(size("n", bad, 0..=10).is_err(), "{bad} was taken");
        }
        assert_eq!(size("n", -0.0, 0..=10), Ok(0));
        assert_eq!(size("n", 10.0, 0..=10), Ok(10));
        assert_eq!(whole("seed", 9007199254740991.0, 0..=MAX_SAFE_INTEGER), Ok(MAX_SAFE_INTEGER));
        assert!(whole("seed", 9007199254740992.0, 0..=MAX_SAFE_INTEGER).is_err());
    }
}
