//! Eligibility traces: the influence of each synapse of a panel on its neuron so far, carried over a block of steps at
//! a time. The effect of a small change of the current at one step on the end of the block, or on the loss, is a row of
//! 64 numbers. A synapse's contribution is the sum of the rows of the steps at which its input fired.

use crate::PANEL;
use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use crate::simd::strip::Strip;
use lapicque_base::SimdLevel;

/// Maximum number of traces of one synapse: states of its neuron and of the readout.
pub const MAX_TRACES: usize = 8;

/// Maximum number of steps of a block, so that the spike times of an input in it fit into one word.
pub const BLOCK_STEPS: usize = 64;

/// Kernels process whole multiples of this number of contiguous columns: a readout of few classes needs a quarter of a
/// panel.
const NARROW: usize = 16;

/// Inputs whose traces are carried over a block together: they and their gradients stay in L1.
const INPUTS: usize = 16;

/// The derivatives of one step of neurons, each `[neurons]`; absent ones are zero.
pub struct Linearized<'a, F> {
    /// Number of states of a neuron.
    pub states: usize,
    /// d state `m` / d state `k` of the previous step.
    pub transition: [[Option<&'a [F]>; MAX_TRACES]; MAX_TRACES],
    /// d state `m` / d current.
    pub current: [Option<&'a [F]>; MAX_TRACES],
    /// d spike / d state `k` of the previous step.
    pub spike: [Option<&'a [F]>; MAX_TRACES],
    /// d spike / d current.
    pub spike_current: Option<&'a [F]>,
}

impl<'a, F> Linearized<'a, F> {
    /// All derivatives zero.
    pub fn none(states: usize) -> Self {
        let (transition, current, spike) =
            ([[None; MAX_TRACES]; MAX_TRACES], [None; MAX_TRACES], [None; MAX_TRACES]);
        Linearized { states, transition, current, spike, spike_current: None }
    }

    fn slices(&self) -> impl Iterator<Item = &'a [F]> {
        let all = self.transition.iter().flatten().chain(&self.current).chain(&self.spike);
        all.copied().flatten().chain(self.spike_current)
    }
}

/// One step back in time. `gradient`, `[states][neurons]`, of the states after the step becomes that of the states
/// before it; `spikes`, `[neurons]`, is that of the spikes. The gradient of the current is written to `sent`: rows of
/// 64 elements, each `stride` after the previous one.
///
/// Panics unless the shapes fit.
pub fn step_back<F: Element>(
    level: SimdLevel,
    step: &Linearized<F>,
    spikes: Option<&[F]>,
    gradient: &mut [F],
    sent: &mut [F],
    stride: usize,
) {
    let states = step.states;
    assert!((1..=MAX_TRACES).contains(&states), "{states} states");
    let len = gradient.len() / states;
    assert!(gradient.len() == states * len && len > 0 && len.is_multiple_of(PANEL), "{states} states");
    assert!(
        stride >= PANEL && sent.len() >= (len / PANEL - 1) * stride + PANEL,
        "{len} elements of currents"
    );
    step.slices().chain(spikes).for_each(|part| assert_eq!(part.len(), len, "parts of {len} elements"));
    dispatch(level, StepBack { len, step, spikes, gradient, sent, stride });
}

pub struct StepBack<'a, F> {
    len: usize,
    step: &'a Linearized<'a, F>,
    spikes: Option<&'a [F]>,
    gradient: &'a mut [F],
    sent: &'a mut [F],
    stride: usize,
}

impl<F: Element> Kernel<F> for StepBack<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let StepBack { len, step, spikes, gradient, sent, stride } = self;
        let states = step.states;
        let (gradient, sent) = (gradient.as_mut_ptr(), sent.as_mut_ptr());
        for at in (0..len).step_by(V::WIDTH) {
            // SAFETY: `step_back` checked that every part has `len` elements, a multiple of 64 and so of the registers,
            // that there is one for each state, and the extent of the rows of `sent`; the caller guarantees the
            // instructions.
            unsafe {
                let mut after = [V::splat(F::ZERO); MAX_TRACES];
                for (k, after) in after.iter_mut().enumerate().take(states) {
                    *after = V::load(gradient.add(k * len + at));
                }
                let spikes = match spikes {
                    Some(gradient) => V::load(gradient.as_ptr().add(at)),
                    None => V::splat(F::ZERO),
                };
                let mut sum = add_part(spikes, step.spike_current, at, V::splat(F::ZERO));
                for (m, &part) in step.current.iter().enumerate().take(states) {
                    sum = add_part(after[m], part, at, sum);
                }
                sum.store(sent.add(at / PANEL * stride + at % PANEL));
                for k in 0..states {
                    let mut sum = add_part(spikes, step.spike[k], at, V::splat(F::ZERO));
                    for (m, of) in step.transition.iter().enumerate().take(states) {
                        sum = add_part(after[m], of[k], at, sum);
                    }
                    sum.store(gradient.add(k * len + at));
                }
            }
        }
    }
}

/// `sum + gradient · part`, for the elements from `at` on.
///
/// # Safety
/// The part has a register's elements there; the CPU has the instructions of `V`.
#[inline(always)]
unsafe fn add_part<V: Lanes>(gradient: V, part: Option<&[V::F]>, at: usize, sum: V) -> V {
    match part {
        // SAFETY: by the contract.
        Some(part) => unsafe { gradient.mul_add(V::load(part.as_ptr().add(at)), sum) },
        None => sum,
    }
}

/// The linear recurrence of a readout, `r ← transition r + input x`, whose output is the first state.
#[derive(Debug, Clone)]
pub struct ReadoutFilter<F> {
    /// `[states][states]`
    pub transition: Vec<F>,
    pub input: Vec<F>,
}

impl<F: Element> ReadoutFilter<F> {
    pub fn states(&self) -> usize {
        self.input.len()
    }

    /// One step back in time of a gradient of the filter's states that is the same for all neurons; returns the input
    /// gradient.
    pub fn backward(&self, gradient: &mut [F]) -> F {
        let n = self.states();
        let after: Vec<F> = gradient[..n].to_vec();
        let along = |weights: &mut dyn Iterator<Item = &F>| {
            weights.zip(&after).fold(F::ZERO, |sum, (&a, &g)| g.mul_add(a, sum))
        };
        for (k, to) in gradient[..n].iter_mut().enumerate() {
            *to = along(&mut self.transition.iter().skip(k).step_by(n));
        }
        along(&mut self.input.iter())
    }

    /// The same for `gradient`, `[states][neurons]`, after `read`, the gradient of the first state, has been added. The
    /// input gradient is written to `input_gradient`, `[neurons]`. Panics unless the shapes fit.
    pub fn backward_panels(
        &self,
        level: SimdLevel,
        read: &[F],
        gradient: &mut [F],
        input_gradient: &mut [F],
    ) {
        let (n, len) = (self.states(), input_gradient.len());
        assert!(n <= MAX_TRACES && self.transition.len() == n * n, "a filter of {n} states");
        assert!(gradient.len() == n * len && read.len() == len, "{n} states of {len} elements");
        assert!(len.is_multiple_of(PANEL), "{len} elements are not whole panels");
        dispatch(level, FilterBack { filter: self, read, gradient, input_gradient });
    }
}

pub struct FilterBack<'a, F> {
    filter: &'a ReadoutFilter<F>,
    read: &'a [F],
    gradient: &'a mut [F],
    input_gradient: &'a mut [F],
}

impl<F: Element> Kernel<F> for FilterBack<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let FilterBack { filter, read, gradient, input_gradient } = self;
        let (n, len) = (filter.states(), input_gradient.len());
        let (gradient, input_gradient) = (gradient.as_mut_ptr(), input_gradient.as_mut_ptr());
        for at in (0..len).step_by(V::WIDTH) {
            // SAFETY: `backward_panels` checked that everything has `len` elements, a multiple of 64 and so of the
            // registers, and the number of states of the filter; the caller guarantees the instructions.
            unsafe {
                let mut after = [V::splat(F::ZERO); MAX_TRACES];
                for (k, after) in after.iter_mut().enumerate().take(n) {
                    *after = V::load(gradient.add(k * len + at));
                }
                after[0] = after[0].add(V::load(read.as_ptr().add(at)));
                let mut sum = V::splat(F::ZERO);
                for (&input, &after) in filter.input.iter().zip(&after) {
                    sum = after.mul_add(V::splat(input), sum);
                }
                sum.store(input_gradient.add(at));
                for k in 0..n {
                    let mut sum = V::splat(F::ZERO);
                    for (m, &after) in after.iter().enumerate().take(n) {
                        sum = after.mul_add(V::splat(filter.transition[m * n + k]), sum);
                    }
                    sum.store(gradient.add(k * len + at));
                }
            }
        }
    }
}

/// The effect of a block of steps on the traces before it.
#[derive(Clone, Copy)]
pub struct Crossing<'a, F> {
    /// Number of traces of the neuron's own states, which come first and do not depend on the others.
    pub states: usize,
    /// d trace `m` after the block / d trace `k` before it, `[m][k][64]`; absent if they are no longer needed.
    pub transition: Option<&'a [F]>,
    /// The gradient of the block's loss with respect to each trace before it, `[k][64]`, if there is one.
    pub signal: Option<&'a [F]>,
}

/// Carries the traces of all synapses of one sample to one panel, `[trace][input][64]`, over a block, and adds their
/// contributions to the block's loss to `sum`, `[input][64]`. Only the first `width` columns are computed.
///
/// Panics unless the shapes fit.
pub fn carry_traces<F: Element>(
    level: SimdLevel,
    width: usize,
    crossing: Crossing<F>,
    traces: &mut [F],
    sum: &mut [F],
) {
    let of_trace = sum.len();
    let count = traces.len().checked_div(of_trace).unwrap_or(0);
    assert!(of_trace.is_multiple_of(PANEL) && traces.len() == count * of_trace, "{count} traces");
    assert!(crossing.states <= count && count <= MAX_TRACES, "{count} traces");
    crossing.transition.inspect(|part| assert_eq!(part.len(), count * count * PANEL, "{count} traces"));
    crossing.signal.inspect(|part| assert_eq!(part.len(), count * PANEL, "{count} traces"));
    let columns = width.next_multiple_of(NARROW).min(PANEL);
    dispatch(level, Carry { crossing, columns, count, traces, sum });
}

pub struct Carry<'a, F> {
    crossing: Crossing<'a, F>,
    columns: usize,
    count: usize,
    traces: &'a mut [F],
    sum: &'a mut [F],
}

impl<F: Element> Kernel<F> for Carry<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let Carry { crossing: Crossing { states, transition, signal }, columns, count, traces, sum } = self;
        let (len, inputs) = (sum.len(), sum.len() / PANEL);
        let (traces, sum) = (traces.as_mut_ptr(), sum.as_mut_ptr());
        for first in (0..inputs).step_by(INPUTS) {
            for column in (0..columns).step_by(V::WIDTH) {
                for at in (first..inputs.min(first + INPUTS)).map(|input| input * PANEL + column) {
                    // SAFETY: `carry_traces` checked the length of everything; columns are a multiple of 16 and so of
                    // the registers; the caller guarantees the instructions.
                    unsafe {
                        let mut before = [V::splat(F::ZERO); MAX_TRACES];
                        for (k, before) in before.iter_mut().enumerate().take(count) {
                            *before = V::load(traces.add(k * len + at));
                        }
                        if let Some(signal) = signal {
                            let mut total = V::load(sum.add(at));
                            for (k, before) in before.iter().enumerate().take(count) {
                                let signal = V::load(signal.as_ptr().add(k * PANEL + column));
                                total = before.mul_add(signal, total);
                            }
                            total.store(sum.add(at));
                        }
                        let Some(transition) = transition else { continue };
                        for m in 0..count {
                            let mut after = V::splat(F::ZERO);
                            let depends_on = if m < states { states } else { count };
                            for (k, before) in before.iter().enumerate().take(depends_on) {
                                let part = transition.as_ptr().add((m * count + k) * PANEL + column);
                                after = before.mul_add(V::load(part), after);
                            }
                            after.store(traces.add(m * len + at));
                        }
                    }
                }
            }
        }
    }
}

/// Adds to each row of `to`, `[input][64]`, those rows of `rows`, `[step][64]`, at whose steps the input fired: bit `t`
/// of its word, steps ascending. Only the first `width` columns are computed.
///
/// Panics unless there is a row for every step and input.
pub fn add_fired<F: Element>(level: SimdLevel, width: usize, fired: &[u64], rows: &[F], to: &mut [F]) {
    let steps = BLOCK_STEPS - fired.iter().fold(0, |all, word| all | word).leading_zeros() as usize;
    assert!(rows.len() >= steps * PANEL, "rows of {steps} steps");
    assert!(to.len() >= fired.len() * PANEL, "sums of {} inputs", fired.len());
    dispatch(level, AddFired { width, fired, rows, to });
}

pub struct AddFired<'a, F> {
    width: usize,
    fired: &'a [u64],
    rows: &'a [F],
    to: &'a mut [F],
}

impl<F: Element> Kernel<F> for AddFired<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        // SAFETY: `add_fired` checked the rows; a strip is at most a panel wide, or 16 columns, and its width divides
        // these; the caller guarantees the instructions.
        unsafe {
            if self.width > NARROW {
                return self.columns::<V, 4>(PANEL);
            }
            match V::WIDTH {
                16 => self.columns::<V, 1>(NARROW),
                8 => self.columns::<V, 2>(NARROW),
                _ => self.columns::<V, 4>(NARROW),
            }
        }
    }
}

impl<F: Element> AddFired<'_, F> {
    #[inline(always)]
    unsafe fn columns<V: Lanes<F = F>, const N: usize>(self, columns: usize) {
        for column in (0..columns).step_by(Strip::<V, N>::WIDTH) {
            let (rows, mut to) = (self.rows.as_ptr(), self.to.as_mut_ptr());
            for &fired in self.fired {
                let mut left = fired;
                // SAFETY: as in `run`; `to` is at the row of this input.
                unsafe {
                    if left != 0 {
                        let mut sum = Strip::<V, N>::load(to.add(column));
                        while left != 0 {
                            sum.add_row(rows.add(left.trailing_zeros() as usize * PANEL + column));
                            left &= left - 1;
                        }
                        sum.store(to.add(column));
                    }
                }
                to = to.wrapping_add(PANEL);
            }
        }
    }
}
