//! Structural plasticity of a connection, checked: growth of elements and times of changes.

use super::network::Connection;
use crate::spec::description::{GrowthSpec, StructuralSpec};
use lapicque_base::error::{Error, Result};

/// How elements grow with calcium, in elements per step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Curve {
    Linear { rate: f64, epsilon: f64 },
    Gaussian { rate: f64, center: f64, width: f64 },
}

/// Structural plasticity of a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Structural {
    /// Growth curves of axonal and dendritic elements.
    pub curves: [Curve; 2],
    /// Steps between two changes.
    pub interval: u64,
    /// The decay factor of calcium per step, its mean over the step, and the increment per spike.
    pub left: f64,
    pub mean: f64,
    pub beta: f64,
    pub vacant_decay: f64,
    /// Maximum number of elements of a neuron.
    pub most: u32,
    pub weight: f64,
}

impl Structural {
    /// Errors: `invalid-parameter` for numbers out of range, and for sampled weights or delays.
    pub fn new(name: &str, spec: &StructuralSpec, connection: &Connection, dt: f64) -> Result<Structural> {
        let at = |what: &str| format!("{name}.structural.{what}");
        let positive = |what: &str, value: f64| match value.is_finite() && value > 0.0 {
            true => Ok(value),
            false => Err(Error::invalid(at(what), value, "a number above 0")),
        };
        let curve = |side: &str, spec: &GrowthSpec| {
            let rate = |rate: f64| match rate.is_finite() {
                true => Ok(rate * dt),
                false => Err(Error::invalid(at(&format!("{side}.rate")), rate, "elements per ms")),
            };
            match *spec {
                GrowthSpec::Linear { rate: given, epsilon } => Ok(Curve::Linear {
                    rate: rate(given)?,
                    epsilon: positive(&format!("{side}.epsilon"), epsilon)?,
                }),
                GrowthSpec::Gaussian { rate: given, eta, epsilon } => {
                    if !(eta.is_finite() && epsilon.is_finite() && eta < epsilon) {
                        let expected = format!("a number above eta, {eta}");
                        return Err(Error::invalid(at(&format!("{side}.epsilon")), epsilon, expected));
                    }
                    Ok(Curve::Gaussian {
                        rate: rate(given)?,
                        center: 0.5 * (eta + epsilon),
                        width: (epsilon - eta) / (2.0 * std::f64::consts::LN_2.sqrt()),
                    })
                }
            }
        };
        let steps = positive("interval", spec.interval)? / dt;
        if !(0.5..1e15).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
            let expected = format!("a whole number of steps of {dt} ms");
            return Err(Error::invalid(at("interval"), spec.interval, expected));
        }
        if !(0.0..=1.0).contains(&spec.vacant_decay) {
            return Err(Error::invalid(at("vacantDecay"), spec.vacant_decay, "a number from 0 to 1"));
        }
        if !(1..=1 << 20).contains(&spec.most) {
            return Err(Error::invalid(at("most"), spec.most, "1 to 2^20 elements"));
        }
        let [shortest, longest] = connection.delays.bounds();
        let Some(weight) = connection.weight.constant().filter(|_| shortest == longest) else {
            let expected = "one weight and one delay for all synapses, also those to come";
            return Err(Error::invalid(at("interval"), "drawn ones", expected));
        };
        let tau = positive("tauCalcium", spec.tau_calcium)?;
        let left = lapicque_expr::functions::double::exp(-dt / tau);
        Ok(Structural {
            curves: [curve("axonal", &spec.axonal)?, curve("dendritic", &spec.dendritic)?],
            interval: steps.round() as u64,
            left,
            mean: (1.0 - left) * tau / dt,
            beta: positive("betaCalcium", spec.beta_calcium)?,
            vacant_decay: spec.vacant_decay,
            most: spec.most,
            weight,
        })
    }
}
