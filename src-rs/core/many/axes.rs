//! The parameters of a network description that an axis of a sweep varies.

use lapicque_base::error::{Error, Result};
use lapicque_simulate::Description;
use lapicque_simulate::description::{Amplitudes, ConnectionSpec, InputSpec, OverTime, PopulationSpec, Rule};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A number of a description, at one or several locations, with the name that users know it by.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    pub name: String,
    pub places: Vec<Place>,
}

/// A location in a description, such as `rate` of an input or `neuron.params.tauMem` of a population.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub of: Element,
    /// The index of the element in the description.
    pub index: usize,
    pub path: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Element {
    Populations,
    Connections,
    Inputs,
    Gaps,
}

impl Axis {
    /// Whether rows with different values of the axis have different synapses, or the same synapses with different weights.
    pub fn changes_synapses(&self) -> bool {
        self.places.iter().any(Place::changes_synapses)
    }

    /// Whether rows with different values of the axis have different connections or delays.
    pub fn changes_wiring(&self) -> bool {
        self.places.iter().any(|place| place.changes_synapses() && place.path != ["weight"])
    }

    /// Sets the value at all locations.
    ///
    /// # Errors
    /// `unknown-name` for a location that does not exist in the description, `invalid-parameter` for a value that is not
    /// allowed there.
    pub fn put(&self, x: f64, description: &mut Description) -> Result<()> {
        self.places.iter().try_for_each(|place| place.put(&self.name, x, description))
    }
}

impl Place {
    /// The number of neurons determines the connections; their parameters do not.
    fn changes_synapses(&self) -> bool {
        match self.of {
            Element::Connections => true,
            Element::Populations => self.path == ["size"],
            Element::Inputs | Element::Gaps => false,
        }
    }

    fn put(&self, name: &str, x: f64, description: &mut Description) -> Result<()> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let unknown = || Error::unknown("axis", name, [""; 0]);
        let put = match self.of {
            Element::Populations => {
                description.populations.get_mut(self.index).map(|of| in_population(of, &path, x))
            }
            Element::Connections => {
                description.connections.get_mut(self.index).map(|of| in_connection(of, &path, x))
            }
            Element::Inputs => description.inputs.get_mut(self.index).map(|of| in_input(of, &path, x)),
            Element::Gaps => description.gaps.get_mut(self.index).map(|of| match path[..] {
                ["conductance", ref rest @ ..] => within(&mut of.conductance, rest, x),
                _ => Put::Unknown,
            }),
        };
        match put {
            Some(Put::Done) => Ok(()),
            Some(Put::Refused(expected)) => Err(Error::invalid(name, x, expected)),
            Some(Put::Unknown) | None => Err(unknown()),
        }
    }
}

/// The result of setting a value.
enum Put {
    Done,
    /// Refused; states what would be accepted.
    Refused(String),
    Unknown,
}

fn in_population(of: &mut PopulationSpec, path: &[&str], x: f64) -> Put {
    match *path {
        ["size"] => within(&mut of.size, &[], x),
        ["neuron", "params", param, ref rest @ ..] => {
            of.params.remove(param);
            match of.neuron.as_object_mut() {
                Some(neuron) => in_map(object(neuron, "params"), param, rest, x),
                None => Put::Unknown,
            }
        }
        ["initial", state, ref rest @ ..] => {
            of.initial_lists.remove(state);
            in_map(Some(&mut of.initial), state, rest, x)
        }
        ["intrinsic", _] => within(&mut of.intrinsic, &path[1..], x),
        _ => Put::Unknown,
    }
}

fn in_connection(of: &mut ConnectionSpec, path: &[&str], x: f64) -> Put {
    match *path {
        ["weight", ref rest @ ..] => within(&mut of.weight, rest, x),
        ["delay", ref rest @ ..] => within(&mut of.delay, rest, x),
        ["dendriticDelay"] => within(&mut of.dendritic_delay, &[], x),
        ["rule", _] if !matches!(of.rule, Rule::List { .. }) => within(&mut of.rule, &path[1..], x),
        ["synapse", "params", param] => match of.synapse.as_mut().and_then(Value::as_object_mut) {
            Some(synapse) => in_map(object(synapse, "params"), param, &[], x),
            None => Put::Unknown,
        },
        ["structural", ..] if path.len() > 1 => within(&mut of.structural, &path[1..], x),
        _ => Put::Unknown,
    }
}

fn in_input(of: &mut InputSpec, path: &[&str], x: f64) -> Put {
    match (of, path) {
        (InputSpec::Poisson { rate, .. }, ["rate"]) => {
            *rate = OverTime::Constant(x);
            Put::Done
        }
        (InputSpec::Poisson { rate, .. }, ["rate", rest @ ..]) => within(rate, rest, x),
        (InputSpec::Poisson { weight, .. }, ["weight"]) => within(weight, &[], x),
        (InputSpec::Normal { mean, .. }, ["mean"]) => within(mean, &[], x),
        (InputSpec::Normal { sd, .. }, ["sd"]) => within(sd, &[], x),
        (InputSpec::Current { times, values, .. }, ["current"]) => {
            // A current over time is replaced by a constant one from its first time on.
            times.truncate(1);
            *values = Amplitudes::Values(vec![x]);
            Put::Done
        }
        (InputSpec::Current { values, .. }, ["current", rest @ ..]) => within(values, rest, x),
        _ => Put::Unknown,
    }
}

/// The object with a name, created if it does not exist.
fn object<'a>(of: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    of.entry(name).or_insert_with(|| json!({})).as_object_mut()
}

fn in_map(map: Option<&mut Map<String, Value>>, name: &str, rest: &[&str], x: f64) -> Put {
    let Some(map) = map else { return Put::Unknown };
    if rest.is_empty() {
        map.insert(name.into(), number(x));
        return Put::Done;
    }
    match map.get_mut(name) {
        Some(value) => set(value, rest, x),
        None => Put::Unknown,
    }
}

/// Integers become JSON integers, as needed for counts.
fn number(x: f64) -> Value {
    match x == x.trunc() && x.abs() < 9e15 {
        true => json!(x as i64),
        false => json!(x),
    }
}

/// Sets an existing number.
fn set(value: &mut Value, path: &[&str], x: f64) -> Put {
    let found = path.iter().try_fold(value, |value, key| value.as_object_mut()?.get_mut(*key));
    match found {
        Some(found) => {
            *found = number(x);
            Put::Done
        }
        None => Put::Unknown,
    }
}

/// Sets a number within a part of a description, or the part itself.
fn within<T: Serialize + DeserializeOwned>(part: &mut T, path: &[&str], x: f64) -> Put {
    let value = match path {
        [] => number(x),
        _ => {
            let Ok(mut value) = serde_json::to_value(&*part) else { return Put::Unknown };
            match set(&mut value, path, x) {
                Put::Done => value,
                other => return other,
            }
        }
    };
    match serde_json::from_value(value) {
        Ok(read) => {
            *part = read;
            Put::Done
        }
        Err(error) => Put::Refused(error.to_string()),
    }
}
