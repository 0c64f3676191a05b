//! The backward pass of delays, one sample at a time. The gradients are stored as `[output][step]`, so that the values
//! that a synapse reads at several steps are contiguous. The input gradient vectorizes over steps; its sums over
//! outputs ascend.

use super::temporal::Delayed;
use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// Steps that are summed at a time.
const AT_ONCE: usize = 32;

/// Outputs whose gradients stay in L1 over the events of all inputs.
const OUTPUTS: usize = 16;

/// For each output of a sample, its gradient at the steps that spikes may reach, including those after the segment,
/// padded with 0.
pub struct Arrivals<F> {
    values: Vec<F>,
    stride: usize,
}

impl<F: Element> Arrivals<F> {
    /// From `rows`, `[step][output]`.
    pub fn new(rows: &[F], outputs: usize) -> Self {
        let stride = rows.len() / outputs + 1;
        // Registers of steps beyond the end read the data after the last output.
        let mut values = vec![F::ZERO; outputs * stride + AT_ONCE];
        for (step, row) in rows.chunks_exact(outputs).enumerate() {
            row.iter().enumerate().for_each(|(output, &x)| values[output * stride + step] = x);
        }
        Arrivals { values, stride }
    }
}

/// The steps at which each input of a sample was nonzero, and the values.
pub struct EventsByInput<F> {
    events: Vec<Vec<(u32, F)>>,
}

impl<F> EventsByInput<F> {
    pub fn new(inputs: usize) -> Self {
        EventsByInput { events: (0..inputs).map(|_| Vec::new()).collect() }
    }

    pub fn clear(&mut self) {
        self.events.iter_mut().for_each(Vec::clear);
    }

    pub fn push(&mut self, input: usize, step: usize, x: F) {
        self.events[input].push((step as u32, x));
    }
}

impl<F: Element> Delayed<'_, F> {
    /// The input gradient at all steps, `[input][step]`.
    pub fn input_gradients(&self, level: SimdLevel, arrivals: &Arrivals<F>, dx: &mut [F]) {
        dispatch(level, InputGradients { delayed: self, arrivals, dx });
    }

    /// Adds the gradients of the weights and of the delays (in steps), steps ascending; an empty slice is not computed.
    pub fn weight_gradients(
        &self,
        input_events: &EventsByInput<F>,
        arrivals: &Arrivals<F>,
        weights: &mut [F],
        delays: &mut [F],
    ) {
        for block in (0..self.outputs).step_by(OUTPUTS) {
            for (input, events) in
                input_events.events.iter().enumerate().filter(|(_, events)| !events.is_empty())
            {
                for output in block..(block + OUTPUTS).min(self.outputs) {
                    let at = self.weight_offset(input, output);
                    let (weight, (lag, share)) = (self.weights[at], self.lags.of(at));
                    let gradients = &arrivals.values[output * arrivals.stride + lag..];
                    let of_synapse = |values: &[F]| values.get(at).copied().unwrap_or(F::ZERO);
                    let (mut dw, mut delay) = (of_synapse(weights), of_synapse(delays));
                    for &(step, x) in events {
                        let (now, later) = (gradients[step as usize], gradients[step as usize + 1]);
                        dw += x * between(now, later, share);
                        delay += x * weight * (later - now);
                    }
                    weights.get_mut(at).into_iter().for_each(|to| *to = dw);
                    delays.get_mut(at).into_iter().for_each(|to| *to = delay);
                }
            }
        }
    }

    /// Offset of a synapse in the layout.
    #[inline(always)]
    fn weight_offset(&self, input: usize, output: usize) -> usize {
        (output / PANEL * self.inputs + input) * PANEL + output % PANEL
    }
}

/// The gradient where the spikes of a synapse arrive.
#[inline(always)]
fn between<F: Element>(now: F, later: F, share: F) -> F {
    if share == F::ZERO { now } else { now * (F::ONE - share) + later * share }
}

pub struct InputGradients<'a, F> {
    delayed: &'a Delayed<'a, F>,
    arrivals: &'a Arrivals<F>,
    dx: &'a mut [F],
}

impl<F: Element> Kernel<F> for InputGradients<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let InputGradients { delayed, arrivals, dx } = self;
        let steps = dx.len() / delayed.inputs;
        for (input, dx) in dx.chunks_exact_mut(steps).enumerate() {
            for (first, dx) in (0..).step_by(AT_ONCE).zip(dx.chunks_mut(AT_ONCE)) {
                let mut sums = [F::ZERO; AT_ONCE];
                for output in 0..delayed.outputs {
                    let at = delayed.weight_offset(input, output);
                    let (weight, (lag, share)) = (delayed.weights[at], delayed.lags.of(at));
                    let gradients = &arrivals.values[output * arrivals.stride + first + lag..][..AT_ONCE + 1];
                    let (now, later) = (&gradients[..AT_ONCE], &gradients[1..]);
                    if share == F::ZERO {
                        sums.iter_mut().zip(now).for_each(|(sum, &now)| *sum += weight * now);
                    } else {
                        let (left, right) = (F::ONE - share, share);
                        for ((sum, &now), &later) in sums.iter_mut().zip(now).zip(later) {
                            *sum += weight * (now * left + later * right);
                        }
                    }
                }
                dx.copy_from_slice(&sums[..dx.len()]);
            }
        }
    }
}
