//! The two precisions of the engine. `f64` is the reference, `f32` the fast one.

use crate::error::{Error, Result};
use crate::precision::Precision;
use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

pub trait Real:
    Copy
    + Default
    + PartialOrd
    + Debug
    + Display
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    const PRECISION: Precision;
    const NAME: &'static str = Self::PRECISION.name();
    /// The largest finite number.
    const LARGEST: f64;
    /// 64 zeros: the bias of a projection that has none.
    const ZERO_PANEL: &'static [Self];
    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
    /// Converts a user's number `x`; `name` is its name in errors.
    ///
    /// # Errors
    /// `invalid-parameter` for NaN, and for a number that would be infinite in this precision.
    fn representable(name: impl FnOnce() -> String, x: f64) -> Result<Self> {
        let value = Self::from_f64(x);
        if value.is_finite() {
            return Ok(value);
        }
        if !x.is_finite() {
            return Err(Error::invalid(name(), x, "a finite number"));
        }
        let expected =
            format!("a number that {} can hold, of at most {:e} in size", Self::NAME, Self::LARGEST);
        Err(Error::invalid(name(), format!("{x:e}"), expected))
    }
    /// `self * a + b` with one rounding, on every CPU.
    fn mul_add(self, a: Self, b: Self) -> Self;
    fn sqrt(self) -> Self;
    fn is_finite(self) -> bool;
    /// The little-endian bytes.
    fn with_bytes<R>(self, see: impl FnOnce(&[u8]) -> R) -> R;
    /// Whether all numbers have the same bits: unlike `==`, it tells zeros by their signs, and NaN equals itself.
    fn same_bits(a: &[Self], b: &[Self]) -> bool
    where
        Self: Sized;
    /// The same numbers if this precision is f32, `None` otherwise.
    fn slice_of_f32(values: &[f32]) -> Option<&[Self]>;
}

macro_rules! real {
    ($t:ty, $precision:ident, $f32:expr) => {
        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const PRECISION: Precision = Precision::$precision;
            const LARGEST: f64 = <$t>::MAX as f64;
            const ZERO_PANEL: &'static [Self] = &[0.0; 64];
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                <$t>::mul_add(self, a, b)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$t>::is_finite(self)
            }
            fn with_bytes<R>(self, see: impl FnOnce(&[u8]) -> R) -> R {
                see(&self.to_le_bytes())
            }
            #[inline(always)]
            fn same_bits(a: &[Self], b: &[Self]) -> bool {
                // Without a branch per number, so that it is vectorized.
                let differ = |(a, b): (&$t, &$t)| a.to_bits() ^ b.to_bits();
                a.len() == b.len() && a.iter().zip(b).map(differ).fold(0, |all, each| all | each) == 0
            }
            fn slice_of_f32(values: &[f32]) -> Option<&[Self]> {
                let same: fn(&[f32]) -> Option<&[Self]> = $f32;
                same(values)
            }
        }
    };
}

real!(f32, F32, |values| Some(values));
real!(f64, F64, |_| None);
