//! The serialized description of a network: nodes, edges, dt, precision. It is the file format, so every field is written out
//! and unknown fields are refused.

use crate::registered_node::RegisteredNode;
use lapicque_base::Precision;
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The newest schema version that this engine reads.
pub const SCHEMA: u32 = 1;

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
    /// Connections by node names; the name `input` is the network's input.
    pub edges: Vec<Edge>,
    /// Name of the dynamics node whose spikes and membrane are the network's output.
    pub output: String,
    /// For a language model: what its inputs and outputs stand for, in the order of their indices. The engine only stores it,
    /// for readers of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<Vec<String>>,
    /// The traced function that gives the scores of the classes, with its parameters. The engine checks it and declares its
    /// parameters when the model is compiled; a step evaluates the one that its options state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readout: Option<Value>,
    /// For each layer with shared weights: the name of the layer that owns them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shared_weights: BTreeMap<String, String>,
}

/// In a file `[from, to]`, or `[from, to, how]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "EdgeForm", into = "EdgeForm")]
pub struct Edge {
    pub from: String,
    pub to: String,
    pub how: How,
}

/// Which value of the source is read, which port receives it, and when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct How {
    /// The port of the population, or several, one for each part of the values; omitted: the default ports of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Ports>,
    /// The state of the source that is read instead of its spikes (or, if it does not spike, instead of its first state).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether the values of the previous step are read; every cycle needs such an edge. Feedback of a population to itself is
    /// always delayed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub delayed: bool,
}

/// In a file a name, or a list of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "PortsForm", into = "PortsForm")]
pub struct Ports(Vec<String>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum PortsForm {
    One(String),
    Several(Vec<String>),
}

impl From<PortsForm> for Ports {
    fn from(form: PortsForm) -> Self {
        match form {
            PortsForm::One(name) => Ports(vec![name]),
            PortsForm::Several(names) => Ports(names),
        }
    }
}

impl From<Ports> for PortsForm {
    fn from(Ports(mut names): Ports) -> Self {
        match names.pop() {
            Some(name) if names.is_empty() => PortsForm::One(name),
            last => PortsForm::Several(names.into_iter().chain(last).collect()),
        }
    }
}

impl How {
    /// Port names; empty: the default ports of the model.
    pub fn ports(&self) -> &[String] {
        self.port.as_ref().map_or(&[], |Ports(names)| names)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum EdgeForm {
    Plain(String, String),
    Told(String, String, How),
}

impl From<EdgeForm> for Edge {
    fn from(form: EdgeForm) -> Self {
        match form {
            EdgeForm::Plain(from, to) => Edge { from, to, how: How::default() },
            EdgeForm::Told(from, to, how) => Edge { from, to, how },
        }
    }
}

impl From<Edge> for EdgeForm {
    fn from(Edge { from, to, how }: Edge) -> Self {
        if how == How::default() { EdgeForm::Plain(from, to) } else { EdgeForm::Told(from, to, how) }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Number of input channels.
    pub size: usize,
    /// `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]` if the input is an image or a
    /// volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<usize>>,
}

/// Serde derives inherent functions here; the traits are in `registered_node`, which knows all kinds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    remote = "Self",
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum NodeSpec {
    /// A layer without a state: see `operations`.
    #[serde(skip)]
    Registered(RegisteredNode),
    /// A population of neurons; the registry of models parses `dynamics`.
    Dynamics { name: String, neurons: usize, dynamics: Value },
}

impl NodeSpec {
    pub fn name(&self) -> &str {
        match self {
            NodeSpec::Registered(RegisteredNode { name, .. }) | NodeSpec::Dynamics { name, .. } => name,
        }
    }
}

impl Description {
    /// Reads a description; a schema newer than this engine is refused by name. No field may be `null`: a default would
    /// silently replace it.
    pub fn from_json(text: &str) -> Result<Self> {
        let mut value: Value = serde_json::from_str(text).map_err(|e| malformed(&e))?;
        if let Some(schema) = value.get("schema").and_then(Value::as_u64)
            && schema > u64::from(SCHEMA)
        {
            return Err(Error::Unsupported {
                feature: format!("schema {schema} (this version reads up to {SCHEMA}; update lapicque)"),
                format: "model description".into(),
            });
        }
        // Sizes of axes of a traced function may be open, which `null` states there.
        if let Some(readout) = value.get_mut("readout").filter(|readout| readout.is_object()) {
            *readout = Value::Bool(true);
        }
        if let Some(path) = path_of_null(&value) {
            let expected = "a value or no such field (JSON writes NaN and infinities as null)";
            let reason = format!("null at network{path}, expected {expected}");
            return Err(Error::MalformedFile { format: "model description".into(), offset: 0, reason });
        }
        // Parsed from the text, so that errors state line and column.
        serde_json::from_str(text).map_err(|e| malformed(&e))
    }
}

/// The path of the first `null`, such as `.nodes[1].dynamics.params.beta`.
fn path_of_null(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Array(items) => {
            let at = |(i, item)| path_of_null(item).map(|path| format!("[{i}]{path}"));
            items.iter().enumerate().find_map(at)
        }
        Value::Object(fields) => {
            fields.iter().find_map(|(name, field)| path_of_null(field).map(|path| format!(".{name}{path}")))
        }
        _ => None,
    }
}

fn malformed(e: &serde_json::Error) -> Error {
    Error::MalformedFile {
        format: "model description".into(),
        offset: e.column().saturating_sub(1) as u64,
        reason: e.to_string(),
    }
}
