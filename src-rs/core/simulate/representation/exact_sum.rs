//! Sums whose value depends neither on the order of their terms nor on their division among threads: fixed point with
//! 128 bits.

/// Terms below this are counted in units of 2^-80, others in units of 2^-30.
const FINE: f64 = 65_536.0;
/// Terms from here on (7e19) and NaN make the sum NaN.
const MOST: f64 = 73_786_976_294_838_206_464.0;

/// A sum of at most 2^30 numbers. Each is rounded to within 2^-80, or to within 2^-46 of itself if it is 65,536 or larger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExactSum {
    fine: i128,
    coarse: i128,
    lost: bool,
}

impl ExactSum {
    #[inline]
    pub fn add(&mut self, x: f64) {
        let size = x.abs();
        if size < FINE {
            self.fine += scaled(x, 80);
        } else if size < MOST {
            self.coarse += scaled(x, 30);
        } else {
            self.lost = true;
        }
    }

    pub fn join(self, other: ExactSum) -> ExactSum {
        let (fine, coarse) = (self.fine + other.fine, self.coarse + other.coarse);
        ExactSum { fine, coarse, lost: self.lost || other.lost }
    }

    /// The mean of `count` terms.
    pub fn mean(self, count: usize) -> f64 {
        if self.lost {
            return f64::NAN;
        }
        let unit = |bits: i32| libm::ldexp(1.0, -bits);
        (self.fine as f64 * unit(80) + self.coarse as f64 * unit(30)) / count as f64
    }
}

/// `x * 2^bits`, rounded towards 0.
#[inline]
fn scaled(x: f64, bits: i32) -> i128 {
    let raw = x.to_bits();
    let exponent = (raw >> 52 & 0x7FF) as i32;
    let mantissa = raw & ((1 << 52) - 1) | u64::from(exponent > 0) << 52;
    let shift = exponent.max(1) - 1075 + bits;
    let whole = match shift {
        0.. => i128::from(mantissa) << shift,
        -63..0 => i128::from(mantissa >> -shift),
        _ => 0,
    };
    if x < 0.0 { -whole } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lapicque_base::rng::Rng;

    #[test]
    fn a_sum_is_that_of_any_order_and_near_the_exact_one() {
        let rng = Rng::new(3, 4);
        for size in [1e-12, 1e-3, 70.0, 1e5, 1e9, 1e18] {
            let terms: Vec<f64> = (0..5000).map(|i| size * (rng.uniform_f64_at(i) - 0.3)).collect();
            let sum = |terms: &mut dyn Iterator<Item = &f64>| {
                let mut sum = ExactSum::default();
                terms.for_each(|&x| sum.add(x));
                sum
            };
            let all = sum(&mut terms.iter());
            assert_eq!(all, sum(&mut terms.iter().rev()));
            assert_eq!(all, sum(&mut terms[..77].iter()).join(sum(&mut terms[77..].iter())));
            // Compensated summation (Neumaier) as the reference.
            let (mut total, mut lost) = (0.0f64, 0.0);
            for &x in &terms {
                let next = total + x;
                lost += if total.abs() >= x.abs() { (total - next) + x } else { (x - next) + total };
                total = next;
            }
            let mean = (total + lost) / 5000.0;
            assert!((all.mean(5000) - mean).abs() <= 1e-12 * mean.abs(), "{size}: {} {mean}", all.mean(5000));
        }
        let mut ends = ExactSum::default();
        [65_535.75, -65_536.0, 0.0, -0.0, 5e-324].into_iter().for_each(|x| ends.add(x));
        assert_eq!(ends.mean(1), -0.25);
        ends.add(f64::NAN);
        assert!(ends.mean(1).is_nan());
    }
}
