//! What the file of an encoder declares, and what an encoder gets.

use super::draws::Draws;
use super::raster::Raster;
use lapicque_base::error::{Error, Result};
use lapicque_options::OptionSet;

/// Where the steps of a spike train come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// The option `steps`, which must be given: data `[…]` become `[steps, …]`.
    Given,
    /// The first axis of the data: `[time, …]` become `[time, …]`.
    FirstAxis,
    /// The option `steps`, or without it the first axis of the data.
    Either,
    /// An option of the encoder's own.
    Own,
    /// There is none: the result has the shape of the data.
    None,
}

impl Time {
    pub fn name(self) -> &'static str {
        match self {
            Time::Given => "given",
            Time::FirstAxis => "first-axis",
            Time::Either => "either",
            Time::Own => "own",
            Time::None => "none",
        }
    }
}

/// An encoder as documentation tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The member of `encode` in TypeScript is the same word in camel case.
    pub kind: &'static str,
    /// When a value spikes, as a formula.
    pub meaning: &'static str,
    pub source: &'static str,
    pub time: Time,
    /// Whether it takes random numbers.
    pub draws: bool,
    /// What the result has beside the axes of the data: the last axis, such as `neurons`.
    pub last_axis: Option<&'static str>,
}

/// Values to encode.
#[derive(Debug, Clone, Copy)]
pub struct Data<'a> {
    pub values: &'a [f32],
    /// Of the values without a time axis.
    pub shape: &'a [usize],
    /// Of the spike train; 0 where the encoder's own options say it, or where there is no time.
    pub steps: usize,
    /// Whether the values have a time axis, of `steps`, before those of `shape`.
    pub in_time: bool,
}

impl<'a> Data<'a> {
    /// Splits `[time, …]` or `[…]` as the encoder has its time.
    ///
    /// # Errors
    /// `shape-mismatch` for values that are not those of the shape; `invalid-parameter` for missing steps.
    pub fn new(values: &'a [f32], shape: &'a [usize], time: Time, steps: Option<usize>) -> Result<Self> {
        let size = shape.iter().try_fold(1usize, |size, &axis| size.checked_mul(axis));
        if size != Some(values.len()) {
            let (expected, got) = (format!("{shape:?}"), format!("{} values", values.len()));
            return Err(Error::ShapeMismatch { layer: "data".into(), expected, got });
        }
        let still = |steps| Data { values, shape, steps, in_time: false };
        match (time, steps) {
            (Time::Own | Time::None, _) => Ok(still(0)),
            (Time::Given | Time::Either, Some(steps)) => Ok(still(steps)),
            (Time::Given, None) => Err(Error::invalid("steps", "nothing", "a whole number of at least 1")),
            (Time::FirstAxis | Time::Either, _) => match shape.split_first() {
                Some((&steps, shape)) => Ok(Data { values, shape, steps, in_time: true }),
                None => {
                    let expected = "[time, …] (or give `steps` for data without a time axis)".into();
                    Err(Error::ShapeMismatch { layer: "data".into(), expected, got: "[]".into() })
                }
            },
        }
    }
}

/// An encoder.
pub trait Encoder {
    type Options: OptionSet;

    fn definition() -> Definition;

    /// The spike train, `[steps, …]`. The options are in range.
    ///
    /// # Errors
    /// `invalid-parameter` for values that cannot be encoded, `shape-mismatch` for values that do not divide into steps or samples.
    fn encode(data: &Data, options: &Self::Options, draws: &Draws) -> Result<Raster>;
}
