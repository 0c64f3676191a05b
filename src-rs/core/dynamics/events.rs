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

/// The neuron's step, for one length of it.
struct Length {
    bound: Bound,
    kernel: Kernel<f64>,
    coefs: Vec<Vec<f64>>,
}

impl Length {
    fn new(spec: &Value, dt: f64) -> Result<Length> {
        let bound = Bound::new(spec, 1, dt)?;
        let refused = |feature: String| {
            Err(Error::Unsupported { feature, format: "spikes without a grid of time".into() })
        };
        if let [_, _, ..] = bound.ports[..] {
            return refused(format!("a neuron with the inputs {}", bound.ports.join(", ")));
        }
        if !bound.spiking || bound.noise.is_some() {
            return refused("a neuron that draws random numbers or does not spike".into());
        }
        if let Some(state) = bound.states.iter().find(|state| state.unit == "steps") {
            return refused(format!("{}, which is counted in steps", state.name));
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

/// Refuses a neuron whose step does not become nothing with its length: halves of such a step are not parts of it. So it is
/// where an input is added whole in every step, or where a factor is told for a step and not as a time constant.
fn check_continuous(shortest: &Length) -> Result<()> {
    let states = &shortest.bound.states;
    let (mut outs, mut scratch) = (vec![[0.0]; states.len() + 1], vec![]);
    // From rest, where what decays may be 0, and from beside it.
    for offset in [0.0, 0.5] {
        let from: Vec<f64> = states.iter().map(|state| state.init[0] + offset).collect();
        shortest.step(&from, 1.0, &mut outs, &mut scratch);
        if outs[states.len()][0] != 0.0 {
            continue;
        }
        let moved =
            |(before, after): (&f64, &[f64; 1])| (after[0] - before).abs() > 1e-6 * (1.0 + before.abs());
        if let Some(i) = from.iter().zip(&outs).position(moved) {
            let name = &states[i].name;
            let feature = format!(
                "a neuron whose {name} changes in a step however short that is: its input is added in each step, or a \
                 factor is given for a step instead of a time constant"
            );
            return Err(Error::Unsupported { feature, format: "spikes without a grid of time".into() });
        }
    }
    Ok(())
}

/// Spike times in ms of the neuron `spec` from time 0 to `duration`, in steps of at most `dt`. `current`: from
/// which time on, ascending, which input holds; 0 before.
///
/// # Errors
/// Those of [`Bound::new`]; `invalid-parameter`; `unsupported` for neurons with several inputs, noise,
/// a refractory period in steps or an input of each step; `non-finite`; `aborted`.
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
    check_continuous(&Length::new(spec, dt * f64::powi(0.5, HALVINGS as i32))?)?;
    let mut states: Vec<f64> = lengths[0].bound.states.iter().map(|state| state.init[0]).collect();
    let n = states.len();
    let (mut outs, mut scratch, mut spikes) = (vec![[0.0]; n + 1], vec![], vec![]);
    let (mut now, mut next, mut input) = (0.0, 0, 0.0);
    let mut steps = 0u64;
    // How often the next step is to be halved.
    let mut depth = 0;
    while now < duration {
        while next < current.len() && current[next].0 <= now + dt * f64::powi(0.5, HALVINGS as i32) {
            input = current[next].1;
            next += 1;
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
