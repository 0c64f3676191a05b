//! Numbers of either precision from JavaScript, for a model of either precision.

use crate::arrays::{Float32ArraySlice, Float64ArraySlice, copied};
use lapicque_core::error::try_vec;
use lapicque_core::projection::Element;
use lapicque_core::{Real, Result};
use napi_derive::napi;
use std::borrow::Cow;

/// One of the two arrays.
#[napi(object, object_to_js = false)]
pub struct JsReals<'env> {
    pub values: Option<Float32ArraySlice<'env>>,
    pub doubles: Option<Float64ArraySlice<'env>>,
}

/// The same numbers, copied.
pub enum Reals {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

impl Reals {
    pub fn copied(name: &str, source: &JsReals) -> Result<Option<Reals>> {
        Ok(match source {
            JsReals { values: Some(values), .. } => Some(Reals::F32(copied(name, values)?)),
            JsReals { doubles: Some(values), .. } => Some(Reals::F64(copied(name, values)?)),
            _ => None,
        })
    }

    /// In double precision, whichever was given.
    pub fn doubles(name: &str, source: &JsReals) -> Result<Option<Vec<f64>>> {
        let Some(reals) = Reals::copied(name, source)? else { return Ok(None) };
        Ok(Some(match reals {
            Reals::F64(values) => values,
            Reals::F32(values) => {
                let mut wide = try_vec(name, values.len(), 0.0)?;
                wide.iter_mut().zip(values).for_each(|(to, x)| *to = f64::from(x));
                wide
            }
        }))
    }

    /// In the precision of a model: exact, except that doubles are rounded for f32.
    ///
    /// # Errors
    /// `invalid-parameter` with `name` for a number that the precision cannot hold.
    pub fn of<F: Element>(&self, name: &str) -> Result<Cow<'_, [F]>> {
        let represented = |(i, x): (usize, f64)| <F as Real>::representable(|| format!("{name}[{i}]"), x);
        match self {
            Reals::F32(values) => match F::slice_of_f32(values) {
                Some(same) => Ok(Cow::Borrowed(same)),
                None => values.iter().map(|&x| f64::from(x)).enumerate().map(represented).collect(),
            },
            Reals::F64(values) => values.iter().copied().enumerate().map(represented).collect(),
        }
    }
}
