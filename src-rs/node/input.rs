//! The input of a batch from JavaScript, copied for a task; spikes become bits.

use crate::arrays::{Float32ArraySlice, Float64ArraySlice, Uint8ArraySlice, copied};
use crate::numbers;
use lapicque_core::exec::input::InputValues;
use lapicque_core::exec::packed::PackedSpikes;
use lapicque_core::projection::Element;
use lapicque_core::{Error, Result, SimdLevel, settings};
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

#[derive(Clone, Copy)]
pub struct Shape {
    pub steps: usize,
    pub batch: usize,
    pub channels: usize,
    pub constant: bool,
}

enum Numbers {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Spikes(PackedSpikes),
}

pub struct OwnedInput {
    numbers: Numbers,
    shape: Shape,
}

impl OwnedInput {
    pub fn new(input: JsInput) -> Result<Self> {
        let shape = Shape {
            steps: numbers::size("steps", input.steps, 1..=1 << 40)?,
            batch: numbers::size("batch", input.batch, 1..=1 << 32)?,
            channels: numbers::size("channels", input.channels, 1..=1 << 32)?,
            constant: input.constant,
        };
        let numbers = match (input.values, input.doubles, input.spikes) {
            (Some(x), _, _) => match x.read("input", |x| spikes(x, &shape))? {
                Some(spikes) => Numbers::Spikes(spikes),
                None => Numbers::F32(copied("input", &x)?),
            },
            (None, Some(x), _) => match x.read("input", |x| spikes(x, &shape))? {
                Some(spikes) => Numbers::Spikes(spikes),
                None => Numbers::F64(copied("input", &x)?),
            },
            (None, None, Some(x)) if shape.constant => {
                x.read("input", |x| Ok(Numbers::F32(x.iter().map(|&b| f32::from(b)).collect())))?
            }
            (None, None, Some(x)) => {
                Numbers::Spikes(x.read("input", |x| PackedSpikes::of_bytes(x, shape.channels))?)
            }
            (None, None, None) => {
                return Err(Error::invalid("input", "nothing", "a Float32Array, Float64Array or Uint8Array"));
            }
        };
        Ok(OwnedInput { numbers, shape })
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Checks the input and converts it to the requested precision.
    pub fn with<F: Element, T>(
        &self,
        level: SimdLevel,
        work: impl FnOnce(InputValues<F>) -> Result<T>,
    ) -> Result<T> {
        let Shape { steps, batch, channels, constant } = self.shape;
        let shape = [steps, batch, channels];
        match &self.numbers {
            Numbers::Spikes(spikes) => work(InputValues::spikes(spikes, [steps, batch])?),
            Numbers::F32(values) => match F::slice_of_f32(values) {
                Some(values) => work(InputValues::new(values, shape, constant, level)?),
                None => {
                    let values: Vec<F> = values.iter().map(|&x| F::from_f64(f64::from(x))).collect();
                    work(InputValues::new(&values, shape, constant, level)?)
                }
            },
            Numbers::F64(values) => {
                let values: Vec<F> = values.iter().map(|&x| F::from_f64(x)).collect();
                work(InputValues::new(&values, shape, constant, level)?)
            }
        }
    }
}

/// Values that are all 0 or 1 as spikes, which is faster than a copy and takes a small part of the memory. A constant
/// input is a current, not spikes.
fn spikes<F: Element>(values: &[F], shape: &Shape) -> Result<Option<PackedSpikes>> {
    let rows = shape.steps.checked_mul(shape.batch).and_then(|rows| rows.checked_mul(shape.channels));
    match !shape.constant && rows == Some(values.len()) {
        true => PackedSpikes::of_values(values, shape.channels, settings::simd()?),
        false => Ok(None),
    }
}
