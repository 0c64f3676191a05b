//! Delays of synapses.

use crate::init::Initializer;
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
