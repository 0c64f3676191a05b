//! Which optimizer steps cannot overflow. The others keep a copy of the weights, so that a step that
//! ends in an infinity can be taken back; the usual ones would pay for a copy that nobody needs.

use lapicque_base::simd::SimdLevel;
use lapicque_exec::{MOMENTS, Parameter};
use lapicque_projection::{Aligned, Element, all_within};

/// What is known to be of moderate size.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moderate {
    pub gradients: bool,
    /// Weights and moments, as the last step left them.
    pub values: bool,
}

/// Far above what trains, and its square, which Adam's second moment holds, far from an overflow.
pub(super) fn moderate_limit<F: Element>() -> F {
    F::from_f64(if size_of::<F>() == 4 { 1e12 } else { 1e100 })
}

/// Weights and moments before a step, and the steps that these had taken.
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

/// Whether a part of a parameter and of its moments is moderate.
pub(super) fn values_are_moderate<F: Element>(level: SimdLevel, values: [&[F]; 1 + MOMENTS]) -> bool {
    values.iter().all(|values| all_within(level, values, moderate_limit()))
}
