//! The state of a simulation, in an order that does not depend on threads; a simulation can continue from it.

use super::changes::Changes;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulationState {
    /// Steps done.
    pub step: u64,
    /// The seed of the simulation; states of older versions have none.
    #[serde(default)]
    pub seed: Option<u64>,
    pub populations: Vec<PopulationState>,
    /// Spikes that have not reached all their synapses yet, as `(step, source)`.
    pub in_flight: Vec<(u64, u32)>,
    /// The state of each plastic connection.
    #[serde(default)]
    pub plastic: Vec<PlasticState>,
    /// The state of each population with intrinsic plasticity.
    #[serde(default)]
    pub intrinsic: Vec<IntrinsicState>,
    /// Values that were set between runs. `None` in states of older versions: restoring these keeps the current set values.
    #[serde(default)]
    pub changes: Option<Changes>,
}

/// By neuron: the parameter, the firing rate after the last spike, and the step of that spike.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntrinsicState {
    pub population: String,
    pub values: Vec<f64>,
    pub rates: Vec<f64>,
    pub since: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlasticState {
    /// The index of the connection in the description.
    pub connection: usize,
    /// Each variable of the rule by name, one value per synapse, ordered by target, source and delay. The weight is a
    /// magnitude if weights are negative.
    pub variables: Vec<(String, Vec<f64>)>,
    /// By source and delay.
    pub sources: Vec<SourceState>,
    /// By target.
    pub targets: Vec<TargetState>,
    /// Steps of modulator spikes that some synapse may not have applied yet.
    #[serde(default)]
    pub doses: Vec<u64>,
    /// For a rule that reads states of its targets: the values that it has read, `[row][target]`, and each target's events.
    #[serde(default)]
    pub watched: Vec<Vec<f64>>,
    #[serde(default)]
    pub events: Vec<TargetState>,
    /// For a connection with structural plasticity.
    #[serde(default)]
    pub structure: Option<StructureState>,
}

/// The existing synapses, by target and source, and elements and calcium of both sides by neuron. Neurons are counted within
/// the connection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StructureState {
    pub sources: Vec<u32>,
    pub targets: Vec<u32>,
    pub axonal_calcium: Vec<f64>,
    pub axonal: Vec<f64>,
    pub dendritic_calcium: Vec<f64>,
    pub dendritic: Vec<f64>,
}

/// The state that all synapses of a source with the same delay share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceState {
    pub source: u32,
    pub delay: u32,
    /// The step of its last spike that has arrived.
    pub last: Option<u64>,
    pub done: u64,
    pub traces: Vec<f64>,
}

/// The spikes of a target that synapses may still read, and the traces at these spikes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetState {
    pub steps: Vec<u64>,
    /// `[spike][trace]`
    pub found: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PopulationState {
    pub name: String,
    /// Each state of the model by name, one value per neuron.
    pub states: Vec<(String, Vec<f64>)>,
}
