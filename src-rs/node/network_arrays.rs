//! The long lists of a network: of its connections, its neurons, its sources and its inputs.

use crate::{arrays, numbers};
use lapicque_core::simulate::Description;
use lapicque_core::simulate::description::{InputSpec, OverTime, Rule};
use lapicque_core::simulate::distribution::Distribution;
use lapicque_core::{Error, Result};
use napi::bindgen_prelude::{Float64Array, Uint32Array};
use napi_derive::napi;

/// What a list is of.
fn chosen<'a, T>(what: &str, all: &'a mut [T], at: usize) -> Result<&'a mut T> {
    let count = all.len();
    all.get_mut(at).ok_or_else(|| Error::invalid(what, at, format!("one of {count} {what}s")))
}

/// The long lists of one connection, which JSON would make longer still: they take the place of
/// what the description says there.
#[napi(object, object_to_js = false)]
pub struct ConnectionArrays {
    pub connection: f64,
    pub weight: Option<Float64Array>,
    pub delay: Option<Float64Array>,
    pub sources: Option<Uint32Array>,
    pub targets: Option<Uint32Array>,
}

/// The same in the engine's memory.
pub struct Lists {
    connection: usize,
    weight: Option<Vec<f64>>,
    delay: Option<Vec<f64>>,
    sources: Option<Vec<u32>>,
    targets: Option<Vec<u32>>,
}

impl ConnectionArrays {
    /// What the engine may keep.
    pub fn copied(&self) -> Result<Lists> {
        let numbers = |name: &str, given: &Option<Float64Array>| {
            given.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        let indices = |name: &str, given: &Option<Uint32Array>| {
            given.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        Ok(Lists {
            connection: numbers::size("connection", self.connection, 0..=u32::MAX as usize)?,
            weight: numbers("weight", &self.weight)?,
            delay: numbers("delay", &self.delay)?,
            sources: indices("rule.sources", &self.sources)?,
            targets: indices("rule.targets", &self.targets)?,
        })
    }
}

impl Lists {
    /// Puts the lists where they belong.
    pub fn place(self, description: &mut Description) -> Result<()> {
        let connection = chosen("connection", &mut description.connections, self.connection)?;
        if let Some(values) = self.weight {
            connection.weight = Distribution::Values(values);
        }
        if let Some(values) = self.delay {
            connection.delay = Distribution::Values(values);
        }
        if let Rule::List { sources, targets } = &mut connection.rule {
            *sources = self.sources.unwrap_or(std::mem::take(sources));
            *targets = self.targets.unwrap_or(std::mem::take(targets));
        }
        Ok(())
    }
}

/// A list of one number a neuron: a parameter of a population's neurons, or a state of theirs at the start.
#[napi(object, object_to_js = false)]
pub struct NeuronArray {
    pub population: f64,
    /// `params` or `initial`.
    pub kind: String,
    pub name: String,
    pub values: Float64Array,
}

/// The same in the engine's memory.
pub struct NeuronList {
    population: usize,
    is_param: bool,
    name: String,
    values: Vec<f64>,
}

impl NeuronArray {
    /// What the engine may keep.
    pub fn copied(&self) -> Result<NeuronList> {
        Ok(NeuronList {
            population: numbers::size("population", self.population, 0..=u32::MAX as usize)?,
            is_param: self.kind == "params",
            name: self.name.clone(),
            values: arrays::copied(&self.name, &self.values)?,
        })
    }
}

impl NeuronList {
    /// Puts the list beside what it belongs to.
    pub fn place(self, description: &mut Description) -> Result<()> {
        let population = chosen("population", &mut description.populations, self.population)?;
        let lists = if self.is_param { &mut population.params } else { &mut population.initial_lists };
        lists.insert(self.name, self.values);
        Ok(())
    }
}

/// The trains of one source, one after the other.
#[napi(object, object_to_js = false)]
pub struct SourceArrays {
    pub source: f64,
    /// Spikes of each train.
    pub counts: Uint32Array,
    pub times: Float64Array,
}

/// The same in the engine's memory.
pub struct Trains {
    source: usize,
    trains: Vec<Vec<f64>>,
}

impl SourceArrays {
    /// What the engine may keep.
    pub fn copied(&self) -> Result<Trains> {
        let (counts, times): (Vec<u32>, Vec<f64>) =
            (arrays::copied("counts", &self.counts)?, arrays::copied("times", &self.times)?);
        let mut rest = &times[..];
        let mut trains = vec![];
        for count in counts {
            let (train, after) = rest.split_at_checked(count as usize).ok_or_else(|| {
                Error::invalid("times", format!("{} times", times.len()), "those of all trains")
            })?;
            trains.push(train.to_vec());
            rest = after;
        }
        let source = numbers::size("source", self.source, 0..=u32::MAX as usize)?;
        Ok(Trains { source, trains })
    }
}

impl Trains {
    /// Puts the trains where they belong.
    pub fn place(self, description: &mut Description) -> Result<()> {
        chosen("source", &mut description.sources, self.source)?.trains = self.trains;
        Ok(())
    }
}

/// An input over time.
#[napi(object, object_to_js = false)]
pub struct InputArrays {
    pub input: f64,
    pub times: Float64Array,
    pub values: Float64Array,
}

/// The same in the engine's memory.
pub struct InputLists {
    input: usize,
    times: Vec<f64>,
    values: Vec<f64>,
}

impl InputArrays {
    /// What the engine may keep.
    pub fn copied(&self) -> Result<InputLists> {
        Ok(InputLists {
            input: numbers::size("input", self.input, 0..=u32::MAX as usize)?,
            times: arrays::copied("times", &self.times)?,
            values: arrays::copied("values", &self.values)?,
        })
    }
}

impl InputLists {
    /// Puts the lists where they belong.
    pub fn place(self, description: &mut Description) -> Result<()> {
        match chosen("input", &mut description.inputs, self.input)? {
            InputSpec::Current { times, values, .. }
            | InputSpec::Poisson { rate: OverTime::Steps { times, values }, .. } => {
                (*times, *values) = (self.times, self.values);
                Ok(())
            }
            _ => Err(Error::invalid("input", self.input, "an input over time")),
        }
    }
}

/// All of them.
#[napi(object, object_to_js = false)]
pub struct NetworkArrays {
    pub connections: Vec<ConnectionArrays>,
    pub neurons: Vec<NeuronArray>,
    pub sources: Vec<SourceArrays>,
    pub inputs: Vec<InputArrays>,
}

/// The same in the engine's memory.
pub struct NetworkLists {
    connections: Vec<Lists>,
    neurons: Vec<NeuronList>,
    sources: Vec<Trains>,
    inputs: Vec<InputLists>,
}

impl NetworkArrays {
    /// What the engine may keep.
    pub fn copied(&self) -> Result<NetworkLists> {
        Ok(NetworkLists {
            connections: self.connections.iter().map(ConnectionArrays::copied).collect::<Result<_>>()?,
            neurons: self.neurons.iter().map(NeuronArray::copied).collect::<Result<_>>()?,
            sources: self.sources.iter().map(SourceArrays::copied).collect::<Result<_>>()?,
            inputs: self.inputs.iter().map(InputArrays::copied).collect::<Result<_>>()?,
        })
    }
}

impl NetworkLists {
    /// Puts all lists where they belong.
    pub fn place(self, description: &mut Description) -> Result<()> {
        self.connections.into_iter().try_for_each(|lists| lists.place(description))?;
        self.neurons.into_iter().try_for_each(|list| list.place(description))?;
        self.sources.into_iter().try_for_each(|trains| trains.place(description))?;
        self.inputs.into_iter().try_for_each(|lists| lists.place(description))
    }
}
