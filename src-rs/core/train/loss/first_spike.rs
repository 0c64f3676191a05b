//! The step of a neuron's n-th spike, and the gradient through it.
//!
//! The time of a spike is not differentiable in the spikes; snnTorch's rule is used: -1 at the
//! spike's own step, and for a spike that never came -1 at the last step, where its time is placed.

use super::plan::LossPlan;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::real::Real;

/// Steps of the first `wanted` spikes: `[wanted, count, neurons]`; absent ones are the sample's
/// last step.
pub(super) fn spike_steps<F: Real>(
    plan: &LossPlan,
    first: usize,
    count: usize,
    spikes: &[F],
    wanted: usize,
) -> Result<Vec<u32>> {
    let width = count * plan.neurons;
    let mut at = try_vec("spike times", wanted * width, 0u32)?;
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
                if value != F::ZERO && seen[column] < wanted {
                    at[seen[column] * width + column] = t as u32;
                    seen[column] += 1;
                }
            }
        }
    }
    Ok(at)
}
