//! Finds neurons with a state whose change per step is smaller than its rounding in single precision.

use crate::representation::precision::Precision;
use lapicque_base::simd::SimdLevel;
use lapicque_dynamics::Bound;
use lapicque_expr::{Arg, ArgSlot, Args, Kernel, set_args};

/// A state that loses less than this fraction per step has, in single precision, a relative error above one thousandth in that
/// loss, or does not change at all.
const SLOW: f64 = f32::EPSILON as f64 / 2.0 / 1e-3;

/// Smaller relative changes are rounding errors of double precision.
const STILL: f64 = 1e-13;

/// Neurons that are tested together.
const TOGETHER: usize = 4096;

/// Whether these neurons are computed in double precision in a network of precision `F`.
pub fn is_wide<F: Precision>(bound: &Bound, derived: &[Vec<f64>]) -> bool {
    size_of::<F>() < size_of::<f64>()
        && (has_slow_time(bound) || slow_states(bound, derived).next().is_some())
}

/// Whether a time constant gives such a small loss per step. Rotating states, for example those of a resonator, have none.
fn has_slow_time(bound: &Bound) -> bool {
    let times = bound.params.iter().filter(|param| param.name.starts_with("tau") && param.name != "tauRef");
    times.flat_map(|param| &param.values).any(|&tau| bound.dt() < SLOW * tau)
}

/// The names of the states that lose such a small fraction of themselves per step, seen from the initial state.
pub fn slow_states<'a>(bound: &'a Bound, derived: &'a [Vec<f64>]) -> impl Iterator<Item = &'static str> + 'a {
    let lists = derived.iter().chain(bound.states.iter().map(|state| &state.init));
    let neurons = lists.map(Vec::len).max().unwrap_or(1);
    let kernel = Kernel::new(&bound.forward, SimdLevel::detect());
    (0..bound.states.len()).filter_map(move |state| {
        let mut chunks = (0..neurons).step_by(TOGETHER).map(|from| from..(from + TOGETHER).min(neurons));
        chunks.any(|chunk| is_slow(bound, derived, &kernel, state, chunk)).then_some(bound.states[state].name)
    })
}

/// Whether a state of one of these neurons is slow.
fn is_slow(
    bound: &Bound,
    derived: &[Vec<f64>],
    kernel: &Kernel<f64>,
    state: usize,
    neurons: std::ops::Range<usize>,
) -> bool {
    let of =
        |values: &[f64]| -> Vec<f64> { neurons.clone().map(|n| values[n.min(values.len() - 1)]).collect() };
    let start: Vec<Vec<f64>> = bound.states.iter().map(|state| of(&state.init)).collect();
    let coefs: Vec<Vec<f64>> = derived.iter().map(|values| of(values)).collect();
    let (n, zeros) = (neurons.len(), vec![0.0; neurons.len()]);
    let program = &bound.forward;
    let is_uniform =
        |slot: ArgSlot| program.args.iter().zip(&program.uniform).any(|(&arg, &one)| one && arg == slot);
    // The state and the spikes after a step from this distance to the initial state.
    let after = |part: f64| {
        let mut states = start.clone();
        states[state].iter_mut().for_each(|x| *x += part * scale(*x));
        let read = |slot: ArgSlot| match slot {
            ArgSlot::State(i) => Arg::Elements(&states[i]),
            ArgSlot::Coef(k) if is_uniform(slot) => Arg::Uniform(coefs[k][0]),
            ArgSlot::Coef(k) => Arg::Elements(&coefs[k]),
            _ => Arg::Elements(&zeros[..]),
        };
        let mut args = Args::new();
        set_args(&mut args, &program.args, read);
        let mut outs = vec![vec![0.0; n]; program.outs.len()];
        let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        kernel.run(n, &args, &mut slices, &mut vec![]);
        let spikes =
            if outs.len() > bound.states.len() { outs.pop().unwrap_or_default() } else { zeros.clone() };
        (std::mem::take(&mut outs[state]), spikes)
    };
    let (at_start, silent) = after(0.0);
    // On one side the neuron may spike, which is not a loss of the state.
    [0.5, -0.5, 0.05].into_iter().any(|part| {
        let (moved, spikes) = after(part);
        (0..n).any(|i| {
            let x = start[state][i];
            let lost = (moved[i] - at_start[i]) / (part * scale(x)) - 1.0;
            spikes[i] == silent[i] && lost.abs() < SLOW && lost.abs() > STILL * (1.0 + x.abs())
        })
    })
}

/// The distance from a state at which it is tested.
fn scale(x: f64) -> f64 {
    (0.02 * x.abs()).max(1.0)
}
