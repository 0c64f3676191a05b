//! The state of a simulation, in an order that does not depend on threads; a simulation can continue from it.

use super::changes::Changes;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SimulationState {
    /// Steps done.
    pub step: u64,
    /// Of the simulation; states of before it was said have none.
    #[serde(default)]
    pub seed: Option<u64>,
    pub populations: Vec<PopulationState>,
    /// Spikes that are still on their way to some synapse, as `(step, source)`.
    pub in_flight: Vec<(u64, u32)>,
    /// Of each connection whose synapses change.
    #[serde(default)]
    pub plastic: Vec<PlasticState>,
    /// For each population with a changing parameter.
    #[serde(default)]
    pub intrinsic: Vec<IntrinsicState>,
    /// Values that were set between runs; `None` in states of older versions, with which the set values are kept.
    #[serde(default)]
    pub changes: Option<Changes>,
}

/// By neuron: the parameter, the rate after the last spike, and the step of that.
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
    /// Which one, as the description numbers them.
    pub connection: usize,
    /// Each variable of the rule by name, one value a synapse: by target, source, delay. The weight is a
    /// magnitude where weights are negative.
    pub variables: Vec<(String, Vec<f64>)>,
    /// By source and delay.
    pub sources: Vec<SourceState>,
    /// By target.
    pub targets: Vec<TargetState>,
    /// Steps of the modulator's spikes that some synapse may not have seen.
    #[serde(default)]
    pub doses: Vec<u64>,
    /// For a rule that reads its targets' states: `[row][target]` of the values that it read, and each target's events.
    #[serde(default)]
    pub watched: Vec<Vec<f64>>,
    #[serde(default)]
    pub events: Vec<TargetState>,
    /// Of a connection whose synapses come and go.
    #[serde(default)]
    pub structure: Option<StructureState>,
}

/// The synapses there are, by target and source, and elements and calcium of both sides by neuron; neurons as
/// the connection counts them.
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

/// What the synapses of a source with one delay share.
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

/// A target's spikes that synapses may still read, and the traces at these spikes.
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
    /// Each state of the model by name, one value a neuron.
    pub states: Vec<(String, Vec<f64>)>,
}
