//! A user-defined neuron as described: texts, names and units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::intern::interned;
use crate::definition::{Definition, Fallback, OptionDef, ParamDef, Sign};
use crate::settings::short;
use lapicque_base::error::{Error, Result};
use lapicque_expr::parse::is_built_in;

/// The `equations` of a description.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Equations {
    /// The default name of layers of this neuron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub states: Vec<State>,
    #[serde(default)]
    pub input: Inputs,
    /// Inputs called `inhibitory` that nevertheless accept weights of both signs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<String>,
    /// Units by name, of states, parameters and the input.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions: Option<String>,
    pub update: String,
    /// The effect of the input on the states, applied after the update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spike: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refractory: Option<Refractory>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub name: String,
    /// A value, or the parameter that holds it.
    pub init: NumberOrParam,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refractory {
    /// ms, or the parameter that holds them.
    pub period: NumberOrParam,
    /// The states that do not change during the refractory period; default: those of the spike condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NumberOrParam {
    Value(f64),
    Param(String),
}

/// The name of the input, or several names: neurons of large networks may have several inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Inputs {
    One(String),
    Several(Vec<String>),
}

impl Default for Inputs {
    fn default() -> Self {
        Inputs::One("i".into())
    }
}

impl Inputs {
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = match self {
            Inputs::One(name) => std::slice::from_ref(name),
            Inputs::Several(names) => names,
        };
        names.iter().map(String::as_str)
    }
}

/// The input for weights below 0, if the sign of a weight selects between two inputs.
const INHIBITORY: &str = "inhibitory";

const MAX_NAMES: usize = 512;
const MAX_LETTERS: usize = 64;

/// The names of quantities that can be recorded of every layer; states must not use them.
const RECORDED: &[&str] = &["spikes", "graded"];

/// Reserved names.
const RESERVED: &[&str] =
    &["pi", "dt", super::TIME, "and", "or", "not", "xi", super::REFRACTORY, super::CLOCK, super::CLOCK_WRAPS];

impl Equations {
    /// Parses `spec` and checks its names; its texts are parsed later.
    pub fn read(spec: &Map<String, Value>) -> Result<Equations> {
        let given = spec.get("equations").unwrap_or(&Value::Null);
        let equations: Equations = serde_json::from_value(given.clone())
            .map_err(|e| Error::invalid("equations", short(given), format!("equations ({e})")))?;
        if equations.states.is_empty() {
            return Err(Error::invalid("state", "{}", "at least one state"));
        }
        if equations.input.names().next().is_none() {
            return Err(Error::invalid("input", "[]", "the name of an input, or several"));
        }
        equations.check_names(spec)?;
        Ok(equations)
    }

    fn check_names(&self, spec: &Map<String, Value>) -> Result<()> {
        let params = params(spec);
        let mut names: Vec<&str> = Vec::new();
        let states = self.states.iter().map(|state| ("state", state.name.as_str()));
        let params_named = params.iter().map(|&name| ("params", name));
        for (what, name) in states.chain(params_named).chain(self.input.names().map(|name| ("input", name))) {
            check_name(what, name)?;
            if names.contains(&name) {
                let expected = "a name used once among states, parameters and the input";
                return Err(Error::invalid(what, format!("\"{name}\""), expected));
            }
            names.push(name);
        }
        if names.len() > MAX_NAMES {
            return Err(Error::invalid("params", names.len(), format!("at most {MAX_NAMES} names")));
        }
        let of_param = |what: String, value: &NumberOrParam| match value {
            NumberOrParam::Param(name) if !params.contains(&name.as_str()) => {
                Err(Error::invalid(what, format!("\"{name}\""), "a number or the name of a parameter"))
            }
            _ => Ok(()),
        };
        for state in &self.states {
            if RECORDED.contains(&state.name.as_str()) {
                let expected = format!("names other than {}, which every layer has", RECORDED.join(", "));
                return Err(Error::invalid("state", format!("\"{}\"", state.name), expected));
            }
            of_param(format!("state.{}", state.name), &state.init)?;
        }
        if let Some(name) = self.signed.iter().find(|signed| !self.input.names().any(|name| name == *signed))
        {
            return Err(Error::unknown("input", name, self.input.names()));
        }
        if let Some(refractory) = &self.refractory {
            of_param("refractory".into(), &refractory.period)?;
            if let NumberOrParam::Value(ms) = refractory.period
                && ms < 0.0
            {
                return Err(Error::invalid("refractory", ms, "a number of at least 0, in ms"));
            }
            if self.spike.is_none() {
                return Err(Error::invalid("refractory", "a period", "a spike, or no refractory period"));
            }
            for name in refractory.hold.iter().flatten() {
                if !self.states.iter().any(|state| state.name == *name) {
                    return Err(Error::invalid("refractory.hold", format!("\"{name}\""), "names of states"));
                }
            }
        }
        if self.reset.is_some() && self.spike.is_none() {
            return Err(Error::invalid("reset", "a reset", "a spike, or no reset"));
        }
        Ok(())
    }

    /// Inputs that accept no weights below 0: one called `inhibitory` is assumed to be subtracted, unless stated otherwise.
    pub fn signs(&self) -> Vec<(&'static str, Sign)> {
        let is_unsigned =
            |name: &&str| *name == INHIBITORY && !self.signed.iter().any(|signed| signed == name);
        self.input.names().filter(is_unsigned).map(|_| (INHIBITORY, Sign::Inhibition)).collect()
    }

    /// The tables that follow from the parameters of `spec`, as a registered model declares them.
    pub fn definition(&self, spec: &Map<String, Value>) -> Definition {
        let unit = |name: &str| self.units.get(name).map_or("", |unit| interned(unit));
        let param = |&name: &&str| {
            ParamDef::new(interned(name), unit(name), Fallback::Absent, "a parameter of the equations")
                .learnable()
        };
        Definition {
            key: super::KEY,
            title: "equations of your own",
            equation: "",
            update: "",
            source: "",
            states: vec![],
            params: params(spec).iter().map(param).collect(),
            alternatives: vec![],
            options: options(),
            ports: self.input.names().map(interned).collect(),
            spiking: self.spike.is_some(),
            learned: &[],
            presets: vec![],
        }
    }
}

/// `discrete` stands for updates without derivatives.
pub const METHODS: &[&str] = &["auto", "exact", "euler", "exponential-euler", "rk2", "rk4", "discrete"];

fn options() -> Vec<OptionDef> {
    vec![
        OptionDef { name: "method", values: METHODS, meaning: "how derivatives become steps" },
        OptionDef {
            name: "resetTiming",
            values: &["same-step", "next-step", "start-of-next-step"],
            meaning: "when the reset enters",
        },
        OptionDef {
            name: "detachReset",
            values: &["true", "false"],
            meaning: "whether the reset is a constant for the gradient",
        },
    ]
}

/// The names of the parameters that `spec` has.
pub fn params(spec: &Map<String, Value>) -> Vec<&str> {
    let params = spec.get("params").and_then(Value::as_object);
    params.into_iter().flat_map(|params| params.keys().map(String::as_str)).collect()
}

fn check_name(what: &str, name: &str) -> Result<()> {
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !first || !letters || name.len() > MAX_LETTERS {
        let truncated: String = name.chars().take(MAX_LETTERS).collect();
        let expected =
            format!("names of at most {MAX_LETTERS} letters, digits and _, beginning with a letter");
        return Err(Error::invalid(what, format!("\"{truncated}\""), expected));
    }
    if RESERVED.contains(&name) || name.starts_with("xi_") || is_built_in(name) {
        return Err(Error::invalid(what, format!("\"{name}\""), "a name that is not reserved"));
    }
    Ok(())
}
