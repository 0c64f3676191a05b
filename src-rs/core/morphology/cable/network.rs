//! Spikes and connections between cells.

use serde::Deserialize;

/// Detects that the voltage of a node reaches a threshold from below.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Detector {
    pub cell: usize,
    pub node: usize,
    /// mV.
    pub threshold: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spike {
    pub detector: usize,
    /// ms, interpolated linearly within the step.
    pub time: f64,
}

/// From a detector to a synapse, by their indices.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connection {
    pub detector: usize,
    pub synapse: usize,
    /// µS.
    pub weight: f64,
    /// ms, at least one step.
    pub delay: f64,
}
