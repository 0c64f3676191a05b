//! The choice of a precision, made once for a network.
//!
//! The engine's types are generic over `F`, which is f32 or f64. Callers that learn the precision at run time use the enum over both that the crate
//! of a type declares with [`any_precision!`](crate::any_precision), for example `AnySimulation`. Each method of such an enum matches once, with
//! [`by_precision!`](crate::by_precision). These methods are not generic, so the compiler emits them and the generic code that they call in that crate.

use crate::error::{Error, Result, try_vec};
use crate::real::Real;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    F32,
    F64,
}

impl Precision {
    pub const fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::F64 => "f64",
        }
    }

    /// Bytes of a number.
    pub const fn bytes(self) -> u64 {
        match self {
            Precision::F32 => 4,
            Precision::F64 => 8,
        }
    }

    /// # Errors
    /// `invalid-parameter` for any name but `f32` and `f64`.
    pub fn from_name(name: &str) -> Result<Self> {
        let found = [Precision::F32, Precision::F64].into_iter().find(|precision| precision.name() == name);
        found.ok_or_else(|| Error::invalid("precision", name, "f32 or f64"))
    }
}

/// Declares an enum over the two precisions of a type that is generic over them, with conversions into it.
#[macro_export]
macro_rules! any_precision {
    ($(#[$attribute:meta])* $visibility:vis enum $any:ident of $generic:ident) => {
        $(#[$attribute])*
        $visibility enum $any {
            Single($generic<f32>),
            Double($generic<f64>),
        }

        impl $any {
            pub fn precision(&self) -> $crate::Precision {
                match self {
                    Self::Single(_) => $crate::Precision::F32,
                    Self::Double(_) => $crate::Precision::F64,
                }
            }
        }

        impl From<$generic<f32>> for $any {
            fn from(value: $generic<f32>) -> Self {
                Self::Single(value)
            }
        }

        impl From<$generic<f64>> for $any {
            fn from(value: $generic<f64>) -> Self {
                Self::Double(value)
            }
        }
    };
}

/// In a method of an enum over the two precisions: evaluates `$body` for the value of the variant.
#[macro_export]
macro_rules! by_precision {
    ($any:expr, $value:ident => $body:expr) => {
        match $any {
            Self::Single($value) => $body,
            Self::Double($value) => $body,
        }
    };
}

any_precision! {
    /// Numbers of one precision.
    #[derive(Debug, Clone, PartialEq)]
    pub enum AnyReals of Vec
}

impl AnyReals {
    /// In the precision of a network: exact, except that doubles are rounded for f32.
    ///
    /// # Errors
    /// `invalid-parameter` with `name` for a number that the precision cannot represent.
    pub fn of<F: Real>(&self, name: &str) -> Result<Cow<'_, [F]>> {
        let represented = |(i, x): (usize, f64)| F::representable(|| format!("{name}[{i}]"), x);
        match self {
            AnyReals::Single(values) => match F::slice_of_f32(values) {
                Some(same) => Ok(Cow::Borrowed(same)),
                None => values.iter().map(|&x| f64::from(x)).enumerate().map(represented).collect(),
            },
            AnyReals::Double(values) => values.iter().copied().enumerate().map(represented).collect(),
        }
    }

    /// In double precision.
    ///
    /// # Errors
    /// `too-large` with `name` if memory does not suffice.
    pub fn into_doubles(self, name: &str) -> Result<Vec<f64>> {
        match self {
            AnyReals::Double(values) => Ok(values),
            AnyReals::Single(values) => {
                let mut wide = try_vec(name, values.len(), 0.0)?;
                wide.iter_mut().zip(values).for_each(|(to, x)| *to = f64::from(x));
                Ok(wide)
            }
        }
    }
}
