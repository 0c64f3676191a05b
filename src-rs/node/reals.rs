//! Numbers of either precision from JavaScript, for a model of either precision.

use crate::arrays::{Float32ArraySlice, Float64ArraySlice, copied};
use lapicque_core::{AnyReals, Result};
use napi_derive::napi;

/// One of the two arrays.
#[napi(object, object_to_js = false)]
pub struct JsReals<'env> {
    pub values: Option<Float32ArraySlice<'env>>,
    pub doubles: Option<Float64ArraySlice<'env>>,
}

impl JsReals<'_> {
    pub fn copied(&self, name: &str) -> Result<Option<AnyReals>> {
        Ok(match self {
            JsReals { values: Some(values), .. } => Some(copied(name, values)?.into()),
            JsReals { doubles: Some(values), .. } => Some(copied(name, values)?.into()),
            _ => None,
        })
    }

    /// In double precision, whichever was given.
    pub fn doubles(&self, name: &str) -> Result<Option<Vec<f64>>> {
        self.copied(name)?.map(|reals| reals.into_doubles(name)).transpose()
    }
}
