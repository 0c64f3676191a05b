//! Finds neurons with a state whose change per step is smaller than its rounding in single precision.

use super::one_step::{OneStep, Stepper, groups, initial_states};
use super::slow_approach::{Approach, Programs};
use lapicque_dynamics::Bound;
use rayon::prelude::*;
use std::ops::Range;

/// A state that loses less than this fraction per step has, in single precision, a relative error above one thousandth in that
/// loss, or does not change at all.
const SLOW: f64 = f32::EPSILON as f64 / 2.0 / 1e-3;

/// Smaller relative changes are rounding errors of double precision.
const STILL: f64 = 1e-13;

/// The largest ratio of a state to its distance from equilibrium, if that distance is unknown.
const MOST_OFFSET: f64 = 10.0;

/// Whether a state of these neurons is slow.
pub fn is_slow(bound: &Bound, derived: &[Vec<f64>], programs: &Programs) -> bool {
    has_slow_time(bound) || has_slow_state(bound, derived, programs)
}

/// Whether a time constant gives such a small loss per step. Rotating states, for example those of a resonator, have none.
fn has_slow_time(bound: &Bound) -> bool {
    let times = bound.params.iter().filter(|param| param.name.starts_with("tau") && param.name != "tauRef");
    times.flat_map(|param| &param.values).any(|&tau| bound.dt() < SLOW * tau)
}

/// Whether one of the states loses such a small fraction of itself per step, seen from the initial state. Groups of neurons
/// are tested one after the other on each thread, so that their ways to the threshold need little memory.
fn has_slow_state(bound: &Bound, derived: &[Vec<f64>], programs: &Programs) -> bool {
    let step = OneStep::new(bound.forward.clone());
    let lists = derived.iter().chain(bound.states.iter().map(|state| &state.init));
    let groups: Vec<_> = groups(lists).collect();
    groups.into_par_iter().any(|neurons| {
        let approach = programs.approach(bound, derived, &neurons, None, 0);
        (0..bound.states.len()).any(|state| {
            let approach = approach.as_ref().filter(|approach| approach.state == state);
            is_slow_state(bound, &step.of(derived, &neurons), state, &neurons, approach)
        })
    })
}

/// Whether a state of one of these neurons is slow.
fn is_slow_state(
    bound: &Bound,
    step: &Stepper<f64>,
    state: usize,
    neurons: &Range<usize>,
    approach: Option<&Approach>,
) -> bool {
    let start = initial_states(bound, neurons);
    let n = neurons.len();
    // The state and the spikes after a step from this distance to the initial state.
    let after = |part: f64| {
        let mut states = start.clone();
        states[state].iter_mut().for_each(|x| *x += part * scale(*x));
        let mut outs = step.after(&states, &[]);
        let spikes = if outs.len() > bound.states.len() { outs.pop() } else { None };
        (std::mem::take(&mut outs[state]), spikes.unwrap_or_else(|| vec![0.0; n]))
    };
    let (at_start, silent) = after(0.0);
    // On one side the neuron may spike, which is not a loss of the state.
    [0.5, -0.5, 0.05].into_iter().any(|part| {
        let (moved, spikes) = after(part);
        (0..n).any(|i| {
            let x = start[state][i];
            let lost = (moved[i] - at_start[i]) / (part * scale(x)) - 1.0;
            // The way to the threshold, or from the start to where the state would stay.
            let own_way = (at_start[i] - x) / lost;
            let to_threshold = approach.map_or(0.0, |approach| approach.to[i] - approach.from[i]);
            let distance = [own_way.abs(), to_threshold].into_iter().filter(|x| x.is_finite());
            let distance = distance.fold(scale(x).max(x.abs() / MOST_OFFSET), f64::max);
            // Rounding is relative to the state, and a loss to its distance from equilibrium.
            let offset = (x.abs() / distance).max(1.0);
            spikes[i] == silent[i] && lost.abs() < offset * SLOW && lost.abs() > STILL * (1.0 + x.abs())
        })
    })
}

/// The distance from a state at which it is tested.
fn scale(x: f64) -> f64 {
    (0.02 * x.abs()).max(1.0)
}
