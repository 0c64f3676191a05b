//! Eligibility traces: what each synapse of a panel has done to its neuron so far, carried forward in
//! time, and the sum of what it did times a learning signal.

use super::PANEL;
use super::dispatch::{Kernel, dispatch};
use super::lanes::{Element, Lanes};
use lapicque_base::SimdLevel;

/// The most traces of one synapse: states of its neuron and of the readout.
pub const MAX_TRACES: usize = 8;

/// What one step of a panel's neurons makes of a small change, each `[rows][64]`; absent ones are zero.
pub struct Linearised<'a, F> {
    /// d state `m` / d state `k` of the step before, at `m * states + k`.
    pub states: Vec<Option<&'a [F]>>,
    /// d state `m` / d current.
    pub current: Vec<Option<&'a [F]>>,
    /// d spike / d state `k` of the step before.
    pub spike: Vec<Option<&'a [F]>>,
    /// d spike / d current.
    pub spike_current: Option<&'a [F]>,
}

/// The linear recurrence of a readout, `r ← transition r + input x`, whose first state is read.
pub struct ReadoutFilter<F> {
    /// `[states][states]`
    pub transition: Vec<F>,
    pub input: Vec<F>,
}

/// What the loss says of a panel at this step, each `[rows][64]`.
#[derive(Clone, Copy)]
pub struct LearningSignals<'a, F> {
    /// With respect to the spikes.
    pub spikes: Option<&'a [F]>,
    /// With respect to the first state.
    pub membrane: Option<&'a [F]>,
}

/// One step of the synapses from one input to a panel (Bellec et al. 2020, equations 13 to 16):
/// `x[rows]` is what the input sent; `traces`, `[states of the neuron, then of the filter][rows][64]`,
/// go one step on; `sum[64]` gets the gradients, rows ascending.
///
/// Panics unless the shapes fit and there are at most [`MAX_TRACES`].
pub fn eligibility_step<F: Element>(
    level: SimdLevel,
    x: &[F],
    linearised: &Linearised<F>,
    filter: Option<&ReadoutFilter<F>>,
    signals: LearningSignals<F>,
    traces: &mut [F],
    sum: &mut [F],
) {
    let len = x.len() * PANEL;
    let (states, filtered) = (linearised.current.len(), filter.map_or(0, |f| f.input.len()));
    assert!(states + filtered <= MAX_TRACES, "{states} + {filtered} traces");
    assert_eq!(traces.len(), (states + filtered) * len, "traces of {} rows", x.len());
    assert_eq!(linearised.states.len(), states * states, "a matrix of {states} states");
    assert_eq!(sum.len(), PANEL, "the sums of a panel");
    let all = linearised.states.iter().chain(&linearised.current).chain(&linearised.spike);
    let given = all.flatten().chain(&linearised.spike_current);
    for part in given.chain(&signals.spikes).chain(&signals.membrane) {
        assert_eq!(part.len(), len, "a part of {} rows", x.len());
    }
    dispatch(level, Step { x, linearised, filter, signals, traces, sum });
}

struct Step<'a, F> {
    x: &'a [F],
    linearised: &'a Linearised<'a, F>,
    filter: Option<&'a ReadoutFilter<F>>,
    signals: LearningSignals<'a, F>,
    traces: &'a mut [F],
    sum: &'a mut [F],
}

/// A value for each neuron of a panel.
type Row<F> = [F; PANEL];

impl<F: Element> Kernel<F> for Step<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let (l, len) = (self.linearised, self.x.len() * PANEL);
        let states = l.current.len();
        let mut sum: Row<F> = row(self.sum, 0);
        for (r, &x) in self.x.iter().enumerate() {
            let at = r * PANEL;
            let mut old = [[F::ZERO; PANEL]; MAX_TRACES];
            for (k, trace) in self.traces.chunks_exact(len).enumerate() {
                old[k] = row(trace, at);
            }
            if let Some(signal) = self.signals.spikes {
                let mut moved = scaled(l.spike_current, at, x);
                for (part, old) in l.spike.iter().zip(&old) {
                    add_product(&mut moved, *part, at, old);
                }
                if let Some(filter) = self.filter {
                    let n = filter.input.len();
                    let before = &old[states..states + n];
                    let mut read = [F::ZERO; PANEL];
                    for m in (0..n).rev() {
                        read = moved.map(|x| x * filter.input[m]);
                        for (old, &a) in before.iter().zip(&filter.transition[m * n..]) {
                            read.iter_mut().zip(old).for_each(|(to, &y)| *to = a.mul_add(y, *to));
                        }
                        self.traces[(states + m) * len + at..][..PANEL].copy_from_slice(&read);
                    }
                    moved = read;
                }
                add_product(&mut sum, Some(signal), at, &moved);
            }
            for m in (0..states).rev() {
                let mut new = scaled(l.current[m], at, x);
                for (k, old) in old[..states].iter().enumerate() {
                    add_product(&mut new, l.states[m * states + k], at, old);
                }
                self.traces[m * len + at..][..PANEL].copy_from_slice(&new);
                if m == 0 {
                    add_product(&mut sum, self.signals.membrane, at, &new);
                }
            }
        }
        self.sum.copy_from_slice(&sum);
    }
}

#[inline(always)]
fn row<F: Element>(values: &[F], at: usize) -> Row<F> {
    let mut row = [F::ZERO; PANEL];
    row.copy_from_slice(&values[at..at + PANEL]);
    row
}

/// `part · x`, zero where there is no part.
#[inline(always)]
fn scaled<F: Element>(part: Option<&[F]>, at: usize, x: F) -> Row<F> {
    match part {
        Some(part) => row(part, at).map(|y| y * x),
        None => [F::ZERO; PANEL],
    }
}

/// `to += part · values`, nothing where there is no part.
#[inline(always)]
fn add_product<F: Element>(to: &mut Row<F>, part: Option<&[F]>, at: usize, values: &Row<F>) {
    if let Some(part) = part {
        let part = row(part, at);
        for ((to, &a), &y) in to.iter_mut().zip(&part).zip(values) {
            *to = a.mul_add(y, *to);
        }
    }
}
