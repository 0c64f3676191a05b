//! The normal distribution truncated to an interval.

use lapicque_base::normal::{cdf, quantile};

/// The probability of a value from `a` to `b`, without cancellation in the upper tail.
pub fn mass(a: f64, b: f64) -> f64 {
    if a > 0.0 { cdf(-a) - cdf(-b) } else { cdf(b) - cdf(a) }
}

/// The quantile `u` of the normal distribution truncated to `[a, b]`.
pub fn truncated_quantile(u: f64, a: f64, b: f64) -> f64 {
    let z = if a > 0.0 {
        let (upper, lower) = (cdf(-a), cdf(-b));
        -quantile(upper - u * (upper - lower))
    } else {
        let (lower, upper) = (cdf(a), cdf(b));
        quantile(lower + u * (upper - lower))
    };
    z.clamp(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_values_stay_within_their_bounds() {
        for (a, b) in [(-1.0, 2.0), (5.0, 6.0), (-40.0, -39.0), (0.0, 0.0), (30.0, 31.0)] {
            for u in [0.0, 0.3, 0.999_999] {
                let z = truncated_quantile(u, a, b);
                assert!((a..=b).contains(&z), "{z} of {a} {b}");
            }
        }
    }
}
