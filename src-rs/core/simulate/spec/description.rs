//! A large network as data. Units: ms, mV, pA, nS, Hz, in steps of `dt` ms.

use super::layout::LayoutSpec;
use crate::random::distribution::{Distribution, Sampled};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::settings::Lists;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Description {
    /// Time step in ms.
    pub dt: f64,
    pub populations: Vec<PopulationSpec>,
    #[serde(default)]
    pub sources: Vec<SourceSpec>,
    #[serde(default)]
    pub connections: Vec<ConnectionSpec>,
    #[serde(default)]
    pub inputs: Vec<InputSpec>,
    #[serde(default)]
    pub gaps: Vec<GapSpec>,
    #[serde(default)]
    pub record: RecordSpec,
    /// Size in bytes of the text from which it was parsed; the caller still keeps that text in memory.
    #[serde(skip)]
    pub text: u64,
    /// The names of sampled parameters and inputs, whose values the seed determines.
    #[serde(skip)]
    pub sampled: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PopulationSpec {
    pub name: String,
    pub size: usize,
    /// The neuron, as a layer has it: `{ model, params, options, like }`.
    pub neuron: Value,
    /// Initial states by name; states that are omitted start at the model's values.
    #[serde(default)]
    pub initial: Map<String, Value>,
    /// Positions of the neurons.
    #[serde(default)]
    pub layout: Option<LayoutSpec>,
    /// Intrinsic plasticity; omitted: none.
    #[serde(default)]
    pub intrinsic: Option<IntrinsicSpec>,
    /// Long lists of `neuron.params` and `initial`, which contain empty lists instead.
    #[serde(skip)]
    pub params: Lists,
    #[serde(skip)]
    pub initial_lists: Lists,
}

/// Intrinsic plasticity: every `interval` ms a neuron's `parameter` changes by `gain (rate - rate_target) interval / 1000`.
/// `gain` has the unit of the parameter per second and Hz. Rates are filtered exponentially.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IntrinsicSpec {
    pub parameter: String,
    /// In Hz.
    pub rate_target: f64,
    pub gain: f64,
    /// In ms.
    #[serde(default = "tau_rate")]
    pub tau_rate: f64,
    /// In ms.
    #[serde(default = "interval")]
    pub interval: f64,
    /// Bounds of the parameter.
    #[serde(default)]
    pub min: Option<f64>,
    #[serde(default)]
    pub max: Option<f64>,
}

fn tau_rate() -> f64 {
    1000.0
}

fn interval() -> f64 {
    100.0
}

/// Consecutive neurons: all of a population or source, or a slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a name, or { of, from, to }")]
pub enum Neurons {
    All(String),
    /// From `from` (inclusive) to `to` (exclusive).
    Slice {
        of: String,
        from: usize,
        to: usize,
    },
}

impl Neurons {
    /// The population or source.
    pub fn of(&self) -> &str {
        match self {
            Neurons::All(of) | Neurons::Slice { of, .. } => of,
        }
    }

    /// The range among `size` neurons.
    ///
    /// # Errors
    /// `invalid-parameter` with `name` if the slice is empty or exceeds the population.
    pub fn range(&self, name: &str, size: usize) -> Result<Range<usize>> {
        match *self {
            Neurons::All(_) => Ok(0..size),
            Neurons::Slice { from, to, .. } if from < to && to <= size => Ok(from..to),
            Neurons::Slice { from, to, .. } => {
                let expected = format!("some of the {size} neurons of {}", self.of());
                Err(Error::invalid(name, format!("{from} to {to}"), expected))
            }
        }
    }
}

impl std::fmt::Display for Neurons {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Neurons::All(of) => write!(f, "{of}"),
            Neurons::Slice { of, from, to } => write!(f, "{of}[{from}..{to}]"),
        }
    }
}

/// Spikes at given times, one list of ascending times in ms for each source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceSpec {
    pub name: String,
    pub trains: Vec<Vec<f64>>,
    #[serde(default)]
    pub layout: Option<LayoutSpec>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionSpec {
    /// The neurons of a population or a source.
    pub from: Neurons,
    pub to: Neurons,
    /// A port of the neurons. Omitted: the only port, or `synaptic`. If the ports are `excitatory` and `inhibitory`, the sign
    /// of each weight selects one of them, and the weight becomes a magnitude.
    #[serde(default)]
    pub port: Option<String>,
    pub rule: Rule,
    /// Whether a neuron may connect to itself.
    #[serde(default = "enabled")]
    pub autapses: bool,
    /// Whether a pair of neurons may have several synapses.
    #[serde(default = "enabled")]
    pub multapses: bool,
    pub weight: Distribution,
    /// In ms. Sampled delays are rounded to steps; others must be integer multiples of `dt`.
    pub delay: Distribution,
    /// The largest dendritic delay in ms, for plastic synapses; the rest of a delay is axonal. Omitted: the whole delay is
    /// dendritic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dendritic_delay: Option<f64>,
    /// The synapse model: `{ model, params, options, like }`. Omitted: synapses are static.
    #[serde(default)]
    pub synapse: Option<Value>,
    /// Structural plasticity; omitted: none.
    #[serde(default)]
    pub structural: Option<StructuralSpec>,
    /// The population or source whose spikes (for example of dopamine neurons) modulate the rule, immediately and in all
    /// synapses of the connection.
    #[serde(default)]
    pub modulator: Option<String>,
}

impl ConnectionSpec {
    /// The name that errors use, with the index of the connection.
    pub(crate) fn name(&self, number: usize) -> String {
        format!("connections[{number}] ({} to {})", self.from, self.to)
    }
}

/// Structural plasticity: neurons grow synaptic elements depending on their calcium. Every `interval` ms free elements are
/// paired, and a neuron with fewer elements than synapses loses some.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StructuralSpec {
    pub axonal: GrowthSpec,
    pub dendritic: GrowthSpec,
    /// In ms.
    pub interval: f64,
    /// In ms.
    #[serde(default = "tau_calcium")]
    pub tau_calcium: f64,
    /// Increment per spike.
    #[serde(default = "beta_calcium")]
    pub beta_calcium: f64,
    /// The share of free elements that is lost at each update.
    #[serde(default = "vacant_decay")]
    pub vacant_decay: f64,
    /// Maximum number of elements of a neuron.
    #[serde(default = "most_elements")]
    pub most: u32,
}

/// Elements per ms by calcium: `rate (1 - calcium / epsilon)`, or `rate (2 exp(-((calcium - xi) / zeta)^2) - 1)`, which is 0 at
/// `eta` and `epsilon`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "curve", rename_all = "kebab-case", deny_unknown_fields, expecting = "an object with a curve")]
pub enum GrowthSpec {
    Linear { rate: f64, epsilon: f64 },
    Gaussian { rate: f64, eta: f64, epsilon: f64 },
}

fn tau_calcium() -> f64 {
    10_000.0
}

fn beta_calcium() -> f64 {
    0.001
}

fn vacant_decay() -> f64 {
    0.1
}

fn most_elements() -> u32 {
    1000
}

fn enabled() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields, expecting = "a rule with its kind")]
pub enum Rule {
    AllToAll,
    OneToOne,
    /// `count` sources for each target.
    FixedInDegree {
        count: usize,
    },
    /// `count` targets for each source.
    FixedOutDegree {
        count: usize,
    },
    /// `count` synapses; the source and the target of each are sampled.
    FixedTotal {
        count: u64,
    },
    /// Each pair with probability `p`.
    Bernoulli {
        p: Probability,
    },
    /// Each pair has a Poisson number of synapses.
    Poisson {
        mean: f64,
    },
    /// Synapse `i` from `sources[i]` to `targets[i]`.
    List {
        sources: Vec<u32>,
        targets: Vec<u32>,
    },
}

/// Gap junctions: each lets a current `conductance (v_from - v_to)` into its target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GapSpec {
    pub from: Neurons,
    pub to: Neurons,
    pub rule: Rule,
    /// Whether a neuron may have a graded synapse with itself; it has no gap junction.
    #[serde(default = "enabled")]
    pub autapses: bool,
    #[serde(default = "enabled")]
    pub multapses: bool,
    /// At least 0. Its unit times the unit of v is the unit of the port. For graded synapses: the weight.
    pub conductance: Distribution,
    /// A port of the neurons on both sides; omitted: the only one, or `current`.
    #[serde(default)]
    pub port: Option<String>,
    /// Whether the opposite current flows into the source.
    #[serde(default = "enabled")]
    pub symmetric: bool,
    /// For graded synapses: the state of the source, which is multiplied by the weight.
    #[serde(default)]
    pub state: Option<String>,
}

/// One probability for all pairs, or a function of their distance `d`, clamped to 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, or an expression of the distance")]
pub enum Probability {
    Constant(f64),
    Expression(String),
}

/// A constant, one value per neuron, or values that apply from given times on and are 0 before the first time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number, one a neuron, a distribution, or { times, values }")]
pub enum OverTime {
    Constant(f64),
    /// One value per neuron.
    Values(Vec<f64>),
    /// A value is sampled for each neuron.
    Sampled(Sampled),
    Steps {
        /// In ms, ascending.
        times: Vec<f64>,
        /// One value per time, or per time and neuron: `[times][neurons]`.
        values: Vec<f64>,
    },
}

/// Values of a current: given, or sampled for each neuron.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "numbers, or a distribution")]
pub enum Amplitudes {
    Values(Vec<f64>),
    Sampled(Sampled),
}

/// An input of a population other than spikes of neurons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields, expecting = "an input with its kind")]
pub enum InputSpec {
    /// An independent Poisson train of `rate` Hz for each neuron, through synapses of `weight`.
    Poisson {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        to: Neurons,
        #[serde(default)]
        port: Option<String>,
        rate: OverTime,
        weight: f64,
    },
    /// A normal number for each neuron and step.
    Normal {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        to: Neurons,
        #[serde(default)]
        port: Option<String>,
        mean: f64,
        sd: f64,
    },
    /// `values[i]` in the steps that begin at `times[i]` ms or later, 0 before `times[0]`. Either one value per time, or one
    /// per time and neuron, `[times][neurons]`.
    Current {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        to: Neurons,
        #[serde(default)]
        port: Option<String>,
        times: Vec<f64>,
        values: Amplitudes,
    },
}

impl InputSpec {
    pub fn to(&self) -> &Neurons {
        match self {
            InputSpec::Poisson { to, .. } | InputSpec::Normal { to, .. } | InputSpec::Current { to, .. } => {
                to
            }
        }
    }

    pub fn port(&self) -> Option<&str> {
        match self {
            InputSpec::Poisson { port, .. }
            | InputSpec::Normal { port, .. }
            | InputSpec::Current { port, .. } => port.as_deref(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordSpec {
    /// Neurons whose spikes are recorded; omitted: all.
    #[serde(default)]
    pub spikes: Option<Vec<Neurons>>,
    #[serde(default)]
    pub traces: Vec<TraceSpec>,
    #[serde(default)]
    pub weights: Vec<WeightsSpec>,
    #[serde(default)]
    pub means: Vec<MeanSpec>,
    #[serde(default)]
    pub fields: Vec<FieldSpec>,
}

/// The mean of an expression of states and parameters over some neurons, recorded every `every` ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeanSpec {
    pub of: Neurons,
    pub value: String,
    /// In ms; omitted: every step.
    #[serde(default)]
    pub every: Option<f64>,
}

/// A proxy of the local field potential: the mean of `|excitatory|` over some neurons, `excitatory_delay` ms before, plus
/// `alpha` times the mean of `|inhibitory|`, `inhibitory_delay` ms before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldSpec {
    pub of: Neurons,
    /// Synaptic currents as expressions of states and parameters; omitted: the synaptic currents of the model.
    #[serde(default)]
    pub excitatory: Option<String>,
    #[serde(default)]
    pub inhibitory: Option<String>,
    #[serde(default = "field_alpha")]
    pub alpha: f64,
    /// In ms.
    #[serde(default = "field_delay")]
    pub excitatory_delay: f64,
    #[serde(default)]
    pub inhibitory_delay: f64,
    /// In ms; omitted: every step.
    #[serde(default)]
    pub every: Option<f64>,
}

fn field_alpha() -> f64 {
    1.65
}

fn field_delay() -> f64 {
    6.0
}

/// The weights of a connection with a synapse model, recorded every `every` ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WeightsSpec {
    /// The index of the connection in `connections`.
    pub connection: usize,
    /// In ms.
    pub every: f64,
}

/// A state of some neurons, recorded every `every` ms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TraceSpec {
    pub population: String,
    pub state: String,
    /// In ms; omitted: every step.
    #[serde(default)]
    pub every: Option<f64>,
    /// Omitted: all neurons.
    #[serde(default)]
    pub neurons: Option<Vec<u32>>,
}

impl Description {
    /// Errors: `malformed-file` if the text is not a description.
    pub fn from_json(text: &str) -> Result<Description> {
        let read: serde_json::Result<Description> = serde_json::from_str(text);
        let read = read.map_err(|e| Error::MalformedFile {
            format: "network description".into(),
            offset: e.column().saturating_sub(1) as u64,
            reason: e.to_string(),
        })?;
        Ok(Description { text: text.len() as u64, ..read })
    }
}
