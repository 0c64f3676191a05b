//! Intrinsic plasticity: a parameter of each neuron moves until the neuron fires at a target rate.

use super::population::Population;
use crate::spec::description::IntrinsicSpec;
use lapicque_base::error::{Error, Result};

/// Which parameter moves, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Intrinsic {
    pub(crate) parameter: String,
    /// In Hz.
    pub(crate) target: f64,
    /// The change of the parameter at each update, per Hz above the target rate.
    pub(crate) gain: f64,
    /// The decay of a rate per step, as an exponent, and the increment per spike in Hz.
    pub(crate) decay: f64,
    pub(crate) jump: f64,
    /// Steps between two updates.
    pub interval: u64,
    pub(crate) bounds: [f64; 2],
}

impl Intrinsic {
    /// Errors: `unknown-name` for the parameter, `invalid-parameter` for numbers out of range.
    pub fn new(population: &Population, spec: &IntrinsicSpec, dt: f64) -> Result<Intrinsic> {
        let at = |what: &str| format!("{}.intrinsic.{what}", population.name);
        let params = population.bound.params.iter();
        if !params.clone().any(|param| param.name == spec.parameter) {
            let kind = format!("parameter of {}", population.name);
            return Err(Error::unknown(&kind, &spec.parameter, params.map(|param| param.name)));
        }
        for (what, value) in [("rateTarget", spec.rate_target), ("tauRate", spec.tau_rate)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::invalid(at(what), value, "a number above 0"));
            }
        }
        if !spec.gain.is_finite() {
            return Err(Error::invalid(at("gain"), spec.gain, "a finite number"));
        }
        let steps = spec.interval / dt;
        if !(0.5..1e15).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
            let expected = format!("a whole number of steps of {dt} ms");
            return Err(Error::invalid(at("interval"), spec.interval, expected));
        }
        let bounds = [spec.min.unwrap_or(f64::MIN), spec.max.unwrap_or(f64::MAX)];
        if bounds[0].is_nan() || bounds[1].is_nan() || bounds[0] >= bounds[1] {
            return Err(Error::invalid(at("max"), bounds[1], format!("a number above min, {}", bounds[0])));
        }
        Ok(Intrinsic {
            parameter: spec.parameter.clone(),
            target: spec.rate_target,
            gain: spec.gain * spec.interval / 1000.0,
            decay: -dt / spec.tau_rate,
            jump: 1000.0 / spec.tau_rate,
            interval: steps.round() as u64,
            bounds,
        })
    }
}
