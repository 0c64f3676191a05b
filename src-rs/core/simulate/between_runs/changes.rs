//! Values that were set between runs: parameters of neurons, inputs, and weights of static synapses. They are part of a saved
//! state. Restoring a state restores the values that were set before it was saved, and discards values set later.

use super::parameters::Rebound;
use super::set_trains::SetTrains;
use super::set_weights::{NewWeights, Numbers};
use crate::construction::changed::ChangedParams;
use crate::construction::simulation::Simulation;
use crate::representation::precision::Precision;
use crate::spec::description::{Amplitudes, InputSpec, OverTime};
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The set values that a saved state contains, and the samples of means that are still to be read with a delay.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// Population, parameter, and one value for all neurons or one per neuron.
    pub params: Vec<(String, String, Vec<f64>)>,
    /// Input index and its values.
    pub inputs: Vec<(usize, InputValues)>,
    /// Connection index, and one weight for all synapses or one per synapse in the order in which they are read back.
    pub weights: Vec<(usize, Vec<f64>)>,
    /// By mean.
    pub readings: Vec<Vec<f64>>,
    /// Not part of the packed form of older versions, so it is packed separately.
    #[serde(skip)]
    pub trains: Vec<SetTrains>,
}

/// New values of an input, all or some of them: a rate in Hz or a current, optionally with times in ms from which each value
/// holds, and other numbers by name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct InputValues {
    /// Values and their optional times: without times one value, or one per neuron; with times one value per time, or one per
    /// time and neuron.
    pub series: Option<(Option<Vec<f64>>, Vec<f64>)>,
    pub numbers: Vec<(String, f64)>,
}

impl InputValues {
    pub fn of(spec: &InputSpec) -> InputValues {
        let number = |name: &str, x: &f64| (name.to_string(), *x);
        match spec {
            InputSpec::Poisson { rate, weight, .. } => {
                let series = match rate {
                    OverTime::Constant(x) => (None, vec![*x]),
                    OverTime::Values(values) => (None, values.clone()),
                    OverTime::Steps { times, values } => (Some(times.clone()), values.clone()),
                    // Sampled values were replaced by numbers when the network was built.
                    OverTime::Sampled(_) => (None, vec![]),
                };
                InputValues { series: Some(series), numbers: vec![number("weight", weight)] }
            }
            InputSpec::Normal { mean, sd, .. } => {
                InputValues { series: None, numbers: vec![number("mean", mean), number("sd", sd)] }
            }
            InputSpec::Current { times, values, .. } => {
                let values = match values {
                    Amplitudes::Values(values) => values.clone(),
                    Amplitudes::Sampled(_) => vec![],
                };
                let times = if times[..] == [0.0] { None } else { Some(times.clone()) };
                InputValues { series: Some((times, values)), numbers: vec![] }
            }
        }
    }

    /// A copy of the input `spec` in which these values replace its own.
    ///
    /// # Errors
    /// `unknown-name` for a value that this kind of input does not have.
    fn put(&self, name: &str, spec: &InputSpec) -> Result<InputSpec> {
        let mut spec = spec.clone();
        for (number, x) in &self.numbers {
            let names: &[&str] = match &mut spec {
                InputSpec::Poisson { weight, .. } if number == "weight" => {
                    *weight = *x;
                    continue;
                }
                InputSpec::Normal { mean, .. } if number == "mean" => {
                    *mean = *x;
                    continue;
                }
                InputSpec::Normal { sd, .. } if number == "sd" => {
                    *sd = *x;
                    continue;
                }
                InputSpec::Poisson { .. } => &["rate", "weight"],
                InputSpec::Normal { .. } => &["mean", "sd"],
                InputSpec::Current { .. } => &["current"],
            };
            return Err(Error::unknown(&format!("value of {name}"), number, names.iter().copied()));
        }
        let Some((times, values)) = self.series.clone() else { return Ok(spec) };
        match &mut spec {
            InputSpec::Poisson { rate, .. } => {
                *rate = match (times, &values[..]) {
                    (None, &[one]) => OverTime::Constant(one),
                    (None, _) => OverTime::Values(values),
                    (Some(times), _) => OverTime::Steps { times, values },
                }
            }
            InputSpec::Current { times: own, values: amplitudes, .. } => {
                *own = times.unwrap_or_else(|| vec![0.0]);
                *amplitudes = Amplitudes::Values(values);
            }
            InputSpec::Normal { .. } => {
                return Err(Error::unknown(&format!("value of {name}"), "rate", ["mean", "sd"]));
            }
        }
        Ok(spec)
    }
}

/// The new weights, and all weights that have been set so far, by connection.
type WeightChange<F> = (NewWeights<F>, BTreeMap<usize, Vec<f64>>);

/// The changes of a saved state, validated and ready to be applied.
pub(crate) struct Prepared<F: Precision> {
    params: Vec<(usize, Rebound, BTreeSet<String>)>,
    inputs: Vec<(usize, InputSpec, bool)>,
    weights: Option<WeightChange<F>>,
    trains: Vec<SetTrains>,
}

impl<F: Precision> Simulation<F> {
    /// The current values of an input.
    ///
    /// # Errors
    /// `invalid-parameter` if no input has this number.
    pub fn input(&self, number: usize) -> Result<InputValues> {
        self.input_spec(number).map(InputValues::of)
    }

    fn input_spec(&self, number: usize) -> Result<&InputSpec> {
        let inputs = &self.plan.description.inputs;
        inputs
            .get(number)
            .ok_or_else(|| Error::invalid("input", number, format!("one of {} inputs", inputs.len())))
    }

    /// Replaces values of an input; values that are not given stay. Times count from the start of the simulation. The random
    /// numbers of the input do not change.
    ///
    /// # Errors
    /// The errors of a description with these values; `unknown-name` for a value that this kind of input does not have;
    /// `invalid-parameter` for a weight whose sign differs where the sign selects the port. Nothing is changed in these cases.
    #[inline(never)]
    pub fn set_input(&mut self, number: usize, values: &InputValues) -> Result<()> {
        let before = self.input_spec(number)?.clone();
        let spec = self.checked_input(number, values, &before)?;
        self.changed.inputs.entry(number).or_insert(before);
        self.put_input(number, spec)
    }

    fn checked_input(&self, number: usize, values: &InputValues, spec: &InputSpec) -> Result<InputSpec> {
        let name = format!("inputs[{number}]");
        let spec = values.put(&name, spec)?;
        let input = self.plan.input(&name, &spec)?;
        if input.port != self.plan.inputs[number].port {
            let weight = values.numbers.iter().find(|(name, _)| name == "weight").map_or(0.0, |&(_, w)| w);
            let expected = "a weight of the same sign as before, because the sign selects the port";
            return Err(Error::invalid(format!("{name}.weight"), weight, expected));
        }
        self.plan.check_input::<F>(number, &input)?;
        Ok(spec)
    }

    /// Replaces an input by a validated one.
    fn put_input(&mut self, number: usize, spec: InputSpec) -> Result<()> {
        let input = self.plan.input(&format!("inputs[{number}]"), &spec)?;
        self.replace_input(number, input)?;
        self.plan.description.inputs[number] = spec;
        Ok(())
    }

    pub(crate) fn save_changes(&self) -> Changes {
        let params = self.changed.params.iter().flat_map(|(&i, changed)| {
            let population = &self.plan.populations[i];
            let values = |name: &String| {
                let param = population.bound.params.iter().find(|param| param.name == *name)?;
                Some((population.name.clone(), name.clone(), param.values.clone()))
            };
            changed.names.iter().filter_map(values).collect::<Vec<_>>()
        });
        let inputs = self.changed.inputs.keys();
        Changes {
            params: params.collect(),
            inputs: inputs.map(|&i| (i, InputValues::of(&self.plan.description.inputs[i]))).collect(),
            weights: self.changed.weights.iter().map(|(&i, changed)| (i, changed.values.clone())).collect(),
            readings: self.gathered(self.step).into_iter().map(Vec::from).collect(),
            trains: self.saved_trains(),
        }
    }

    /// Validates the changes of a saved state before anything is changed.
    ///
    /// # Errors
    /// `unknown-name`, `shape-mismatch` or `invalid-parameter` if the state belongs to another network.
    pub(crate) fn prepare_changes(&mut self, changes: &Changes) -> Result<Prepared<F>> {
        self.check_trains(&changes.trains)?;
        let mut new_params: BTreeMap<usize, Vec<(&str, &[f64])>> = BTreeMap::new();
        self.changed.params.keys().for_each(|&i| {
            new_params.insert(i, vec![]);
        });
        for (population, name, values) in &changes.params {
            let i = self.plan.population(population)?;
            let size = self.plan.populations[i].size;
            if values.len() != 1 && values.len() != size {
                let layer = format!("state.changes: {population}.{name}");
                let (expected, got) = (format!("[1] or [{size}]"), format!("[{}]", values.len()));
                return Err(Error::ShapeMismatch { layer, expected, got });
            }
            new_params.entry(i).or_default().push((name, values));
        }
        let mut params = vec![];
        for (i, values) in new_params {
            let described = &self.plan.description.populations[i];
            let now = || (described.neuron.clone(), described.params.clone());
            let (mut spec, mut lists) = self.changed.params.get(&i).map_or_else(now, |c| c.before.clone());
            let mut names = BTreeSet::new();
            for (name, values) in values {
                lists.remove(name);
                match values {
                    [one] => spec["params"][name] = json!(one),
                    many => {
                        spec["params"][name] = json!([]);
                        lists.insert(name.to_string(), many.to_vec());
                    }
                }
                names.insert(name.to_string());
            }
            params.push((i, self.bound_again(i, spec, lists)?, names));
        }
        let mut inputs: BTreeMap<usize, (InputSpec, bool)> =
            self.changed.inputs.iter().map(|(&i, before)| (i, (before.clone(), false))).collect();
        for (i, values) in &changes.inputs {
            let before = match self.changed.inputs.get(i) {
                Some(before) => before,
                None => self.input_spec(*i)?,
            };
            inputs.insert(*i, (self.checked_input(*i, values, before)?, true));
        }
        let weights: BTreeMap<usize, Vec<f64>> = changes.weights.iter().cloned().collect();
        let same = weights.len() == self.changed.weights.len()
            && weights.iter().zip(&self.changed.weights).all(|(a, b)| a.0 == b.0 && *a.1 == b.1.values);
        let weights = match same {
            true => None,
            false => {
                let mut all: BTreeMap<usize, Numbers> = BTreeMap::new();
                for (&i, changed) in &self.changed.weights {
                    all.insert(i, Numbers::Before(changed.before.clone()));
                }
                for (&i, values) in &weights {
                    all.insert(i, Numbers::Values(values));
                }
                Some((self.new_weights(all)?, weights))
            }
        };
        let inputs = inputs.into_iter().map(|(i, (spec, set))| (i, spec, set)).collect();
        Ok(Prepared { params, inputs, weights, trains: changes.trains.clone() })
    }

    /// Replaces the set values by the prepared ones.
    pub(crate) fn put_changes(&mut self, prepared: Prepared<F>) -> Result<()> {
        let Prepared { params, inputs, weights, trains } = prepared;
        self.put_saved_trains(&trains)?;
        for (i, rebound, names) in params {
            let described = &self.plan.description.populations[i];
            let now = || (described.neuron.clone(), described.params.clone());
            let before = self.changed.params.remove(&i).map_or_else(now, |changed| changed.before);
            if !names.is_empty() {
                self.changed.params.insert(i, ChangedParams { before, names });
            }
            self.put_bound(i, rebound)?;
        }
        for (i, spec, set) in inputs {
            let before = self.changed.inputs.remove(&i);
            let before = before.unwrap_or_else(|| self.plan.description.inputs[i].clone());
            if set {
                self.changed.inputs.insert(i, before);
            }
            self.put_input(i, spec)?;
        }
        if let Some((new, values)) = weights {
            self.put_weights(new, values)?;
        }
        Ok(())
    }
}
