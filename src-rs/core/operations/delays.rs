//! Delays of synapses.

use crate::init::Initializer;
use crate::temporal::{MAX_STEPS, Temporal};
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The delays of a dense projection in ms, one per synapse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delays {
    /// Delays are clamped to the range from 0 to this value.
    pub max: f64,
    pub initial: Initializer,
    /// Learned delays are interpolated between steps in training.
    pub trainable: bool,
}

impl Delays {
    /// # Errors
    /// `invalid-parameter` for a maximum out of range.
    pub fn temporal(&self, layer: &str, dt: f64) -> Result<Temporal> {
        let reach = (self.max / dt).round();
        if !(self.max.is_finite() && (0.0..MAX_STEPS as f64).contains(&reach)) {
            let expected = format!("from 0 to below {MAX_STEPS} steps of {dt} ms");
            return Err(Error::invalid(format!("{layer}.delay.max"), self.max, expected));
        }
        Ok(Temporal::Delays { reach: reach as usize, dt, learned: self.trainable })
    }
}
