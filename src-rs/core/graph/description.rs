//! The serialised description of a network: nodes, edges, dt, precision. It is the file format,
//! so every field is spelled out and unknown ones are refused.

use crate::error::{Error, Result};
use crate::train::init::Initialiser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The newest description this engine reads.
pub const SCHEMA: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    F32,
    F64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    pub schema: u32,
    /// Length of one time step, ms.
    pub dt: f64,
    pub precision: Precision,
    /// Seed of the initial weights.
    pub seed: u64,
    pub input: InputSpec,
    pub nodes: Vec<NodeSpec>,
    /// Pairs `[from, to]` of node names; the name `input` is the network's input.
    pub edges: Vec<(String, String)>,
    /// Name of the dynamics node whose spikes and membrane are the network's output.
    pub output: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Number of input channels.
    pub size: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum NodeSpec {
    /// `y = x Wᵀ + b`, weights `[out, in]`.
    Dense {
        name: String,
        r#in: usize,
        out: usize,
        bias: bool,
        #[serde(default = "usual")]
        initial: Initialiser,
        #[serde(default = "usual")]
        initial_bias: Initialiser,
        #[serde(default = "yes")]
        trainable: bool,
    },
    /// `y = V ∘ x`, one weight a neuron, `[neurons]`.
    OneToOne {
        name: String,
        neurons: usize,
        #[serde(default = "ones")]
        initial: Initialiser,
        #[serde(default = "yes")]
        trainable: bool,
    },
    /// A population of neurons; `dynamics` is read by the registry of models.
    Dynamics { name: String, neurons: usize, dynamics: Value },
}

/// Torch's `Linear`: uniform within ±1/√fan-in, for weights and bias.
fn usual() -> Initialiser {
    Initialiser::FanInUniform { gain: 1.0 }
}

fn ones() -> Initialiser {
    Initialiser::Constant { value: 1.0 }
}

fn yes() -> bool {
    true
}

impl NodeSpec {
    pub fn name(&self) -> &str {
        match self {
            NodeSpec::Dense { name, .. }
            | NodeSpec::OneToOne { name, .. }
            | NodeSpec::Dynamics { name, .. } => name,
        }
    }
}

impl Description {
    /// Reads a description; a schema newer than this engine is refused by name.
    pub fn from_json(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text).map_err(|e| malformed(&e))?;
        if let Some(schema) = value.get("schema").and_then(Value::as_u64)
            && schema > u64::from(SCHEMA)
        {
            return Err(Error::Unsupported {
                feature: format!("schema {schema} (this version reads up to {SCHEMA}; update lapicque)"),
                format: "model description".into(),
            });
        }
        serde_json::from_value(value).map_err(|e| malformed(&e))
    }
}

fn malformed(e: &serde_json::Error) -> Error {
    Error::MalformedFile {
        format: "model description".into(),
        offset: e.column().saturating_sub(1) as u64,
        reason: e.to_string(),
    }
}
