//! A batch's input in the precision in which it was given, for a network of either precision.

use crate::storage::packed::PackedSpikes;
use crate::tape::input::InputValues;
use lapicque_base::AnyReals;
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;
use lapicque_projection::Element;

pub enum InputNumbers {
    Values(AnyReals),
    Spikes(PackedSpikes),
}

pub struct OwnedInput {
    pub numbers: InputNumbers,
    pub steps: usize,
    pub batch: usize,
    pub channels: usize,
    /// The values are `[batch, channels]`, the same at every step, instead of `[steps, batch, channels]`.
    pub constant: bool,
}

impl OwnedInput {
    /// Number of elements of its gradient.
    pub fn gradient_elements(&self) -> usize {
        self.channels * self.batch * if self.constant { 1 } else { self.steps }
    }

    /// Checks the input, converts it to the precision of a network and passes it to `work`.
    ///
    /// # Errors
    /// Those of [`InputValues`] and of `work`.
    pub fn with<F: Element, T>(
        &self,
        level: SimdLevel,
        work: impl FnOnce(InputValues<F>) -> Result<T>,
    ) -> Result<T> {
        let shape = [self.steps, self.batch, self.channels];
        let values: Vec<F> = match &self.numbers {
            InputNumbers::Spikes(spikes) => {
                return work(InputValues::spikes(spikes, [self.steps, self.batch])?);
            }
            InputNumbers::Values(AnyReals::Single(values)) => match F::slice_of_f32(values) {
                Some(values) => return work(InputValues::new(values, shape, self.constant, level)?),
                None => values.iter().map(|&x| F::from_f64(f64::from(x))).collect(),
            },
            InputNumbers::Values(AnyReals::Double(values)) => {
                values.iter().map(|&x| F::from_f64(x)).collect()
            }
        };
        work(InputValues::new(&values, shape, self.constant, level)?)
    }
}
