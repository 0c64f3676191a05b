//! Interval arithmetic: bounds of an expression from bounds of its inputs.

use super::scalar::Scalar;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The numbers from `low` to `high`, inclusive. The interval may be wider than the values of an expression, never narrower.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Relative widening of bounds: far more than the rounding error of one operation or function.
const SLACK: f64 = 1e-12;

impl Interval {
    pub const ALL: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// The interval between any two bounds; all numbers if one is NaN.
    pub fn new(low: f64, high: f64) -> Interval {
        if low <= high { Interval { low, high } } else { Interval::ALL }
    }

    fn widened(low: f64, high: f64) -> Interval {
        let apart = |x: f64| x.abs() * SLACK + f64::MIN_POSITIVE;
        Interval::new(low - apart(low), high + apart(high))
    }

    /// The interval that contains the values at the corners.
    fn around(corners: [f64; 4]) -> Interval {
        if corners.iter().any(|x| x.is_nan()) {
            return Interval::ALL;
        }
        let fold = |f: fn(f64, f64) -> f64| corners.into_iter().reduce(f).unwrap_or(f64::NAN);
        Interval::widened(fold(f64::min), fold(f64::max))
    }

    /// The image under an increasing function.
    fn growing(self, f: impl Fn(f64) -> f64) -> Interval {
        Interval::widened(f(self.low), f(self.high))
    }

    /// A condition that certainly holds, certainly fails, or may do either.
    fn decided(holds: bool, fails: bool) -> Interval {
        match (holds, fails) {
            (true, _) => Interval::new(1.0, 1.0),
            (_, true) => Interval::new(0.0, 0.0),
            _ => Interval::new(0.0, 1.0),
        }
    }

    fn hull(self, other: Interval) -> Interval {
        Interval::new(f64::min(self.low, other.low), f64::max(self.high, other.high))
    }
}

impl Add for Interval {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Interval::widened(self.low + other.low, self.high + other.high)
    }
}

impl Sub for Interval {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let [a, b] = [self, other];
        Interval::around([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high])
    }
}

impl Div for Interval {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.low <= 0.0 && other.high >= 0.0 {
            return Interval::ALL;
        }
        let [a, b] = [self, other];
        Interval::around([a.low / b.low, a.low / b.high, a.high / b.low, a.high / b.high])
    }
}

impl Neg for Interval {
    type Output = Self;
    fn neg(self) -> Self {
        Interval { low: -self.high, high: -self.low }
    }
}

impl Scalar for Interval {
    fn constant(x: f64) -> Self {
        Interval::new(x, x)
    }
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }
    fn exp(self) -> Self {
        self.growing(libm::exp)
    }
    fn ln(self) -> Self {
        self.growing(libm::log)
    }
    fn sqrt(self) -> Self {
        self.growing(f64::sqrt)
    }
    fn abs(self) -> Self {
        match self {
            Interval { low, .. } if low >= 0.0 => self,
            Interval { high, .. } if high <= 0.0 => -self,
            Interval { low, high } => Interval::new(0.0, f64::max(-low, high)),
        }
    }
    fn tanh(self) -> Self {
        self.growing(libm::tanh)
    }
    fn sigmoid(self) -> Self {
        self.growing(|x| 1.0 / (1.0 + libm::exp(-x)))
    }
    fn sin(self) -> Self {
        Interval::new(-1.0, 1.0)
    }
    fn cos(self) -> Self {
        Interval::new(-1.0, 1.0)
    }
    fn floor(self) -> Self {
        Interval::new(self.low.floor(), self.high.floor())
    }
    fn min(self, other: Self) -> Self {
        Interval::new(f64::min(self.low, other.low), f64::min(self.high, other.high))
    }
    fn max(self, other: Self) -> Self {
        Interval::new(f64::max(self.low, other.low), f64::max(self.high, other.high))
    }
    fn greater(self, other: Self) -> Self {
        Interval::decided(self.low > other.high, self.high <= other.low)
    }
    fn at_least(self, other: Self) -> Self {
        Interval::decided(self.low >= other.high, self.high < other.low)
    }
    fn select(self, a: Self, b: Self) -> Self {
        match self {
            Interval { low: 0.0, high: 0.0 } => b,
            Interval { low, high } if low > 0.0 || high < 0.0 => a,
            _ => a.hull(b),
        }
    }
    fn spike(self, strict: bool) -> Self {
        let zero = Interval::constant(0.0);
        if strict { self.greater(zero) } else { self.at_least(zero) }
    }
    fn detach(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{input, trace};
    use crate::parse::parse;

    #[test]
    fn no_value_lies_outside() {
        for text in [
            "x^2 - 3*x + 1",
            "exp(-x^2/2)*sin(3*x)",
            "where(x < 0.3, 1/(x - 2), tanh(x) + cos(x))",
            "max(0.4 - abs(x), 0)/sqrt(abs(x) + 0.1)",
            "min(x, 0.2) + floor(4*x) + ln(1 + x^2)",
            "1/(1 + exp(-5*x))",
        ] {
            let (graph, value) = trace(false, || parse(text, &[("x", input(0))]).unwrap());
            let of = |x: f64| graph.evaluate(&[x])[value.index()];
            for from in -40..40 {
                for width in [0.001, 0.05, 0.7] {
                    let low = f64::from(from) / 20.0;
                    let bounds = graph.evaluate(&[Interval::new(low, low + width)])[value.index()];
                    for i in 0..=50 {
                        let (x, found) = (low + width * f64::from(i) / 50.0, bounds);
                        let y = of(x);
                        assert!(found.low <= y && y <= found.high, "{text} at {x}: {y} in {found:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn bounds_of_what_grows_are_close() {
        let (graph, value) = trace(false, || parse("exp(-x^2)", &[("x", input(0))]).unwrap());
        let Interval { low, high } = graph.evaluate(&[Interval::new(1.0, 1.001)])[value.index()];
        assert!(low > 0.366 && high < 0.368, "{low} {high}");
        let zero = Interval::new(-1.0, 1.0);
        assert_eq!(Interval::constant(1.0) / zero, Interval::ALL);
        assert_eq!(zero.ln(), Interval::ALL);
    }
}
