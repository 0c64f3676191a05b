//! Where a simulation is, in an order that does not depend on threads: what it can go on from.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulationState {
    /// Steps done.
    pub step: u64,
    pub populations: Vec<PopulationState>,
    /// Spikes that are still on their way to some synapse, as `(step, source)`.
    pub in_flight: Vec<(u64, u32)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PopulationState {
    pub name: String,
    /// Each state of the model by name, one value a neuron.
    pub states: Vec<(String, Vec<f64>)>,
}
