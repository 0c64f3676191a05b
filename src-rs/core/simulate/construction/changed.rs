//! Values that were set since a network was built, and the values before.

use crate::random::distribution::Sampler;
use crate::spec::description::InputSpec;
use lapicque_dynamics::settings::Lists;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Values that were set since the network was built, and the values before.
#[derive(Default)]
pub struct Changed {
    pub params: BTreeMap<usize, ChangedParams>,
    pub inputs: BTreeMap<usize, InputSpec>,
    pub weights: BTreeMap<usize, ChangedWeights>,
    /// By population and state: neurons whose state was set before the first step.
    pub states: BTreeMap<(usize, usize), Vec<bool>>,
}

pub struct ChangedParams {
    pub before: (Value, Lists),
    pub names: BTreeSet<String>,
}

pub struct ChangedWeights {
    pub before: Sampler,
    pub values: Vec<f64>,
}
