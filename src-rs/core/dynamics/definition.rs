//! The declarations of a model file: tables of states, parameters and options, presets, and the two functions that are generic
//! over [`Scalar`].

use serde_json::Value;

use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;
pub use lapicque_options::Range;

/// The default value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fallback {
    Value(f64),
    /// The value of another parameter.
    Same(&'static str),
    /// The membrane time constant in ms divided by this capacitance.
    MembraneOver(f64),
    /// Computed from other parameters by [`Neuron::computed`]; in words.
    Computed(&'static str),
    /// The parameter is not used.
    Absent,
}

#[derive(Debug, Clone)]
pub struct ParamDef {
    pub name: &'static str,
    pub unit: &'static str,
    pub fallback: Fallback,
    pub range: Range,
    pub meaning: &'static str,
    /// Its name in files that earlier versions wrote.
    pub earlier: Option<&'static str>,
    /// Its name in NIR.
    pub nir: Option<&'static str>,
    pub learnable: bool,
    /// The value at which a term of the equations vanishes: a uniform, fixed parameter with this value is folded away when the
    /// model is bound.
    pub neutral: Option<f64>,
    /// For the reset potential: the parameter that it must be below, because otherwise the neuron would fire at every step
    /// forever. A learned one may reach it.
    pub below: Option<&'static str>,
}

impl ParamDef {
    pub fn new(name: &'static str, unit: &'static str, fallback: Fallback, meaning: &'static str) -> Self {
        let (range, earlier, nir, learnable, neutral, below) = (Range::Any, None, None, false, None, None);
        ParamDef { name, unit, fallback, range, meaning, earlier, nir, learnable, neutral, below }
    }
    pub fn range(self, range: Range) -> Self {
        ParamDef { range, ..self }
    }
    pub fn earlier(self, name: &'static str) -> Self {
        ParamDef { earlier: Some(name), ..self }
    }
    pub fn nir(self, name: &'static str) -> Self {
        ParamDef { nir: Some(name), ..self }
    }
    pub fn learnable(self) -> Self {
        ParamDef { learnable: true, ..self }
    }
    pub fn neutral(self, value: f64) -> Self {
        ParamDef { neutral: Some(value), ..self }
    }
    pub fn below(self, other: &'static str) -> Self {
        ParamDef { below: Some(other), ..self }
    }
    /// The allowed numbers, in words.
    pub fn expected(&self) -> String {
        let below = self.below.map_or(String::new(), |other| format!(" below {other}"));
        format!("{}{below}", self.range.words())
    }
}

#[derive(Debug, Clone)]
pub struct StateDef {
    pub name: &'static str,
    pub unit: &'static str,
    /// The parameter that holds its initial value; `None`: 0.
    pub init: Option<&'static str>,
    pub meaning: &'static str,
    /// Whether these settings use it; `None`: any do.
    pub used: Option<fn(&Settings) -> bool>,
}

impl StateDef {
    pub fn new(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        StateDef { name, unit, init: None, meaning, used: None }
    }
    pub fn init(self, parameter: &'static str) -> Self {
        StateDef { init: Some(parameter), ..self }
    }
    pub fn only_if(self, used: fn(&Settings) -> bool) -> Self {
        StateDef { used: Some(used), ..self }
    }
    /// Those of `states` that these settings use.
    pub fn used_by(settings: &Settings, states: Vec<StateDef>) -> Vec<StateDef> {
        states.into_iter().filter(|state| state.used.is_none_or(|used| used(settings))).collect()
    }
}

#[derive(Debug, Clone)]
pub struct OptionDef {
    pub name: &'static str,
    /// The first is the default.
    pub values: &'static [&'static str],
    pub meaning: &'static str,
}

/// Options and parameters that reproduce a reference library.
#[derive(Debug, Clone)]
pub struct Preset {
    pub name: &'static str,
    pub options: Vec<(&'static str, &'static str)>,
    pub params: Vec<(&'static str, Fallback)>,
    /// Surrogate with its parameters.
    pub surrogate: Option<(&'static str, &'static [(&'static str, f64)])>,
    /// Peculiarities of the library that are reproduced.
    pub note: &'static str,
}

#[derive(Debug, Clone, Default)]
pub struct Definition {
    pub key: &'static str,
    pub title: &'static str,
    /// The continuous equation.
    pub equation: &'static str,
    /// The discrete update exactly as computed.
    pub update: &'static str,
    pub source: &'static str,
    pub states: Vec<StateDef>,
    pub params: Vec<ParamDef>,
    /// Groups of parameters; exactly one of each group is used.
    pub alternatives: Vec<&'static [&'static str]>,
    pub options: Vec<OptionDef>,
    pub ports: Vec<&'static str>,
    pub spiking: bool,
    /// Learned by default.
    pub learned: &'static [&'static str],
    pub presets: Vec<Preset>,
}

impl Definition {
    /// A neuron that spikes and has one port, `current`.
    pub fn spiking() -> Self {
        Definition { ports: vec!["current"], spiking: true, ..Definition::default() }
    }
}

/// The weights that a port accepts in a large network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sign {
    #[default]
    Any,
    /// At least 0: weights of conductances.
    Conductance,
    /// At least 0: they are subtracted from the current, so a negative weight would excite.
    Inhibition,
}

/// Ports that accept only weights of one sign.
pub type Signs = &'static [(&'static str, Sign)];

/// The default wiring of a population.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wiring {
    /// The ports to which the parts of an input are assigned, in this order; empty: all.
    pub input_ports: &'static [&'static str],
    /// The ports of the population's feedback to itself; empty: the same.
    pub feedback_ports: &'static [&'static str],
    /// The state that is fed back; `None`: what others read.
    pub feedback_state: Option<&'static str>,
}

/// The states after a step, in declared order, and the spike output.
pub struct Stepped<L> {
    pub states: Vec<L>,
    pub spike: Option<L>,
}

/// A neuron model.
pub trait Neuron {
    fn definition() -> Definition;

    fn wiring() -> Wiring {
        Wiring::default()
    }

    fn signs() -> Signs {
        &[]
    }

    /// Whether the value of a spike may differ from 1. Then an additional state, `graded`, holds the output that others read.
    fn is_graded(settings: &Settings) -> bool {
        settings.param("gradedSpikes").is_some_and(|grade| grade.values.iter().any(|&x| x != 1.0))
    }

    /// Checks beyond what tables express: refuses meaningless combinations, and replaces parameters that are alternative
    /// notations.
    fn validate(settings: &mut Settings) -> Result<()> {
        let _ = settings;
        Ok(())
    }

    /// The value of a parameter whose default is [`Fallback::Computed`], from the others.
    fn computed<L: Scalar>(settings: &Settings, params: &Named<L>, name: &str) -> L {
        let _ = (settings, params);
        panic!("the model computes no \"{name}\"")
    }

    /// The coefficients of a step, from parameters and `dt`. Called once per bind, in f64.
    fn derive<L: Scalar>(settings: &Settings, params: &Named<L>) -> Named<L>;

    /// One step of one neuron.
    fn step<L: Scalar>(settings: &Settings, coefs: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L>;
}

impl Sign {
    /// The effect of a weight at such a port.
    pub fn words(self) -> &'static str {
        match self {
            Sign::Any => "takes weights of any sign",
            Sign::Conductance => "takes weights of at least 0: they open a conductance",
            Sign::Inhibition => "takes weights of at least 0: they are subtracted from the current",
        }
    }
}

impl Fallback {
    /// Whether it is an expression of other parameters.
    pub fn is_expression(self) -> bool {
        matches!(self, Fallback::Same(_) | Fallback::MembraneOver(_) | Fallback::Computed(_))
    }

    pub fn describe(self) -> Value {
        match self {
            Fallback::Value(x) => x.into(),
            Fallback::Same(name) => format!("= {name}").into(),
            Fallback::MembraneOver(c) => format!("= tauMem / {c}").into(),
            Fallback::Computed(words) => format!("= {words}").into(),
            Fallback::Absent => Value::Null,
        }
    }
}
