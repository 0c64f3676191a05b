//! The step of a neuron's n-th spike, and the gradient through it.
//!
//! The time of a spike is not differentiable with respect to the spikes, so snnTorch's rule is used: -1 at the step of
//! the spike. A missing spike counts as at the last step, and its derivative is -1 there.

use super::bound::Bound;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;

/// Steps of the first `k = spikes_per_neuron` spikes: `[k, count, neurons]`; a missing spike is at the last step of the sample.
pub(super) fn spike_steps<F: Real>(
    plan: &Bound,
    first: usize,
    count: usize,
    spikes: &[F],
    spikes_per_neuron: usize,
) -> Result<Vec<u32>> {
    let width = count * plan.neurons;
    let mut at = try_vec("spike times", spikes_per_neuron * width, 0u32)?;
    for row in at.chunks_exact_mut(width) {
        for (s, steps) in row.chunks_exact_mut(plan.neurons).enumerate() {
            steps.fill(plan.length(first + s) as u32 - 1);
        }
    }
    let mut seen = try_vec("spike counts", width, 0usize)?;
    for (t, row) in spikes.chunks_exact(width).enumerate() {
        for (s, values) in row.chunks_exact(plan.neurons).enumerate() {
            if t >= plan.length(first + s) {
                continue;
            }
            for (i, &value) in values.iter().enumerate() {
                let column = s * plan.neurons + i;
                if value != F::ZERO && seen[column] < spikes_per_neuron {
                    at[seen[column] * width + column] = t as u32;
                    seen[column] += 1;
                }
            }
        }
    }
    Ok(at)
}
