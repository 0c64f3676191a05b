//! What enters neurons beside the spikes of others, checked and in steps.

use super::description::InputSpec;
use super::drive::MOST_EVENTS;
use super::plan::{Plan, route};
use crate::error::{Error, Result};

#[derive(Debug)]
pub struct Input {
    pub population: usize,
    pub port: usize,
    pub kind: InputKind,
}

#[derive(Debug)]
pub enum InputKind {
    /// Expected events in a step, and their weight.
    Poisson {
        mean: f64,
        weight: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    /// From which step on which value holds.
    Current(Vec<(u64, f64)>),
}

impl Plan {
    pub(super) fn input(&self, name: &str, spec: &InputSpec) -> Result<Input> {
        let dt = self.description.dt;
        let finite = |part: &str, x: f64| match x.is_finite() {
            true => Ok(x),
            false => Err(Error::invalid(format!("{name}.{part}"), x, "a finite number")),
        };
        let (to, port, kind) = match spec {
            InputSpec::Poisson { to, port, rate, weight } => {
                let mean = rate * dt / 1000.0;
                if !(0.0..=MOST_EVENTS).contains(&mean) {
                    let expected = format!("a rate in Hz from 0 to {}", MOST_EVENTS * 1000.0 / dt);
                    return Err(Error::invalid(format!("{name}.rate"), rate, expected));
                }
                (to, port, InputKind::Poisson { mean, weight: finite("weight", *weight)? })
            }
            InputSpec::Normal { to, port, mean, sd } => {
                if !(sd.is_finite() && *sd >= 0.0) {
                    return Err(Error::invalid(format!("{name}.sd"), sd, "a number of at least 0"));
                }
                (to, port, InputKind::Normal { mean: finite("mean", *mean)?, sd: *sd })
            }
            InputSpec::Current { to, port, times, values } => {
                if times.len() != values.len() {
                    return Err(Error::ShapeMismatch {
                        layer: format!("{name}.values"),
                        expected: format!("[{}]", times.len()),
                        got: format!("[{}]", values.len()),
                    });
                }
                if let Some(i) =
                    (0..times.len()).find(|&i| !times[i].is_finite() || (i > 0 && times[i] <= times[i - 1]))
                {
                    return Err(Error::invalid(
                        format!("{name}.times[{i}]"),
                        times[i],
                        "ascending times in ms",
                    ));
                }
                values.iter().try_for_each(|&x| finite("values", x).map(|_| ()))?;
                // The first step that begins at the time or later; step k begins at (k - 1) dt.
                let step = |ms: f64| (ms / dt - 1e-6).ceil().max(0.0) as u64 + 1;
                let steps = times.iter().zip(values).map(|(&ms, &x)| (step(ms), x)).collect();
                (to, port, InputKind::Current(steps))
            }
        };
        let population = self.population(to)?;
        let target = &self.populations[population];
        let signed = match kind {
            InputKind::Poisson { weight, .. } => Some(weight),
            _ => None,
        };
        let route = route(target, port.as_deref(), signed.is_some())?;
        let (port, kind) = match kind {
            InputKind::Poisson { mean, weight } => {
                let (port, weight) = route.of(weight);
                (port, InputKind::Poisson { mean, weight })
            }
            other => (route.of(0.0).0, other),
        };
        Ok(Input { population, port, kind })
    }
}
