//! Spike times of one neuron, independent of a time grid: if a sub-step contains a spike, the sub-step is halved until the
//! spike is located. The remaining error is that of the method, which decreases with the step length.

use super::bind::Bound;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use serde_json::Value;

/// Spikes are found to `dt` / 2^40.
const HALVINGS: usize = 40;
/// A neuron with more spikes is assumed to spike endlessly.
const MOST_SPIKES: usize = 10_000_000;
/// This number of spikes within this fraction of `dt` indicates a neuron that spikes however short a step is.
const AT_ONCE: (usize, f64) = (1000, 1e-6);
/// Maximum change of a state in the shortest step, as a fraction of its change in `dt`; a flow in time changes by 2^-40 of it.
const STILL: f64 = 1e-6;

fn refused(feature: String) -> Error {
    Error::Unsupported { feature, format: "spikes without a grid of time".into() }
}

/// The error for a neuron whose input, decay or reset acts per step, whatever the step length, so that times between steps are
/// undefined.
fn by_steps(what: &str) -> Error {
    refused(format!("a neuron that counts by steps, not by time: {what} however short a step is"))
}

/// The neuron's step for one step length.
struct Length {
    bound: Bound,
    kernel: Kernel<f64>,
    coefs: Vec<Vec<f64>>,
}

impl Length {
    fn new(spec: &Value, dt: f64) -> Result<Length> {
        let bound = Bound::new(spec, 1, dt)?;
        if let [_, _, ..] = bound.ports[..] {
            return Err(refused(format!("a neuron with the inputs {}", bound.ports.join(", "))));
        }
        if !bound.spiking || bound.noise.is_some() {
            return Err(refused("a neuron that draws random numbers or does not spike".into()));
        }
        if let Some(state) = bound.states.iter().find(|state| state.unit == "steps") {
            return Err(refused(format!("{}, which is counted in steps", state.name)));
        }
        let params: Vec<Vec<f64>> = bound.params.iter().map(|param| param.values.clone()).collect();
        let (kernel, coefs) = (Kernel::new(&bound.forward, SimdLevel::detect()), bound.derive(&params));
        Ok(Length { bound, kernel, coefs })
    }

    /// The states and the spike after a step.
    fn step(&self, states: &[f64], input: f64, outs: &mut [[f64; 1]], scratch: &mut Vec<f64>) {
        let value = |slot: &ArgSlot| match *slot {
            ArgSlot::State(i) => Arg::Elements(&states[i..=i]),
            ArgSlot::Coef(i) => Arg::Uniform(self.coefs[i][0]),
            _ => Arg::Elements(std::slice::from_ref(&input)),
        };
        let args: Vec<Arg<f64>> = self.bound.forward.args.iter().map(value).collect();
        let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        self.kernel.run(1, &args, &mut slices, scratch);
    }
}

/// Errors: `unsupported` for a state that changes in the shortest step as much as in a long one.
fn check_flow(
    [long, short]: [&Length; 2],
    states: &[f64],
    input: f64,
    outs: &mut [[f64; 1]],
    scratch: &mut Vec<f64>,
) -> Result<()> {
    let n = states.len();
    let mut moved = |length: &Length| {
        length.step(states, input, outs, scratch);
        let spiked = outs[n][0] != 0.0;
        let by: Vec<f64> =
            states.iter().zip(outs.iter()).map(|(state, out)| (out[0] - state).abs()).collect();
        (by, spiked)
    };
    let ((far, _), (near, spiked)) = (moved(long), moved(short));
    // A reset acts instantaneously, so it is excluded.
    if spiked {
        return Ok(());
    }
    let jumps = |i: &usize| near[*i] > STILL * far[*i] + 1e-9 * (1.0 + states[*i].abs());
    match (0..n).find(jumps) {
        Some(i) => Err(by_steps(&format!("{} moves", long.bound.states[i].name))),
        None => Ok(()),
    }
}

/// Spike times in ms of the neuron `spec` from time 0 to `duration`, in steps of at most `dt`. `current`: ascending times and
/// the input from each time on; 0 before the first.
///
/// # Errors
/// Those of [`Bound::new`]; `invalid-parameter`; `unsupported` for neurons with several inputs, noise or a refractory period
/// in steps, and for those that act per step; `non-finite`; `aborted`.
pub fn spike_times(
    spec: &Value,
    current: &[(f64, f64)],
    duration: f64,
    dt: f64,
    control: &Control,
) -> Result<Vec<f64>> {
    if let Some(i) = (1..current.len()).find(|&i| current[i].0 <= current[i - 1].0) {
        return Err(Error::invalid(format!("current.times[{i}]"), current[i].0, "ascending times in ms"));
    }
    let mut lengths = vec![Length::new(spec, dt)?];
    let shortest = Length::new(spec, dt * f64::powi(0.5, HALVINGS as i32))?;
    let mut states: Vec<f64> = lengths[0].bound.states.iter().map(|state| state.init[0]).collect();
    let n = states.len();
    let (mut outs, mut scratch, mut spikes) = (vec![[0.0]; n + 1], vec![], vec![]);
    let (mut now, mut next, mut input) = (0.0, 0, 0.0);
    let mut steps = 0u64;
    // Number of times that the next step is halved.
    let mut depth = 0;
    // From rest, where decaying states may be 0, and from other states.
    for (offset, input) in [(0.0, 0.0), (0.0, 1.0), (0.5, 0.0), (0.5, 1.0)] {
        let from: Vec<f64> = states.iter().map(|state| state + offset).collect();
        check_flow([&lengths[0], &shortest], &from, input, &mut outs, &mut scratch)?;
    }
    while now < duration {
        let before = next;
        while next < current.len() && current[next].0 <= now + dt * f64::powi(0.5, HALVINGS as i32) {
            input = current[next].1;
            next += 1;
        }
        if next > before {
            check_flow([&lengths[0], &shortest], &states, input, &mut outs, &mut scratch)?;
        }
        let until = current.get(next).map_or(duration, |&(time, _)| time.min(duration));
        let length = |depth: usize| dt * f64::powi(0.5, depth as i32);
        while depth < HALVINGS && now + length(depth) > until {
            depth += 1;
        }
        while lengths.len() <= depth {
            lengths.push(Length::new(spec, length(lengths.len()))?);
        }
        lengths[depth].step(&states, input, &mut outs, &mut scratch);
        let spiked = outs[n][0] != 0.0;
        if spiked && depth < HALVINGS {
            depth += 1;
            continue;
        }
        states.iter_mut().zip(&outs).for_each(|(state, out)| *state = out[0]);
        now += length(depth);
        if spiked {
            spikes.push(now);
            let (many, part) = AT_ONCE;
            if spikes.len() > many && now - spikes[spikes.len() - many] < part * dt {
                return Err(by_steps("it spikes"));
            }
        }
        // After a sub-step without a spike a longer one is tried again.
        depth = if spiked { 0 } else { depth.saturating_sub(1) };
        steps += 1;
        if steps.is_multiple_of(4096) {
            control.check()?;
            if let Some(i) = states.iter().position(|state| !state.is_finite()) {
                let name = lengths[0].bound.states[i].name.to_string();
                return Err(Error::NonFinite { layer: "neuron".into(), step: steps as usize, name });
            }
            if spikes.len() > MOST_SPIKES {
                return Err(Error::invalid("duration", duration, "a time with fewer than 10 million spikes"));
            }
        }
    }
    Ok(spikes)
}
