//! A loss of given outputs, without a network.

use super::LossPlan;
use lapicque_base::error::Result;
use lapicque_base::real::Real;
use lapicque_base::{AnyReals, Precision};

/// A loss with its gradients, in the precision of the outputs.
pub struct LossOfOutputs {
    pub loss: f64,
    /// `[batch, LossPlan::elements]`.
    pub per_sample: Vec<f64>,
    pub grad_spikes: Option<AnyReals>,
    pub grad_v: Option<AnyReals>,
}

impl LossPlan<'_> {
    /// The loss of the whole batch for the outputs `spikes` and `v`, `[steps, batch, neurons]`. It is computed in double precision if one of them is.
    ///
    /// # Errors
    /// Those of [`LossPlan::evaluate`].
    pub fn of_outputs(&self, spikes: Option<&AnyReals>, v: Option<&AnyReals>) -> Result<LossOfOutputs> {
        match [spikes, v].into_iter().flatten().any(|output| output.precision() == Precision::F64) {
            false => self.of_outputs_in::<f32>(spikes, v),
            true => self.of_outputs_in::<f64>(spikes, v),
        }
    }

    fn of_outputs_in<F: Real>(&self, spikes: Option<&AnyReals>, v: Option<&AnyReals>) -> Result<LossOfOutputs>
    where
        AnyReals: From<Vec<F>>,
    {
        let spikes = spikes.map(|s| s.of::<F>("outputs.spikes")).transpose()?;
        let v = v.map(|s| s.of::<F>("outputs.v")).transpose()?;
        let mut per_sample = vec![0.0; self.bound.batch * self.elements()];
        let mut grad_spikes = spikes.as_ref().map(|s| vec![F::ZERO; s.len()]);
        let mut grad_v = v.as_ref().map(|s| vec![F::ZERO; s.len()]);
        self.evaluate(
            0,
            self.bound.batch,
            spikes.as_deref(),
            v.as_deref(),
            grad_spikes.as_deref_mut(),
            grad_v.as_deref_mut(),
            &mut per_sample,
        )?;
        Ok(LossOfOutputs {
            loss: self.reduce(&per_sample),
            per_sample,
            grad_spikes: grad_spikes.map(AnyReals::from),
            grad_v: grad_v.map(AnyReals::from),
        })
    }
}
