//! Long lists of a network: of its connections, neurons, sources and inputs. They are passed beside the description,
//! because JSON would make them longer, and replace the values in it.

use crate::arrays::{self, Float64ArraySlice, Uint32ArraySlice};
use crate::numbers;
use lapicque_core::simulate::Description;
use lapicque_core::simulate::description::{Amplitudes, InputSpec, OverTime, Rule};
use lapicque_core::simulate::distribution::Distribution;
use lapicque_core::{Error, Result};
use napi_derive::napi;

/// Stores a list in the description. Its values have been copied, because the engine may keep them.
pub type DescriptionEdit = Box<dyn FnOnce(&mut Description) -> Result<()> + Send>;

/// The element that a list belongs to.
fn chosen<'a, T>(what: &str, all: &'a mut [T], at: usize) -> Result<&'a mut T> {
    let count = all.len();
    all.get_mut(at).ok_or_else(|| Error::invalid(what, at, format!("one of {count} {what}s")))
}

fn index(what: &str, value: f64) -> Result<usize> {
    numbers::size(what, value, 0..=u32::MAX as usize)
}

/// The lists of one connection.
#[napi(object, object_to_js = false)]
pub struct ConnectionArrays<'env> {
    pub connection: f64,
    pub weight: Option<Float64ArraySlice<'env>>,
    pub delay: Option<Float64ArraySlice<'env>>,
    pub sources: Option<Uint32ArraySlice<'env>>,
    pub targets: Option<Uint32ArraySlice<'env>>,
}

impl ConnectionArrays<'_> {
    fn edit(&self) -> Result<DescriptionEdit> {
        let numbers = |name: &str, optional: &Option<Float64ArraySlice>| {
            optional.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        let indices = |name: &str, optional: &Option<Uint32ArraySlice>| {
            optional.as_ref().map(|array| arrays::copied(name, array)).transpose()
        };
        let at = index("connection", self.connection)?;
        let (weight, delay) = (numbers("weight", &self.weight)?, numbers("delay", &self.delay)?);
        let own_sources = indices("rule.sources", &self.sources)?;
        let own_targets = indices("rule.targets", &self.targets)?;
        Ok(Box::new(move |description| {
            let connection = chosen("connection", &mut description.connections, at)?;
            if let Some(values) = weight {
                connection.weight = Distribution::Values(values);
            }
            if let Some(values) = delay {
                connection.delay = Distribution::Values(values);
            }
            if let Rule::List { sources, targets } = &mut connection.rule {
                *sources = own_sources.unwrap_or(std::mem::take(sources));
                *targets = own_targets.unwrap_or(std::mem::take(targets));
            }
            Ok(())
        }))
    }
}

/// One number per neuron: a parameter of a population's neurons, or an initial state.
#[napi(object, object_to_js = false)]
pub struct NeuronArray<'env> {
    pub population: f64,
    /// `params` or `initial`.
    pub kind: String,
    pub name: String,
    pub values: Float64ArraySlice<'env>,
}

impl NeuronArray<'_> {
    fn edit(&self) -> Result<DescriptionEdit> {
        let at = index("population", self.population)?;
        let (is_param, name) = (self.kind == "params", self.name.clone());
        let values = arrays::copied(&self.name, &self.values)?;
        Ok(Box::new(move |description| {
            let population = chosen("population", &mut description.populations, at)?;
            let lists = if is_param { &mut population.params } else { &mut population.initial_lists };
            lists.insert(name, values);
            Ok(())
        }))
    }
}

/// The spike trains of one source, concatenated.
#[napi(object, object_to_js = false)]
pub struct SourceArrays<'env> {
    pub source: f64,
    /// Number of spikes of each train.
    pub counts: Uint32ArraySlice<'env>,
    pub times: Float64ArraySlice<'env>,
}

impl SourceArrays<'_> {
    fn edit(&self) -> Result<DescriptionEdit> {
        let trains = trains_of(&self.counts, &self.times)?;
        let at = index("source", self.source)?;
        Ok(Box::new(move |description| {
            chosen("source", &mut description.sources, at)?.trains = trains;
            Ok(())
        }))
    }
}

/// Trains, from the number of spikes of each and the concatenated times.
pub fn trains_of(counts: &Uint32ArraySlice, times: &Float64ArraySlice) -> Result<Vec<Vec<f64>>> {
    let (counts, times): (Vec<u32>, Vec<f64>) =
        (arrays::copied("counts", counts)?, arrays::copied("times", times)?);
    let mut rest = &times[..];
    let train = |count: u32| {
        let (train, after) = rest.split_at_checked(count as usize).ok_or_else(|| {
            Error::invalid("times", format!("{} times", times.len()), "the times of all trains")
        })?;
        rest = after;
        Ok(train.to_vec())
    };
    counts.into_iter().map(train).collect()
}

/// An input over time.
#[napi(object, object_to_js = false)]
pub struct InputArrays<'env> {
    pub input: f64,
    pub times: Float64ArraySlice<'env>,
    pub values: Float64ArraySlice<'env>,
}

impl InputArrays<'_> {
    fn edit(&self) -> Result<DescriptionEdit> {
        let at = index("input", self.input)?;
        let own = (arrays::copied("times", &self.times)?, arrays::copied("values", &self.values)?);
        Ok(Box::new(move |description| match chosen("input", &mut description.inputs, at)? {
            InputSpec::Current { times, values, .. } => {
                (*times, *values) = (own.0, Amplitudes::Values(own.1));
                Ok(())
            }
            InputSpec::Poisson { rate: OverTime::Steps { times, values }, .. } => {
                (*times, *values) = own;
                Ok(())
            }
            InputSpec::Poisson { rate: OverTime::Values(values), .. } => {
                *values = own.1;
                Ok(())
            }
            _ => Err(Error::invalid("input", at, "an input over time")),
        }))
    }
}

/// All of them.
#[napi(object, object_to_js = false)]
pub struct NetworkArrays<'env> {
    pub connections: Vec<ConnectionArrays<'env>>,
    pub neurons: Vec<NeuronArray<'env>>,
    pub sources: Vec<SourceArrays<'env>>,
    pub inputs: Vec<InputArrays<'env>>,
}

impl NetworkArrays<'_> {
    pub fn edits(&self) -> Result<Vec<DescriptionEdit>> {
        let connections = self.connections.iter().map(ConnectionArrays::edit);
        connections
            .chain(self.neurons.iter().map(NeuronArray::edit))
            .chain(self.sources.iter().map(SourceArrays::edit))
            .chain(self.inputs.iter().map(InputArrays::edit))
            .collect()
    }
}
