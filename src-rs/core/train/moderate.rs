//! Which optimizer steps cannot overflow. For the others a copy of the weights is made, so that a step that ends in an
//! infinity can be undone. Most steps do not need that copy.

use lapicque_base::simd::SimdLevel;
use lapicque_exec::{MOMENTS, Parameter};
use lapicque_projection::{Aligned, Element, all_within};

/// Which numbers are known to be of moderate size.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moderate {
    pub gradients: bool,
    /// Weights and moments after the last step.
    pub values: bool,
}

/// Far above all values in training; its square, which occurs in Adam's second moment, is far below an overflow.
pub(super) fn moderate_limit<F: Element>() -> F {
    F::from_f64(if size_of::<F>() == 4 { 1e12 } else { 1e100 })
}

/// Weights and moments before a step, and the number of steps until then.
pub(super) struct Before<F: Element>(Vec<(Aligned<F>, [Aligned<F>; MOMENTS], u64)>);

impl<F: Element> Before<F> {
    pub fn of(parameters: &[Parameter<F>]) -> Self {
        Before(parameters.iter().map(|p| (p.data.clone(), p.moments.clone(), p.steps)).collect())
    }

    pub fn restore(self, parameters: &mut [Parameter<F>]) {
        for (parameter, (data, moments, steps)) in parameters.iter_mut().zip(self.0) {
            parameter.data = data;
            parameter.moments = moments;
            parameter.steps = steps;
        }
    }
}

/// Whether a part of a parameter and of its moments is of moderate size.
pub(super) fn values_are_moderate<F: Element>(level: SimdLevel, values: [&[F]; 1 + MOMENTS]) -> bool {
    values.iter().all(|values| all_within(level, values, moderate_limit()))
}
