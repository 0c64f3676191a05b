//! What a neuron's description says, in the precision of a run: numbers that f32 has only an infinity for are
//! refused by name, since an infinite coefficient makes states that are no numbers, or silences a neuron for ever.

use super::bind::Bound;
use lapicque_base::error::Result;
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
        for (coef, values) in self.coefs.iter().zip(coefs) {
            let Some(i) = lost(values) else { continue };
            // Most coefficients are parameters, or large because one of these is.
            for param in &self.params {
                if let Some(i) = lost(&param.values) {
                    refuse(param.name.into(), &param.values, i)?;
                }
            }
            refuse(format!("{coef} (from the parameters)"), values, i)?;
        }
        for state in &self.states {
            lost(&state.init)
                .map_or(Ok(()), |i| refuse(format!("initial {}", state.name), &state.init, i))?;
        }
        Ok(())
    }
}
