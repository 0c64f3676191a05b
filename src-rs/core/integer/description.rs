//! The description of an integer network: what its file holds beside the tensors.

use crate::pool::Pooling;
use crate::rules::Rules;
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    /// The target's name, for people.
    #[serde(rename = "target")]
    pub _target: String,
    pub input: Input,
    pub layers: Vec<Layer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    pub size: usize,
    /// `[channels, height, width]` of an image.
    pub shape: Option<[usize; 3]>,
    /// The largest count of a channel in a step; more is clipped to it.
    pub max_count: u32,
    /// Whether counts below 0 are allowed, which are clipped at -maxCount.
    pub signed: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layer {
    pub name: String,
    pub neurons: usize,
    /// `[channels, height, width]` of neurons of an image.
    pub shape: Option<[usize; 3]>,
    pub rules: Rules,
    /// `[a, b]`: the spikes of a count for b in the same step.
    #[serde(default)]
    pub aliases: Vec<[u32; 2]>,
    pub connections: Vec<Connection>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connection {
    /// Of its weights, for people.
    #[serde(rename = "name")]
    pub _name: String,
    /// `input`, or a layer.
    pub from: String,
    /// Steps from the source's spike to its effect: 0 or 1.
    pub delay: u32,
    /// The number of the synaptic current that receives.
    pub current: u32,
    /// A weight counts as weight << shift.
    pub shift: u32,
    /// The largest count of a source neuron in a step; more is clipped to it.
    pub max_count: u32,
    pub projection: Projection,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Projection {
    /// Weights `[out, in]`. `pool`: the source is an image, and each square of `pool` x `pool` pixels becomes one source by `pooling`.
    Dense {
        pool: Option<usize>,
        #[serde(default)]
        pooling: Pooling,
    },
    /// Weights `[out, in, height, width]`, after a pool if one is given.
    Conv {
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        pool: Option<usize>,
        #[serde(default)]
        pooling: Pooling,
    },
}
