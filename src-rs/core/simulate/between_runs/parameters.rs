//! Reading and setting parameters and states of neurons between two runs.

use crate::construction::changed::ChangedParams;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::build_part::{coefs, drives};
use crate::neurons::double_step::Wide;
use crate::neurons::drive::Drive;
use crate::neurons::generated_step::GeneratedStep;
use crate::neurons::sub_steps::SubSteps;
use crate::partitions::partition::Partition;
use crate::plan::in_range::check_representable;
use crate::plan::inputs::{Input, InputKind};
use crate::plan::neurons::Neurons;
use crate::plan::population::Population;
use crate::random::stream;
use crate::representation::numbering::BLOCK;
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::Bound;
use lapicque_dynamics::settings::Lists;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

impl<F: Precision> Simulation<F> {
    /// A state or parameter of some neurons of a population: one value per neuron.
    ///
    /// # Errors
    /// `unknown-name` for a population, state or parameter; `invalid-parameter` for a range outside the population.
    #[inline(never)]
    pub fn get(&self, population: &str, neurons: Range<usize>, name: &str) -> Result<Vec<f64>> {
        let i = self.plan.population(population)?;
        let population = &self.plan.populations[i];
        let neurons = within(population, neurons)?;
        if let Some(state) = state(population, name) {
            let mut values = vec![0.0; neurons.len()];
            for partition in &self.partitions {
                let partition = lock(partition);
                for_each(&partition, i, &neurons, |own, neuron_slot| {
                    values[own] = partition.parts[i].value(state, neuron_slot);
                });
            }
            return Ok(values);
        }
        let param = population.bound.params.iter().find(|param| param.name == name);
        let param = param.ok_or_else(|| unknown_name(population, name))?;
        let value = |n: usize| param.values[if param.values.len() == 1 { 0 } else { n }];
        Ok(neurons.map(value).collect())
    }

    /// Sets states and parameters of some neurons of a population, each to one value for all or one value per neuron. If one
    /// cannot be set, none is.
    ///
    /// # Errors
    /// Those of [`get`](Simulation::get); `shape-mismatch`; those of the neurons' parameters; `unsupported` for a value that
    /// would give the neurons other states.
    #[inline(never)]
    pub fn set(
        &mut self,
        population: &str,
        neurons: Range<usize>,
        values: &[(String, Vec<f64>)],
    ) -> Result<()> {
        let i = self.plan.population(population)?;
        let described = &self.plan.description.populations[i];
        let before = (described.neuron.clone(), described.params.clone());
        self.assign(population, neurons.clone(), values)?;
        if self.step == 0 {
            self.start_again(i, neurons, values);
        }
        // A parameter with intrinsic plasticity is stored in every state, so it need not be recorded as a change.
        let moves = self.plan.populations[i].intrinsic.as_ref().map(|intrinsic| intrinsic.parameter.clone());
        let is_param =
            |name: &String| state(&self.plan.populations[i], name).is_none() && moves.as_ref() != Some(name);
        let names: Vec<String> =
            values.iter().map(|(name, _)| name).filter(|name| is_param(name)).cloned().collect();
        if !names.is_empty() {
            let changed = self.changed.params.entry(i);
            let changed = changed.or_insert_with(|| ChangedParams { before, names: BTreeSet::new() });
            changed.names.extend(names);
        }
        Ok(())
    }

    /// Before the first step, initial values follow the parameters that hold them, except for neurons whose state was set.
    fn start_again(&mut self, i: usize, neurons: Range<usize>, values: &[(String, Vec<f64>)]) {
        let population = &self.plan.populations[i];
        for state in values.iter().filter_map(|(name, _)| state(population, name)) {
            let set = self.changed.states.entry((i, state)).or_insert_with(|| vec![false; population.size]);
            set[neurons.clone()].fill(true);
        }
        for (s, info) in population.bound.states.iter().enumerate() {
            if info.param.is_none() || population.initial[s].is_some() {
                continue;
            }
            let set = self.changed.states.get(&(i, s));
            for partition in &self.partitions {
                let mut partition = lock(partition);
                let (stride, last) = (partition.stride, population.size - 1);
                let part = &mut partition.parts[i];
                for neuron_slot in 0..part.neuron_slots {
                    let n = part.neuron(neuron_slot, stride).min(last);
                    if !set.is_some_and(|set| set[n]) {
                        part.set_value(s, neuron_slot, info.init[if info.init.len() == 1 { 0 } else { n }]);
                    }
                }
            }
        }
    }

    /// As [`set`](Simulation::set), without recording the change for saved states.
    pub(crate) fn assign(
        &mut self,
        population: &str,
        neurons: Range<usize>,
        values: &[(String, Vec<f64>)],
    ) -> Result<()> {
        let i = self.plan.population(population)?;
        let neurons = within(&self.plan.populations[i], neurons)?;
        let population = &self.plan.populations[i];
        population.bound.refuse_cells(|| format!("setting values of {} between runs", population.name))?;
        let described = &self.plan.description.populations[i];
        let (mut spec, mut lists) = (described.neuron.clone(), described.params.clone());
        let (mut states, mut changed) = (Vec::new(), false);
        for (name, values) in values {
            let at = format!("{}.{name}", population.name);
            if values.len() != 1 && values.len() != neurons.len() {
                return Err(Error::ShapeMismatch {
                    layer: at,
                    expected: format!("[1] or [{}]", neurons.len()),
                    got: format!("[{}]", values.len()),
                });
            }
            if let Some(k) = values.iter().position(|x| !x.is_finite()) {
                return Err(Error::invalid(format!("{at}[{k}]"), values[k], "a finite number"));
            }
            match state(population, name) {
                Some(state) => {
                    check_representable::<F>(&at, values)?;
                    states.push((state, values));
                }
                None => {
                    let values = merged(population, &neurons, name, values)?;
                    lists.remove(name);
                    if values.len() == 1 {
                        spec["params"][name] = json!(values[0]);
                    } else {
                        spec["params"][name] = json!([]);
                        lists.insert(name.clone(), values);
                    }
                    changed = true;
                }
            }
        }
        if changed {
            let rebound = self.bound_again(i, spec, lists)?;
            self.put_bound(i, rebound)?;
        }
        for partition in &self.partitions {
            let mut partition = lock(partition);
            for &(state, values) in &states {
                let mut neuron_slots = Vec::new();
                for_each(&partition, i, &neurons, |own, neuron_slot| neuron_slots.push((own, neuron_slot)));
                let value = |own: usize| values[if values.len() == 1 { 0 } else { own }];
                let part = &mut partition.parts[i];
                neuron_slots
                    .into_iter()
                    .for_each(|(own, neuron_slot)| part.set_value(state, neuron_slot, value(own)));
            }
        }
        Ok(())
    }

    /// The population's neurons bound to the parameters of `spec` and its long lists, validated.
    ///
    /// # Errors
    /// Those of [`set`](Simulation::set).
    pub(crate) fn bound_again(&self, i: usize, spec: Value, lists: Lists) -> Result<Rebound> {
        let population = &self.plan.populations[i];
        let bound = Bound::with_lists(&spec, lists.clone(), population.size, self.plan.description.dt)
            .map_err(|error| error.within(&population.name))?;
        let names = |bound: &Bound| bound.states.iter().map(|state| state.name).collect::<Vec<_>>();
        let (before, after) = (names(&population.bound), names(&bound));
        if before != after {
            return Err(Error::Unsupported {
                feature: format!(
                    "a parameter that gives {} other states ({}) than it has ({})",
                    population.name,
                    after.join(", "),
                    before.join(", ")
                ),
                format: "a simulation under way (set it when the network is described)".into(),
            });
        }
        let derived = bound.derived();
        bound.check_representable::<F>(&derived).map_err(|error| error.within(&population.name))?;
        Ok(Rebound { bound, derived, spec, lists })
    }

    pub(crate) fn put_bound(&mut self, i: usize, rebound: Rebound) -> Result<()> {
        let Rebound { bound, derived, spec, lists } = rebound;
        let last = self.plan.populations[i].size - 1;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let stride = partition.stride;
            let part = &mut partition.parts[i];
            part.coefs =
                coefs(&derived, part.neuron_slots, |neuron_slot| part.neuron(neuron_slot, stride).min(last));
        }
        self.plan.populations[i].bound = Arc::new(Neurons::new(bound));
        self.decide_width(i, &derived)?;
        self.update_shared(i, &derived);
        let described = &mut self.plan.description.populations[i];
        (described.neuron, described.params) = (spec, lists);
        Ok(())
    }

    /// Decides whether a population is computed in double precision, after its parameters or inputs have changed.
    fn decide_width(&mut self, i: usize, derived: &[Vec<f64>]) -> Result<()> {
        self.plan.populations[i].is_wide = OnceLock::new();
        let is_wide = self.plan.is_wide::<F>(i, derived);
        let population = &self.plan.populations[i];
        let last = population.size - 1;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let stride = partition.stride;
            partition.together = None;
            let part = &mut partition.parts[i];
            let block = part.block;
            let neuron =
                |neuron_slot: usize| (block + neuron_slot / BLOCK * stride) * BLOCK + neuron_slot % BLOCK;
            part.widen(is_wide, derived, |neuron_slot| neuron(neuron_slot).min(last))?;
        }
        let shared = &mut self.shared[i];
        let before = shared.wide.take();
        if is_wide != before.is_some() {
            let (drives, currents) = drives(&self.plan, i, self.seed, is_wide);
            shared.drives = drives;
            shared.wide = is_wide.then(|| Wide::new(&population.bound, currents, self.level));
        } else {
            shared.wide = before.map(|wide| Wide::new(&population.bound, wide.currents, self.level));
        }
        Ok(())
    }

    /// Updates the data that all partitions share of a population, after its coefficients or units have changed.
    pub(crate) fn update_shared(&mut self, i: usize, derived: &[Vec<f64>]) {
        let (population, shared) = (&self.plan.populations[i], &mut self.shared[i]);
        let (bound, connected) = (&population.bound, &population.connected);
        shared.kernel = bound.kernel(self.level);
        shared.generated = match &shared.wide {
            None => GeneratedStep::new(bound, derived, connected, &shared.driven, &shared.units, self.level),
            Some(_) => None,
        };
        shared.rolled = SubSteps::new(bound, self.level);
    }

    /// Replaces an input; the random numbers stay the same.
    pub(crate) fn replace_input(&mut self, number: usize, input: Input) -> Result<()> {
        let i = input.population;
        let index = self.plan.inputs[..number].iter().filter(|other| other.population == i).count();
        let input_is_constant = !matches!(input.kind, InputKind::Poisson { .. });
        self.plan.inputs[number] = input;
        if size_of::<F>() < size_of::<f64>() && input_is_constant {
            let derived = self.plan.populations[i].bound.derived();
            self.decide_width(i, &derived)?;
            self.update_shared(i, &derived);
        }
        let (kind, shared) = (&self.plan.inputs[number].kind, &mut self.shared[i]);
        let (drive, current) =
            Drive::of(kind, self.seed, stream::INPUT | number as u64, shared.wide.is_some());
        shared.drives[index].drive = drive;
        if let Some(wide) = &mut shared.wide {
            wide.currents[index].drive = current;
        }
        Ok(())
    }
}

/// A population with other parameters.
pub struct Rebound {
    bound: Bound,
    derived: Vec<Vec<f64>>,
    spec: Value,
    lists: Lists,
}

fn within(population: &Population, neurons: Range<usize>) -> Result<Range<usize>> {
    if neurons.start < neurons.end && neurons.end <= population.size {
        return Ok(neurons);
    }
    let expected = format!("some of the {} neurons of {}", population.size, population.name);
    Err(Error::invalid("neurons", format!("{} to {}", neurons.start, neurons.end), expected))
}

fn state(population: &Population, name: &str) -> Option<usize> {
    population.bound.states.iter().position(|state| state.name == name)
}

fn unknown_name(population: &Population, name: &str) -> Error {
    let bound = &population.bound;
    let known =
        bound.states.iter().map(|state| state.name).chain(bound.params.iter().map(|param| param.name));
    Error::unknown(&format!("state or parameter of {}", population.name), name, known)
}

/// A parameter of all neurons, with these values for some.
fn merged(population: &Population, neurons: &Range<usize>, name: &str, values: &[f64]) -> Result<Vec<f64>> {
    if neurons.len() == population.size {
        return Ok(values.to_vec());
    }
    let param = population.bound.params.iter().find(|param| param.name == name);
    let param = param.ok_or_else(|| unknown_name(population, name))?;
    let all = (0..population.size).map(|n| match neurons.contains(&n) {
        true => values[if values.len() == 1 { 0 } else { n - neurons.start }],
        false => param.values[if param.values.len() == 1 { 0 } else { n }],
    });
    Ok(all.collect())
}

/// Calls `visit` with the position in `neurons` and the slot of each neuron that a partition has.
fn for_each<F: Precision>(
    partition: &Partition<F>,
    population: usize,
    neurons: &Range<usize>,
    mut visit: impl FnMut(usize, usize),
) {
    let part = &partition.parts[population];
    for neuron_slot in 0..part.neuron_slots {
        let neuron = part.neuron(neuron_slot, partition.stride);
        if neurons.contains(&neuron) {
            visit(neuron - neurons.start, neuron_slot);
        }
    }
}
