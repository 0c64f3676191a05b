//! What a model file declares: tables of states, parameters and options, presets, and the two
//! functions written once over [`Scalar`].

use serde_json::Value;

use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;
pub use lapicque_options::Range;

/// The value of a parameter that the user leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fallback {
    Value(f64),
    /// The value of another parameter.
    Same(&'static str),
    /// The membrane time constant in ms divided by this capacitance.
    MembraneOver(f64),
    /// The parameter does not take part.
    Absent,
}

#[derive(Debug, Clone)]
pub struct ParamDef {
    pub name: &'static str,
    pub unit: &'static str,
    pub fallback: Fallback,
    pub range: Range,
    pub meaning: &'static str,
    /// NIR's name of it.
    pub nir: Option<&'static str>,
    pub learnable: bool,
    /// The value at which the equations lose a term: a uniform parameter fixed there is folded away
    /// when the model is bound.
    pub neutral: Option<f64>,
    /// Of the potential to which a spike sets v: the parameter it must be below, since a neuron would fire at every step for
    /// ever. A learned one may come up to it.
    pub below: Option<&'static str>,
}

impl ParamDef {
    pub fn new(name: &'static str, unit: &'static str, fallback: Fallback, meaning: &'static str) -> Self {
        let (range, nir, learnable, neutral, below) = (Range::Any, None, false, None, None);
        ParamDef { name, unit, fallback, range, meaning, nir, learnable, neutral, below }
    }
    pub fn range(self, range: Range) -> Self {
        ParamDef { range, ..self }
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
    /// Which numbers are allowed, in words.
    pub fn expected(&self) -> String {
        let below = self.below.map_or(String::new(), |other| format!(" below {other}"));
        format!("{}{below}", self.range.words())
    }
}

#[derive(Debug, Clone)]
pub struct StateDef {
    pub name: &'static str,
    pub unit: &'static str,
    /// The parameter that holds its initial value; 0 when none does.
    pub init: Option<&'static str>,
    pub meaning: &'static str,
}

#[derive(Debug, Clone)]
pub struct OptionDef {
    pub name: &'static str,
    /// The first is the default.
    pub values: &'static [&'static str],
    pub meaning: &'static str,
}

/// Options and parameters that reproduce a peer.
#[derive(Debug, Clone)]
pub struct Preset {
    pub name: &'static str,
    pub options: Vec<(&'static str, &'static str)>,
    pub params: Vec<(&'static str, Fallback)>,
    /// Surrogate with its parameters.
    pub surrogate: Option<(&'static str, &'static [(&'static str, f64)])>,
    /// What is odd about the peer and reproduced here.
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
    /// Of each group exactly one parameter takes part.
    pub alternatives: Vec<&'static [&'static str]>,
    pub options: Vec<OptionDef>,
    pub ports: Vec<&'static str>,
    pub spiking: bool,
    /// Learned when the description does not say.
    pub learned: &'static [&'static str],
    pub presets: Vec<Preset>,
}

/// Which weights a port takes in a large network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sign {
    #[default]
    Any,
    /// At least 0: they open a conductance.
    Conductance,
    /// At least 0: they are taken off the current, so one below 0 would excite.
    Inhibition,
}

/// Ports that do not take weights of any sign.
pub type Signs = &'static [(&'static str, Sign)];

/// How a population is wired where the network does not say otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wiring {
    /// The ports into which what arrives is cut, in this order; none: all.
    pub entering: &'static [&'static str],
    /// Those for what it feeds back to itself; none: the same.
    pub returning: &'static [&'static str],
    /// The state that it feeds back; none: what others read.
    pub returned: Option<&'static str>,
}

/// The states after a step, in declared order, and the spike output.
pub struct Stepped<L> {
    pub states: Vec<L>,
    pub spike: Option<L>,
}

/// A neuron model.
pub trait Neuron {
    fn definition() -> Definition;

    /// The states that take part under these settings; all declared ones unless said otherwise.
    fn states(settings: &Settings) -> Vec<StateDef> {
        let _ = settings;
        Self::definition().states
    }

    fn wiring() -> Wiring {
        Wiring::default()
    }

    fn signs() -> Signs {
        &[]
    }

    /// Whether a spike as it leaves the neuron may be worth other than 1: then a further state, `graded`,
    /// holds what leaves, and others read that.
    fn is_graded(settings: &Settings) -> bool {
        settings.param("gradedSpikes").is_some_and(|grade| grade.values.iter().any(|&x| x != 1.0))
    }

    /// What the tables cannot say: refuses combinations that mean nothing, replaces parameters that
    /// are another way to say something.
    fn settle(settings: &mut Settings) -> Result<()> {
        let _ = settings;
        Ok(())
    }

    /// The coefficients of a step, from parameters and `dt`. Once per bind, in f64.
    fn derive<L: Scalar>(settings: &Settings, params: &Named<L>) -> Named<L>;

    /// One step of one neuron.
    fn step<L: Scalar>(settings: &Settings, coefs: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L>;
}

impl Sign {
    /// What a weight does at such a port.
    pub fn words(self) -> &'static str {
        match self {
            Sign::Any => "takes weights of any sign",
            Sign::Conductance => "takes weights of at least 0: they open a conductance",
            Sign::Inhibition => "takes weights of at least 0: they are taken off the current",
        }
    }
}

impl Fallback {
    pub fn describe(self) -> Value {
        match self {
            Fallback::Value(x) => x.into(),
            Fallback::Same(name) => format!("= {name}").into(),
            Fallback::MembraneOver(c) => format!("= tauMem / {c}").into(),
            Fallback::Absent => Value::Null,
        }
    }
}
