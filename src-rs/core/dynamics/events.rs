//! When one neuron spikes, without a grid of time: where a step of its method makes a spike, halves of the
//! step are tried until the spike is found. The method's own error is left, which smaller steps make smaller.

use super::bind::Bound;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::{Arg, ArgSlot, Kernel};
use serde_json::Value;

/// Spikes are found to `dt` / 2^40.
const HALVINGS: usize = 40;
/// Spikes after which a neuron is taken to spike without end.
const MOST_SPIKES: usize = 10_000_000;
/// So many spikes within this part of `dt` are those of a neuron that spikes however short a step is.
const AT_ONCE: (usize, f64) = (1000, 1e-6);
/// As part of what it moves in `dt`, what a state may move in the shortest step: it does 2^-40 of it in time.
const STILL: f64 = 1e-6;

fn refused(feature: String) -> Error {
    Error::Unsupported { feature, format: "spikes without a grid of time".into() }
}

/// A neuron whose input, decay or reset is for a step, however long: it has no times between steps.
fn by_steps(what: &str) -> Error {
    refused(format!("a neuron that counts by steps, not by time: {what} however short a step is"))
}

/// The neuron's step, for one length of it.
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
            ArgSlot::State(i) => Arg::Lanes(&states[i..=i]),
            ArgSlot::Coef(i) => Arg::Uniform(self.coefs[i][0]),
            _ => Arg::Lanes(std::slice::from_ref(&input)),
        };
        let args: Vec<Arg<f64>> = self.bound.forward.args.iter().map(value).collect();
        let mut slices: Vec<&mut [f64]> = outs.iter_mut().map(|out| &mut out[..]).collect();
        self.kernel.run(1, &args, &mut slices, scratch);
    }
}

/// Errors: `unsupported` for a state that moves in the shortest step as it does in a long one.
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
    // What a reset does it does at once.
    if spiked {
        return Ok(());
    }
    let jumps = |i: &usize| near[*i] > STILL * far[*i] + 1e-9 * (1.0 + states[*i].abs());
    match (0..n).find(jumps) {
        Some(i) => Err(by_steps(&format!("{} moves", long.bound.states[i].name))),
        None => Ok(()),
    }
}

/// Spike times in ms of the neuron `spec` from time 0 to `duration`, in steps of at most `dt`. `current`: from
/// which time on, ascending, which input holds; 0 before.
///
/// # Errors
/// Those of [`Bound::new`]; `invalid-parameter`; `unsupported` for neurons with several inputs, noise or
/// a refractory period in steps, and for those that count by steps; `non-finite`; `aborted`.
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
    // How often the next step is to be halved.
    let mut depth = 0;
    // From rest, where what decays may be 0, and from beside it.
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
        // After a part without a spike a longer one is tried again.
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
