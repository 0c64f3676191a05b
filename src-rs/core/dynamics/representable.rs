//! Checks a neuron's description in the precision of a run. Numbers that would be infinite in f32 are refused by name, because
//! an infinite coefficient makes states NaN or silences a neuron forever.

use super::bind::{Bound, BoundParam};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;

impl Bound {
    /// Refuses a description that `F` cannot represent. `coefs`: the coefficients that [`Bound::derive`] computed from the
    /// parameters.
    ///
    /// # Errors
    /// `invalid-parameter` with the name of a parameter, of an initial state, or of a derived coefficient.
    pub fn check_representable<F: Real>(&self, coefs: &[Vec<f64>]) -> Result<()> {
        let first_infinite = |values: &[f64]| values.iter().position(|&x| !F::from_f64(x).is_finite());
        let refuse = |name: String, values: &[f64], i: usize| {
            let name = if values.len() == 1 { name } else { format!("{name}[{i}]") };
            F::representable(|| name, values[i]).map(|_| ())
        };
        for (slot, (coef, values)) in self.coefs.iter().zip(coefs).enumerate() {
            let Some(i) = first_infinite(values) else { continue };
            // Most coefficients are parameters, or are large because a parameter is.
            for param in &self.params {
                if let Some(i) = first_infinite(&param.values) {
                    refuse(param.name.into(), &param.values, i)?;
                }
            }
            let sources: Vec<&BoundParam> = self.derivation.sources(slot).map(|p| &self.params[p]).collect();
            if sources.is_empty() {
                refuse(format!("{coef} (from the parameters)"), values, i)?;
                continue;
            }
            let names: Vec<&str> = sources.iter().map(|param| param.name).collect();
            let at = |param: &BoundParam| param.values[if param.values.len() == 1 { 0 } else { i }];
            let given: Vec<String> = sources.iter().map(|param| shortest(at(param))).collect();
            let what = if names.len() == 1 { "a value" } else { "values" };
            let expected =
                format!("{what} of which the equations make finite numbers that {} can hold", F::NAME);
            let got = format!("{}, which makes {}", given.join(", "), shortest(values[i]));
            return Err(Error::invalid(names.join(", "), got, expected));
        }
        for state in &self.states {
            first_infinite(&state.init)
                .map_or(Ok(()), |i| refuse(format!("initial {}", state.name), &state.init, i))?;
        }
        Ok(())
    }
}

/// The shortest representation of a number.
fn shortest(x: f64) -> String {
    let plain = x == 0.0 || !x.is_finite() || (1e-4..1e15).contains(&x.abs());
    if plain { x.to_string() } else { format!("{x:e}") }
}
