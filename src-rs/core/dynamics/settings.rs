//! Complete settings of a neuron: the description, then the preset, then the defaults.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::definition::{Definition, Fallback, OptionDef, ParamDef, Preset, Range};
use super::relations;
use lapicque_base::error::{Error, Result};
use lapicque_base::nearest::{near, truncated};

/// Checks the length of a step in ms. Errors: `invalid-parameter`.
pub fn check_time_step(dt: f64) -> Result<()> {
    let range = Range::TIME_STEP;
    if range.holds(dt) {
        return Ok(());
    }
    Err(Error::invalid("dt", dt, format!("a time step in ms, {}", range.words())))
}

/// A parameter with its values: one, or one per neuron.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub name: &'static str,
    pub values: Vec<f64>,
    /// This number of adjacent neurons share a value, also when it is learned, for example the pixels of a channel. 1 for a
    /// single value.
    pub shared: usize,
    pub learn: bool,
    /// Its default, if that is an expression of other parameters and it is neither given nor learned.
    pub follows: Option<Fallback>,
}

/// Long lists of a description by parameter name; the description itself contains an empty list instead, because JSON would
/// take several times the memory.
pub type Lists = BTreeMap<String, Vec<f64>>;

#[derive(Debug, Clone)]
pub struct Settings {
    /// Number of neurons.
    pub n: usize,
    /// Time step in ms.
    pub dt: f64,
    pub like: Option<&'static str>,
    options: Vec<(&'static str, &'static str)>,
    pub params: Vec<Param>,
    learned: Vec<&'static str>,
}

impl Settings {
    pub fn resolve(definition: &Definition, spec: &Map<String, Value>, n: usize, dt: f64) -> Result<Self> {
        Self::with_lists(definition, spec, Lists::new(), n, dt)
    }

    /// As `new`, with long lists passed separately.
    pub fn with_lists(
        definition: &Definition,
        spec: &Map<String, Value>,
        lists: Lists,
        n: usize,
        dt: f64,
    ) -> Result<Self> {
        check_time_step(dt)?;
        let preset = preset(definition, spec.get("like"))?;
        let mut given = object(spec, "params")?;
        remove_defaults(definition, preset, spec, &mut given)?;
        read_earlier_names(definition, &mut given);
        let options = options(definition, preset, &object(spec, "options")?)?;
        if definition.params.iter().any(|param| param.name == "vReset") {
            zero_reset(definition, spec, &mut given);
        }
        let learned = learned(definition, spec.get("learn"))?;
        let mut settings = Settings { n, dt, like: preset.map(|p| p.name), options, params: vec![], learned };
        settings.params = params(definition, preset, (&given, lists), &settings.learned, n)?;
        settings.share(&object(spec, "shared")?)?;
        settings.fill_defaults(|_, params, name| params.get(name));
        // A learned parameter only starts at its default.
        settings.params.iter_mut().filter(|param| param.learn).for_each(|param| param.follows = None);
        relations::check(definition, &settings)?;
        Ok(settings)
    }

    /// Records how many adjacent neurons share a value, by parameter name.
    fn share(&mut self, given: &Map<String, Value>) -> Result<()> {
        for (name, count) in given {
            let Some(param) = self.params.iter_mut().find(|param| param.name == name) else {
                return Err(Error::invalid("shared", name, "a parameter that takes part"));
            };
            let wrong = || {
                let expected = "how many neighbors have one value, which divides the neurons";
                Error::invalid(format!("shared.{name}"), short(count), expected)
            };
            let shared = count.as_u64().and_then(|count| usize::try_from(count).ok()).ok_or_else(wrong)?;
            let whole = shared > 0 && param.values.len() == self.n && self.n.is_multiple_of(shared);
            if !whole || param.values.chunks(shared).any(|run| run.iter().any(|&x| x != run[0])) {
                return Err(wrong());
            }
            param.shared = shared;
        }
        Ok(())
    }

    pub fn option(&self, name: &str) -> &'static str {
        self.options
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, value)| value)
            .unwrap_or_else(|| panic!("the model declares no option \"{name}\""))
    }

    /// Whether an option, which the model may lack, has this value.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.options.iter().any(|&(known, chosen)| known == name && chosen == value)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.is(name, "true")
    }

    pub fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Whether `name` is used with a value other than 0 for some neuron.
    pub fn has_nonzero(&self, name: &str) -> bool {
        self.param(name).is_some_and(|param| param.values.iter().any(|&x| x != 0.0))
    }

    /// Replaces the parameter `old` by an equivalent one, or adds that.
    pub fn replace(&mut self, old: &str, name: &'static str, values: Vec<f64>) {
        let shared = self.param(old).map_or(1, |param| param.shared);
        self.params.retain(|param| param.name != old && param.name != name);
        let learn = self.learned.contains(&name);
        self.params.push(Param { name, values, shared, learn, follows: None });
    }

    /// Learned parameters must be used.
    pub fn check_learned(&self) -> Result<()> {
        match self.learned.iter().find(|name| self.param(name).is_none()) {
            Some(name) => {
                Err(Error::invalid("learn", format!("\"{name}\""), "parameters that are given a value"))
            }
            None => Ok(()),
        }
    }

    /// Writes every default and preset to the description, except for the surrogate.
    pub fn write(&self, into: &mut Map<String, Value>) {
        if let Some(like) = self.like {
            into.insert("like".into(), like.into());
        }
        let values = |param: &Param| match param.values.as_slice() {
            [one] => Value::from(*one),
            many => Value::from(many.to_vec()),
        };
        let params = self.params.iter().map(|param| (param.name.to_string(), values(param)));
        into.insert("params".into(), Value::Object(params.collect()));
        let shared = self.params.iter().filter(|param| param.shared > 1);
        let shared: Map<String, Value> =
            shared.map(|param| (param.name.to_string(), param.shared.into())).collect();
        if !shared.is_empty() {
            into.insert("shared".into(), Value::Object(shared));
        }
        let options = self.options.iter().map(|&(name, value)| {
            let value = match value {
                "true" => true.into(),
                "false" => false.into(),
                word => word.into(),
            };
            (name.to_string(), value)
        });
        into.insert("options".into(), Value::Object(options.collect()));
        let learned = self.params.iter().filter(|param| param.learn).map(|param| Value::from(param.name));
        into.insert("learn".into(), Value::Array(learned.collect()));
    }
}

fn object(spec: &Map<String, Value>, key: &str) -> Result<Map<String, Value>> {
    match spec.get(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object.clone()),
        Some(other) => Err(Error::invalid(key, short(other), "an object")),
    }
}

/// A JSON value as quoted in a message.
pub fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("...".chars()).collect() }
}

fn preset<'d>(definition: &'d Definition, like: Option<&Value>) -> Result<Option<&'d Preset>> {
    match like {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if definition.presets.is_empty() => {
            let expected = format!("no preset, because {} has none", definition.key);
            Err(Error::invalid("like", format!("{name:?}"), expected))
        }
        Some(Value::String(name)) => {
            let known = definition.presets.iter().map(|preset| preset.name);
            let found = definition.presets.iter().find(|preset| preset.name == *name);
            found
                .map(Some)
                .ok_or_else(|| Error::unknown(&format!("preset of {}", definition.key), name, known))
        }
        Some(other) => Err(Error::invalid("like", short(other), "the name of a preset")),
    }
}

fn options(
    definition: &Definition,
    preset: Option<&Preset>,
    given: &Map<String, Value>,
) -> Result<Vec<(&'static str, &'static str)>> {
    for name in given.keys() {
        if !definition.options.iter().any(|option| option.name == name) {
            let kind = format!("option of {}", definition.key);
            return Err(Error::unknown(&kind, name, definition.options.iter().map(|option| option.name)));
        }
    }
    let mut resolved = Vec::new();
    for option in &definition.options {
        let preset = preset.and_then(|p| p.options.iter().find(|(name, _)| *name == option.name));
        let value = match given.get(option.name) {
            None | Some(Value::Null) => preset.map_or(option.values[0], |&(_, value)| value),
            Some(value) => {
                let word = match value {
                    Value::String(word) => word.as_str(),
                    Value::Bool(true) => "true",
                    Value::Bool(false) => "false",
                    other => {
                        let expected = format!("one of {}", words(option).join(", "));
                        return Err(Error::invalid(option.name, short(other), expected));
                    }
                };
                let alias = if option.name == "reset" && word == "zero" { "value" } else { word };
                *option.values.iter().find(|known| **known == alias).ok_or_else(|| no_value(option, word))?
            }
        };
        resolved.push((option.name, value));
    }
    Ok(resolved)
}

/// The values of an option.
fn words(option: &OptionDef) -> Vec<&'static str> {
    let is_reset = option.name == "reset" && option.values.contains(&"value");
    option.values.iter().copied().chain(is_reset.then_some("zero")).collect()
}

/// SpikingJelly's names of resets.
const LIBRARY_RESETS: [(&str, &str); 2] = [("hard", "zero"), ("soft", "subtract")];

fn no_value(option: &OptionDef, word: &str) -> Error {
    let kind = format!("value of {}", option.name);
    let words = words(option);
    let alias = LIBRARY_RESETS.iter().find(|(theirs, ours)| *theirs == word && words.contains(ours));
    if let Some((_, ours)) = alias {
        return Error::UnknownName {
            kind,
            name: word.into(),
            did_you_mean: Some(ours.to_string()),
            known: vec![],
        };
    }
    match near(word, words.iter().copied()) {
        Some(_) => Error::unknown(&kind, word, words),
        None => {
            let expected = format!("one of {}", words.join(", "));
            Error::invalid(option.name, format!("{:?}", truncated(word)), expected)
        }
    }
}

/// `reset: 'zero'` is a reset to the value 0.
fn zero_reset(definition: &Definition, spec: &Map<String, Value>, params: &mut Map<String, Value>) {
    let has_value = definition.params.iter().any(|param| param.name == "vReset");
    if has_value
        && spec.get("options").and_then(|options| options.get("reset")).and_then(Value::as_str)
            == Some("zero")
    {
        params.insert("vReset".into(), 0.0.into());
    }
}

fn learned(definition: &Definition, learn: Option<&Value>) -> Result<Vec<&'static str>> {
    let names = match learn {
        None | Some(Value::Null) => return Ok(definition.learned.to_vec()),
        Some(Value::Array(names)) => names,
        Some(other) => return Err(Error::invalid("learn", short(other), "a list of parameter names")),
    };
    let mut learned = Vec::new();
    for name in names {
        let name =
            name.as_str().ok_or_else(|| Error::invalid("learn", short(name), "the name of a parameter"))?;
        let learnable = || definition.params.iter().filter(|param| param.learnable);
        let param = learnable().find(|param| param.name == name).ok_or_else(|| {
            let kind = format!("learnable parameter of {}", definition.key);
            Error::unknown(&kind, name, learnable().map(|param| param.name))
        })?;
        if !learned.contains(&param.name) {
            learned.push(param.name);
        }
    }
    Ok(learned)
}

/// Files may have the name that a parameter had in earlier versions.
fn read_earlier_names(definition: &Definition, given: &mut Map<String, Value>) {
    for param in &definition.params {
        if let Some(earlier) = param.earlier
            && !given.contains_key(param.name)
            && let Some(value) = given.remove(earlier)
        {
            given.insert(param.name.into(), value);
        }
    }
}

/// Removes the values of parameters that a description says to be defaults, which are computed again.
fn remove_defaults(
    definition: &Definition,
    preset: Option<&Preset>,
    spec: &Map<String, Value>,
    given: &mut Map<String, Value>,
) -> Result<()> {
    let names = match spec.get("defaults") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(names)) => names,
        Some(other) => return Err(Error::invalid("defaults", short(other), "a list of parameter names")),
    };
    let has_expression = |param: &&ParamDef| fallback(param, preset).is_expression();
    for name in names {
        let known = || definition.params.iter().filter(has_expression).map(|param| param.name);
        let name = name.as_str().filter(|name| known().any(|known| known == *name)).ok_or_else(|| {
            let kind = format!("parameter of {} whose default is an expression", definition.key);
            Error::unknown(&kind, name.as_str().unwrap_or(&short(name)), known())
        })?;
        given.remove(name);
    }
    Ok(())
}

fn params(
    definition: &Definition,
    preset: Option<&Preset>,
    (given, mut lists): (&Map<String, Value>, Lists),
    learned: &[&'static str],
    n: usize,
) -> Result<Vec<Param>> {
    for name in given.keys() {
        if !definition.params.iter().any(|param| param.name == name) {
            let kind = format!("parameter of {}", definition.key);
            return Err(Error::unknown(&kind, name, definition.params.iter().map(|param| param.name)));
        }
    }
    let dropped = dropped(definition, preset, given)?;
    let mut resolved: Vec<Param> = Vec::new();
    for param in definition.params.iter().filter(|param| !dropped.contains(&param.name)) {
        let learn = learned.contains(&param.name);
        let (values, follows) = match given.get(param.name) {
            None | Some(Value::Null) => match fallback(param, preset) {
                Fallback::Value(x) => (vec![x], None),
                Fallback::Absent => continue,
                expression => (vec![0.0], Some(expression)),
            },
            Some(value) => (numbers(param, value, lists.remove(param.name), learn, n)?, None),
        };
        resolved.push(Param { name: param.name, values, shared: 1, learn, follows });
    }
    Ok(resolved)
}

fn fallback(param: &ParamDef, preset: Option<&Preset>) -> Fallback {
    preset
        .and_then(|preset| preset.params.iter().find(|(name, _)| *name == param.name))
        .map_or(param.fallback, |&(_, fallback)| fallback)
}

/// The parameters of each group of alternatives that the given one replaces.
fn dropped(
    definition: &Definition,
    preset: Option<&Preset>,
    given: &Map<String, Value>,
) -> Result<Vec<&'static str>> {
    let mut dropped = Vec::new();
    for group in &definition.alternatives {
        let chosen: Vec<_> =
            group.iter().filter(|name| given.get(**name).is_some_and(|value| !value.is_null())).collect();
        match chosen.as_slice() {
            [] => {
                let has_fallback = |name: &&&'static str| {
                    let param = definition.params.iter().find(|param| param.name == **name);
                    param.is_some_and(|param| fallback(param, preset) != Fallback::Absent)
                };
                let chosen = group.iter().find(has_fallback).ok_or_else(|| {
                    Error::invalid(group[0], "none of them", format!("one of {}", group.join(", ")))
                })?;
                dropped.extend(group.iter().filter(|name| *name != chosen));
            }
            [chosen] => dropped.extend(group.iter().filter(|name| name != chosen)),
            [first, second, ..] => {
                return Err(Error::invalid(
                    **second,
                    short(&given[**second]),
                    format!("no value, because {first} is given: they say the same thing"),
                ));
            }
        }
    }
    Ok(dropped)
}

/// A number, or one per neuron, from a JSON list or from `list`.
fn numbers(
    param: &ParamDef,
    value: &Value,
    list: Option<Vec<f64>>,
    learn: bool,
    n: usize,
) -> Result<Vec<f64>> {
    // A learned value may have left its range during training; it is clamped where it is used.
    let allowed = |x: f64| (learn && x.is_finite()) || param.range.holds(x);
    let number = |value: &Value| {
        let wrong = || Error::invalid(param.name, short(value), param.range.words());
        value.as_f64().filter(|&x| allowed(x)).ok_or_else(wrong)
    };
    let check_length = |got: usize| match got == n || got == 1 {
        true => Ok(()),
        false => Err(Error::ShapeMismatch {
            layer: param.name.to_string(),
            expected: format!("[{n}]"),
            got: format!("[{got}]"),
        }),
    };
    match (value, list) {
        (Value::Array(values), Some(list)) if values.is_empty() => {
            check_length(list.len())?;
            match list.iter().find(|&&x| !allowed(x)) {
                Some(x) => Err(Error::invalid(param.name, x, param.range.words())),
                None => Ok(list),
            }
        }
        (Value::Array(values), _) => {
            check_length(values.len())?;
            values.iter().map(number).collect()
        }
        (one, _) => Ok(vec![number(one)?]),
    }
}
