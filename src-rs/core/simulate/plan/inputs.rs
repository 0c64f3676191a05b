//! Inputs of neurons other than spikes of the network, checked and in steps.

use super::network::Plan;
use super::ports::route;
use super::signs;
use crate::spec::description::{Amplitudes, InputSpec, OverTime};
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use std::ops::Range;

/// Maximum number of events of a Poisson train per step. For more events, a normal current is equivalent.
pub const MOST_EVENTS: f64 = 500.0;

#[derive(Debug)]
pub struct Input {
    pub population: usize,
    /// Counted within the population.
    pub neurons: Range<usize>,
    pub port: usize,
    pub kind: InputKind,
}

#[derive(Debug)]
pub enum InputKind {
    /// Expected events per step, and their weight.
    Poisson {
        mean: Steps,
        weight: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Current(Steps),
}

/// Values that hold from a step on until the next one is reached; 0 before the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Ascending.
    pub begins: Vec<u64>,
    /// `[begin][width]`
    pub values: Vec<f64>,
    /// 1, or the number of neurons.
    pub width: usize,
}

impl Steps {
    pub fn constant(value: f64) -> Steps {
        Steps { begins: vec![0], values: vec![value], width: 1 }
    }

    /// The values at a step: one, one per neuron, or none before the first time.
    pub fn at(&self, step: u64) -> &[f64] {
        match self.begins.partition_point(|&begin| begin <= step) {
            0 => &[],
            since => &self.values[(since - 1) * self.width..][..self.width],
        }
    }

    /// # Errors
    /// `shape-mismatch` if there is not one value per time or one per time and each of `neurons` neurons; `invalid-parameter`;
    /// both with `name`.
    fn new(name: &str, times: &[f64], values: &[f64], neurons: usize, dt: f64) -> Result<Steps> {
        let width = if values.len() == times.len() { 1 } else { neurons };
        if values.len() != times.len() * width {
            return Err(Error::ShapeMismatch {
                layer: format!("{name}.values"),
                expected: format!("[{}] or [{0}, {neurons}]", times.len()),
                got: format!("[{}]", values.len()),
            });
        }
        if let Some(i) =
            (0..times.len()).find(|&i| !times[i].is_finite() || (i > 0 && times[i] <= times[i - 1]))
        {
            return Err(Error::invalid(format!("{name}.times[{i}]"), times[i], "ascending times in ms"));
        }
        if let Some(i) = values.iter().position(|x| !x.is_finite()) {
            return Err(Error::invalid(format!("{name}.values[{i}]"), values[i], "a finite number"));
        }
        // The first step that begins at the time or later; step k begins at (k - 1) dt.
        let step = |&ms: &f64| ((ms / dt - 1e-6).ceil().max(0.0) as u64).saturating_add(1);
        Ok(Steps { begins: times.iter().map(step).collect(), values: values.to_vec(), width })
    }
}

impl Plan {
    pub(crate) fn input(&self, name: &str, spec: &InputSpec) -> Result<Input> {
        let dt = self.description.dt;
        let finite = |part: &str, x: f64| match x.is_finite() {
            true => Ok(x),
            false => Err(Error::invalid(format!("{name}.{part}"), x, "a finite number")),
        };
        let (to, port) = (spec.to(), spec.port());
        let population = self.population(to.of())?;
        let target = &self.populations[population];
        let neurons = to.range(&format!("{name}.to"), target.size)?;
        let kind = match spec {
            InputSpec::Poisson { rate, weight, .. } => {
                let mut mean = match rate {
                    OverTime::Constant(rate) => Steps::constant(*rate),
                    OverTime::Values(values) => {
                        Steps::new(&format!("{name}.rate"), &[0.0], values, neurons.len(), dt)?
                    }
                    OverTime::Steps { times, values } => {
                        Steps::new(&format!("{name}.rate"), times, values, neurons.len(), dt)?
                    }
                    // Sampled values were replaced by numbers before.
                    OverTime::Sampled(_) => Steps::constant(0.0),
                };
                let count = mean.values.len();
                for (i, rate) in mean.values.iter_mut().enumerate() {
                    let events = *rate * dt / 1000.0;
                    if !(0.0..=MOST_EVENTS).contains(&events) {
                        let expected = format!("a rate in Hz from 0 to {}", MOST_EVENTS * 1000.0 / dt);
                        let suffix = if count == 1 { String::new() } else { format!("[{i}]") };
                        return Err(Error::invalid(format!("{name}.rate{suffix}"), *rate, expected));
                    }
                    *rate = events;
                }
                InputKind::Poisson { mean, weight: finite("weight", *weight)? }
            }
            InputSpec::Normal { mean, sd, .. } => {
                if !(sd.is_finite() && *sd >= 0.0) {
                    return Err(Error::invalid(format!("{name}.sd"), sd, "a number of at least 0"));
                }
                InputKind::Normal { mean: finite("mean", *mean)?, sd: *sd }
            }
            InputSpec::Current { times, values, .. } => {
                let values = match values {
                    Amplitudes::Values(values) => &values[..],
                    // Sampled values were replaced by numbers before.
                    Amplitudes::Sampled(_) => &[],
                };
                InputKind::Current(Steps::new(name, times, values, neurons.len(), dt)?)
            }
        };
        let signed = match kind {
            InputKind::Poisson { weight, .. } => Some(weight),
            _ => None,
        };
        let route = route(target, port, signed.is_some())?;
        signs::check_input(target, route, name, &kind)?;
        if let Route::Places { .. } = route {
            let expected =
                "a target with one place, as the input of a neuron has no synapses among which places differ";
            return Err(Error::invalid(format!("{name}.port"), port.unwrap_or("nothing"), expected));
        }
        let (port, kind) = match kind {
            InputKind::Poisson { mean, weight } => {
                let (port, weight) = route.of(weight);
                (port, InputKind::Poisson { mean, weight })
            }
            other => (route.of(0.0).0, other),
        };
        target.bound.check_port(&target.name, port)?;
        Ok(Input { population, neurons, port, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_begins_with_the_first_step_at_its_time_or_later() {
        let steps = Steps::new("current", &[-1.0, 0.1, 0.15, 1e300], &[1.0, 2.0, 3.0, 4.0], 2, 0.1).unwrap();
        assert_eq!(steps.begins, [1, 2, 3, u64::MAX]);
    }
}
