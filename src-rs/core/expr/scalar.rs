//! The scalar operations in which every equation is written once.
//!
//! Three types implement them: `f32` and `f64` compute, [`Sym`](super::graph::Sym) records the operations. A condition is a
//! number: 1 if it holds, 0 if not.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::functions::{double, single};

const FACTORIAL_15: f64 = 1_307_674_368_000.0;

pub trait Scalar:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    fn constant(x: f64) -> Self;
    /// `self * a + b` with one rounding.
    fn mul_add(self, a: Self, b: Self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sqrt(self) -> Self;
    fn abs(self) -> Self;
    fn tanh(self) -> Self;
    fn sigmoid(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn floor(self) -> Self;
    /// The smaller; `self` if equal or if `other` is NaN.
    fn min(self, other: Self) -> Self;
    /// The larger; `self` if equal or if `other` is NaN.
    fn max(self, other: Self) -> Self;
    /// 1 where `self > other`, else 0.
    fn greater(self, other: Self) -> Self;
    /// 1 where `self >= other`, else 0.
    fn at_least(self, other: Self) -> Self;
    /// `a` where the condition `self` is not 0, else `b`. As a function of a spike it is differentiated
    /// like `self * a + (1 - self) * b`.
    fn select(self, a: Self, b: Self) -> Self;
    /// 1 where `self > 0` (`strict`) or `self >= 0`, else 0; its derivative is the surrogate's.
    fn spike(self, strict: bool) -> Self;
    /// The same value, through which no gradient flows.
    fn detach(self) -> Self;

    /// Applies `body` `count` times to two groups of variables, each time to the result before.
    fn repeat<const N: usize, const M: usize>(
        count: usize,
        variables: ([Self; N], [Self; M]),
        body: impl Fn([Self; N], [Self; M]) -> ([Self; N], [Self; M]),
    ) -> ([Self; N], [Self; M]) {
        (0..count).fold(variables, |(x, y), _| body(x, y))
    }

    /// Whether [`sin_near`](Scalar::sin_near) and [`cos_near`](Scalar::cos_near) are defined.
    fn is_near(self) -> bool {
        false
    }
    /// [`sin`](Scalar::sin) if [`is_near`](Scalar::is_near) is true, undefined otherwise. It has no branch, so that loops over
    /// it are vectorized.
    fn sin_near(self) -> Self {
        self.sin()
    }
    /// [`cos`](Scalar::cos), likewise.
    fn cos_near(self) -> Self {
        self.cos()
    }

    /// Whether it is known to be 0: a condition that never holds.
    fn is_zero(self) -> bool {
        false
    }

    fn zero() -> Self {
        Self::constant(0.0)
    }
    fn one() -> Self {
        Self::constant(1.0)
    }
    fn square(self) -> Self {
        self * self
    }
    /// `(exp(self) - 1) / self`, 1 at 0. Near 0, where numerator and denominator vanish, its series is used, whose derivative
    /// is exact there too.
    fn exprel(self) -> Self {
        let near = Self::constant(0.5).greater(self.abs());
        // The terms 1 / (n + 1)! down from x^14: the next is below half an ulp of f64.
        let series = (0..14).rev().fold(Self::constant(1.0 / FACTORIAL_15), |sum, n| {
            let factorial: f64 = (1..=n + 1).map(f64::from).product();
            sum.mul_add(self, Self::constant(1.0 / factorial))
        });
        let divisor = near.select(Self::one(), self);
        near.select(series, (self.exp() - Self::one()) / divisor)
    }
    /// `1 - self`: the negation of a condition.
    fn not(self) -> Self {
        Self::one() - self
    }
}

macro_rules! element {
    ($t:ty, $functions:ident) => {
        impl Scalar for $t {
            #[inline(always)]
            fn constant(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                <$t>::mul_add(self, a, b)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $functions::exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $functions::ln(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$t>::abs(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $functions::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                $functions::sigmoid(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                $functions::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $functions::cos(self)
            }
            #[inline(always)]
            fn sin_near(self) -> Self {
                $functions::sin_near(self)
            }
            #[inline(always)]
            fn cos_near(self) -> Self {
                $functions::cos_near(self)
            }
            #[inline(always)]
            fn is_near(self) -> bool {
                self.abs() <= $functions::NEAR
            }
            #[inline(always)]
            fn is_zero(self) -> bool {
                self == 0.0
            }
            #[inline(always)]
            fn floor(self) -> Self {
                <$t>::floor(self)
            }
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                if other < self { other } else { self }
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                if other > self { other } else { self }
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                if self > other { 1.0 } else { 0.0 }
            }
            #[inline(always)]
            fn at_least(self, other: Self) -> Self {
                if self >= other { 1.0 } else { 0.0 }
            }
            #[inline(always)]
            fn select(self, a: Self, b: Self) -> Self {
                if self != 0.0 { a } else { b }
            }
            #[inline(always)]
            fn spike(self, strict: bool) -> Self {
                if strict { self.greater(0.0) } else { self.at_least(0.0) }
            }
            #[inline(always)]
            fn detach(self) -> Self {
                self
            }
        }
    };
}

element!(f32, single);
element!(f64, double);
