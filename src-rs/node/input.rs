//! The input of a batch from JavaScript, copied for a task; spikes become bits.

use crate::arrays::{Float32ArraySlice, Float64ArraySlice, Uint8ArraySlice, copied};
use crate::numbers;
use lapicque_core::exec::packed::PackedSpikes;
use lapicque_core::exec::{InputNumbers, OwnedInput};
use lapicque_core::projection::Element;
use lapicque_core::{AnyReals, Error, Result, settings};
use napi_derive::napi;

/// One of the three arrays, and the shape `[steps, batch, channels]`; `constant`: the array is `[batch, channels]` and
/// is the input at every step.
#[napi(object, object_to_js = false)]
pub struct JsInput<'env> {
    pub values: Option<Float32ArraySlice<'env>>,
    pub doubles: Option<Float64ArraySlice<'env>>,
    pub spikes: Option<Uint8ArraySlice<'env>>,
    pub steps: f64,
    pub batch: f64,
    pub channels: f64,
    pub constant: bool,
}

impl JsInput<'_> {
    pub fn owned(self) -> Result<OwnedInput> {
        let constant = self.constant;
        let shape = [
            numbers::size("steps", self.steps, 1..=1 << 40)?,
            numbers::size("batch", self.batch, 1..=1 << 32)?,
            numbers::size("channels", self.channels, 1..=1 << 32)?,
        ];
        let [steps, batch, channels] = shape;
        let spikes = InputNumbers::Spikes;
        let numbers = match (self.values, self.doubles, self.spikes) {
            (Some(x), _, _) => match x.read("input", |x| as_spikes(x, shape, constant))? {
                Some(found) => spikes(found),
                None => InputNumbers::Values(copied("input", &x)?.into()),
            },
            (None, Some(x), _) => match x.read("input", |x| as_spikes(x, shape, constant))? {
                Some(found) => spikes(found),
                None => InputNumbers::Values(copied("input", &x)?.into()),
            },
            (None, None, Some(x)) if constant => x.read("input", |x| {
                Ok(InputNumbers::Values(AnyReals::Single(x.iter().map(|&b| f32::from(b)).collect())))
            })?,
            (None, None, Some(x)) => spikes(x.read("input", |x| PackedSpikes::of_bytes(x, channels))?),
            (None, None, None) => {
                return Err(Error::invalid("input", "nothing", "a Float32Array, Float64Array or Uint8Array"));
            }
        };
        Ok(OwnedInput { numbers, steps, batch, channels, constant })
    }
}

/// Values that are all 0 or 1 as spikes, which is faster than a copy and takes a small part of the memory. A constant
/// input is a current, not spikes.
fn as_spikes<F: Element>(
    values: &[F],
    [steps, batch, channels]: [usize; 3],
    constant: bool,
) -> Result<Option<PackedSpikes>> {
    let rows = steps.checked_mul(batch).and_then(|rows| rows.checked_mul(channels));
    match !constant && rows == Some(values.len()) {
        true => PackedSpikes::of_values(values, channels, settings::simd()?),
        false => Ok(None),
    }
}
