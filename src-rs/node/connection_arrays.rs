//! The long lists of a network: of its connections, and of its neurons.

use crate::{arrays, numbers};
use lapicque_core::simulate::Description;
use lapicque_core::simulate::description::Rule;
use lapicque_core::simulate::distribution::Distribution;
use lapicque_core::{Error, Result};
use napi::bindgen_prelude::{Float64Array, Uint32Array};
use napi_derive::napi;

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
        let count = description.connections.len();
        let connection = description.connections.get_mut(self.connection).ok_or_else(|| {
            Error::invalid("connection", self.connection, format!("one of {count} connections"))
        })?;
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
        let count = description.populations.len();
        let population = description.populations.get_mut(self.population).ok_or_else(|| {
            Error::invalid("population", self.population, format!("one of {count} populations"))
        })?;
        let lists = if self.is_param { &mut population.params } else { &mut population.initial_lists };
        lists.insert(self.name, self.values);
        Ok(())
    }
}
