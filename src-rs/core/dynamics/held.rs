//! What a neuron's description says, in the precision of a run: numbers that f32 has only an infinity for are
//! refused by name, since an infinite coefficient makes states that are no numbers, or silences a neuron for ever.

use super::bind::{Bound, BoundParam};
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;

impl Bound {
    /// Refuses a description that `F` cannot hold. `coefs`: what [`Bound::derive`] made of the parameters.
    ///
    /// # Errors
    /// `invalid-parameter` with the name of a parameter, of a state at the start, or of what follows from parameters.
    pub fn check_held<F: Real>(&self, coefs: &[Vec<f64>]) -> Result<()> {
        let lost = |values: &[f64]| values.iter().position(|&x| !F::from_f64(x).is_finite());
        let refuse = |name: String, values: &[f64], i: usize| {
            let name = if values.len() == 1 { name } else { format!("{name}[{i}]") };
            F::held(|| name, values[i]).map(|_| ())
        };
        for (slot, (coef, values)) in self.coefs.iter().zip(coefs).enumerate() {
            let Some(i) = lost(values) else { continue };
            // Most coefficients are parameters, or large because one of these is.
            for param in &self.params {
                if let Some(i) = lost(&param.values) {
                    refuse(param.name.into(), &param.values, i)?;
                }
            }
            let behind: Vec<&BoundParam> = self.derivation.behind(slot).map(|p| &self.params[p]).collect();
            if behind.is_empty() {
                refuse(format!("{coef} (from the parameters)"), values, i)?;
                continue;
            }
            let names: Vec<&str> = behind.iter().map(|param| param.name).collect();
            let at = |param: &BoundParam| param.values[if param.values.len() == 1 { 0 } else { i }];
            let given: Vec<String> = behind.iter().map(|param| shown(at(param))).collect();
            let what = if names.len() == 1 { "a value" } else { "values" };
            let expected =
                format!("{what} of which the equations make finite numbers that {} can hold", F::NAME);
            let got = format!("{}, which makes {}", given.join(", "), shown(values[i]));
            return Err(Error::invalid(names.join(", "), got, expected));
        }
        for state in &self.states {
            lost(&state.init)
                .map_or(Ok(()), |i| refuse(format!("initial {}", state.name), &state.init, i))?;
        }
        Ok(())
    }
}

/// A number as short as it can be read.
fn shown(x: f64) -> String {
    let plain = x == 0.0 || !x.is_finite() || (1e-4..1e15).contains(&x.abs());
    if plain { x.to_string() } else { format!("{x:e}") }
}
