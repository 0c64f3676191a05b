//! Operations that mix time steps: synapses with delays, filters, and operations on whole sequences.

use crate::time_reduction::TimeReduction;
use lapicque_base::error::{Error, Result};

/// Upper limit of the length of sequences and kernels, so that step buffers stay bounded.
const MAX_STEPS: usize = 1 << 16;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Temporal {
    /// A dense projection, each synapse with a delay of up to `reach` steps of `dt` ms. In training, a `learned` delay may be
    /// between two steps and is then interpolated.
    Delays { reach: usize, dt: f64, learned: bool },
    /// `y[t] = Σ kernel[lag] x[t - lag]` for each element over `lags` lags, with one kernel or a kernel for `each` channel.
    Filter { lags: usize, each: bool },
    /// `y[t] = Σ weight[t, s] x[s]` for each element over a sequence of exactly `steps`. With `order`, only the steps `t -
    /// order + 1` to `t` count fully; the other steps count by a factor that changes in training, if `lambda` is its initial
    /// value.
    Mixture { steps: usize, order: Option<usize>, lambda: Option<f64> },
    /// The reduction of the steps so far, for each element.
    Reduction(TimeReduction),
}

impl Temporal {
    /// Number of rows that are carried from one step to the next: the following rows to which a value may contribute, for a
    /// mixture with an order also the number of steps so far; or the reduction so far and its number of steps.
    pub fn reach(self) -> usize {
        match self {
            Temporal::Reduction(_) => 2,
            Temporal::Delays { reach, .. } => reach,
            Temporal::Filter { lags, .. } => lags - 1,
            Temporal::Mixture { order, .. } => order.unwrap_or(0),
        }
    }

    /// Whether an input is added to rows of this step and of later ones.
    pub fn spreads(self) -> bool {
        !matches!(self, Temporal::Reduction(_))
    }

    /// The only sequence length that it accepts.
    pub fn whole(self) -> Option<usize> {
        match self {
            Temporal::Mixture { steps, .. } => Some(steps),
            _ => None,
        }
    }

    /// # Errors
    /// `invalid-parameter` for a delay or a length out of range.
    pub fn delays(name: &str, max: f64, dt: f64, learned: bool) -> Result<Temporal> {
        let reach = (max / dt).round();
        if !(max.is_finite() && (0.0..MAX_STEPS as f64).contains(&reach)) {
            let expected = format!("from 0 to below {MAX_STEPS} steps of {dt} ms");
            return Err(Error::invalid(format!("{name}.delay.max"), max, expected));
        }
        Ok(Temporal::Delays { reach: reach as usize, dt, learned })
    }

    /// # Errors
    /// `invalid-parameter` for a length out of range.
    pub fn filter(name: &str, lags: usize, each: bool) -> Result<Temporal> {
        check_length(&format!("{name}.length"), lags)?;
        Ok(Temporal::Filter { lags, each })
    }

    /// # Errors
    /// `invalid-parameter` for a length, an order or a lambda out of range, or a lambda without an order.
    pub fn mixture(name: &str, steps: usize, order: Option<usize>, lambda: Option<f64>) -> Result<Temporal> {
        check_length(&format!("{name}.steps"), steps)?;
        if let Some(order) = order.filter(|order| !(1..=steps).contains(order)) {
            return Err(Error::invalid(format!("{name}.order"), order, format!("from 1 to {steps} steps")));
        }
        if let Some(lambda) = lambda.filter(|lambda| order.is_none() || !(0.0..=1.0).contains(lambda)) {
            let expected = "from 0 to 1, together with an order";
            return Err(Error::invalid(format!("{name}.lambda"), lambda, expected));
        }
        Ok(Temporal::Mixture { steps, order, lambda })
    }
}

/// # Errors
/// `invalid-parameter` for a length out of range.
pub fn check_length(name: &str, length: usize) -> Result<()> {
    match (1..=MAX_STEPS).contains(&length) {
        true => Ok(()),
        false => Err(Error::invalid(name, length, format!("from 1 to {MAX_STEPS} steps"))),
    }
}
