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
    /// Of each connection whose synapses change.
    #[serde(default)]
    pub plastic: Vec<PlasticState>,
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

/// A target's spikes that synapses may still ask for, and what they found of its traces.
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
