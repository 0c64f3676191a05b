//! Checks a description and resolves it: names become indices, times become steps.

use super::intrinsic::Intrinsic;
use super::network::{Connection, Plan, Read, TracePlan, WeightsPlan};
use super::neurons::{Bindings, bind};
use super::plastic_synapse::PlasticSynapse;
use super::population::{Names, Population, Resolved};
use super::ports::route;
use super::signs;
use super::structural::Structural;
use super::trains::{TrainSource, steps};
use crate::random::distribution::{Distribution, Sampler};
use crate::spec::description::{
    ConnectionSpec, Description, PopulationSpec, Probability, Rule, TraceSpec, WeightsSpec,
};
use crate::spec::layout::{Layout, LayoutSpec};
use crate::wiring::by_distance::ByDistance;
use crate::wiring::delays::{Delays, exact};
use crate::wiring::formula::Formula;
use crate::wiring::outgoing::{Places, Wiring};
use crate::wiring::route::Route;
use crate::wiring::rules::{self, Ends};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::settings::check_time_step;
use lapicque_morphology::cable::CellModel;
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

impl Plan {
    /// Errors: `unknown-name` for a population, source, port or state, `invalid-parameter` and
    /// `shape-mismatch` for values, with the path of the error; those of the neurons' parameters.
    pub fn new(description: Description) -> Result<Plan> {
        Self::with(description, &|_, spec, dt| bind(spec, dt))
    }

    /// As `new`, with neurons that may have been bound before.
    pub(crate) fn with(description: Description, bindings: Bindings) -> Result<Plan> {
        let dt = description.dt;
        check_time_step(dt)?;
        let mut plan = Plan {
            populations: vec![],
            neurons: 0,
            sources: 0,
            trains: vec![],
            train_sources: vec![],
            connections: vec![],
            inputs: vec![],
            gaps: vec![],
            published: vec![],
            traces: vec![],
            weights: vec![],
            means: vec![],
            fields: vec![],
            description,
        };
        let mut names = HashMap::new();
        plan.add_populations(&mut names, bindings)?;
        plan.add_trains(&mut names)?;
        // Long lists are moved from the description to where they are used, because a copy of a large network takes much
        // memory.
        for (i, mut spec) in std::mem::take(&mut plan.description.connections).into_iter().enumerate() {
            let connection = plan.connection(i, &mut spec, &names)?;
            let Population { name, bound, connected, .. } = &mut plan.populations[connection.population];
            for port in connection.route.ports(&connection.weight) {
                // Plastic weights move also if the neurons do not read them.
                if connection.synapse.is_none() {
                    bound.check_port(name, port)?;
                }
                connected[port] = true;
            }
            plan.connections.push(connection);
            plan.description.connections.push(spec);
        }
        for (i, spec) in plan.description.inputs.iter().enumerate() {
            let input = plan.input(&format!("inputs[{i}]"), spec)?;
            plan.inputs.push(input);
        }
        for (i, spec) in std::mem::take(&mut plan.description.gaps).into_iter().enumerate() {
            let gaps = plan.gap(i, spec, &names)?;
            plan.gaps.push(gaps);
        }
        plan.published = plan.published_states();
        let record = std::mem::take(&mut plan.description.record);
        for (i, spec) in record.traces.into_iter().enumerate() {
            let trace = plan.trace(&format!("record.traces[{i}]"), spec)?;
            plan.traces.push(trace);
        }
        for (i, spec) in record.means.iter().enumerate() {
            let mean = plan.mean(&format!("record.means[{i}]"), spec)?;
            plan.means.push(mean);
        }
        for (i, spec) in record.fields.iter().enumerate() {
            let field = plan.field(&format!("record.fields[{i}]"), spec)?;
            plan.fields.push(field);
        }
        for (i, spec) in record.weights.iter().enumerate() {
            let weights = plan.recorded_weights(&format!("record.weights[{i}]"), spec)?;
            plan.weights.push(weights);
        }
        if let Some(chosen) = &record.spikes {
            plan.populations.iter_mut().for_each(|population| population.recorded.clear());
            for (i, neurons) in chosen.iter().enumerate() {
                let population = plan.population(neurons.of())?;
                let population = &mut plan.populations[population];
                let range = neurons.range(&format!("record.spikes[{i}]"), population.size)?;
                population.recorded.push(range);
            }
            plan.populations.iter_mut().for_each(|population| united(&mut population.recorded));
        }
        Ok(plan)
    }

    /// The number of synapses; the expected number if they are sampled.
    pub fn synapses(&self) -> u64 {
        self.connections.iter().fold(0, |sum: u64, c| sum.saturating_add(c.expected))
    }

    /// Smallest and largest delay in steps; 1 without connections.
    pub(crate) fn delays(&self) -> [u32; 2] {
        let bounds = self.connections.iter().map(|c| c.delays.bounds());
        bounds.reduce(|[a, b], [c, d]| [a.min(c), b.max(d)]).unwrap_or([1, 1])
    }

    pub(crate) fn population(&self, name: &str) -> Result<usize> {
        let found = self.populations.iter().position(|p| p.name == name);
        found.ok_or_else(|| {
            Error::unknown("population", name, self.populations.iter().map(|p| p.name.as_str()))
        })
    }

    /// Whether an earlier population has the neurons that `spec` describes, all alike. They are then bound once.
    fn has_neurons_of(&self, earlier: usize, spec: &PopulationSpec) -> bool {
        let (population, described) = (&self.populations[earlier], &self.description.populations[earlier]);
        // Cells may vary one by one.
        let same_size = population.bound.cells().is_none() || population.size == spec.size;
        let same = same_size
            && described.params.is_empty()
            && spec.params.is_empty()
            && described.neuron == spec.neuron;
        same && population.bound.are_alike()
    }

    fn add_populations(&mut self, names: &mut Names, bindings: Bindings) -> Result<()> {
        let dt = self.description.dt;
        if self.description.populations.is_empty() {
            return Err(Error::invalid("populations", "none", "at least one population"));
        }
        /// Populations of other neurons with which one is compared, so that a thousand different ones stay fast.
        const COMPARED: usize = 16;
        let mut distinct: Vec<usize> = vec![];
        for mut spec in std::mem::take(&mut self.description.populations) {
            let within = |e: Error| e.within(&spec.name);
            if spec.size == 0 || spec.size > 1 << 30 {
                return Err(Error::invalid(format!("{}.size", spec.name), spec.size, "1 to 2^30 neurons"));
            }
            let number = self.populations.len();
            let known =
                distinct.iter().rev().take(COMPARED).find(|&&other| self.has_neurons_of(other, &spec));
            let bound = match known {
                Some(&other) => Arc::clone(&self.populations[other].bound),
                None => {
                    distinct.push(number);
                    bindings(number, &spec, dt).map_err(within)?
                }
            };
            if let Some(state) = spec.initial.keys().next() {
                bound.refuse_cells(|| format!("{}.initial.{state}", spec.name))?;
            }
            if spec.intrinsic.is_some() {
                bound.refuse_cells(|| format!("{}.intrinsic", spec.name))?;
            }
            for state in spec.initial.keys() {
                if !bound.states.iter().any(|info| info.name == state) {
                    let kind = format!("state of {}", spec.name);
                    return Err(Error::unknown(&kind, state, bound.states.iter().map(|info| info.name)));
                }
            }
            let mut initial = Vec::new();
            for info in &bound.states {
                let Some(value) = spec.initial.remove(info.name) else {
                    initial.push(None);
                    continue;
                };
                let name = format!("{}.initial.{}", spec.name, info.name);
                let distribution = match spec.initial_lists.remove(info.name) {
                    Some(values) => Distribution::Values(values),
                    None => Distribution::deserialize(&value).map_err(|_| {
                        let expected = "a number, one number a neuron, or a distribution";
                        Error::invalid(name.clone(), lapicque_dynamics::settings::short(&value), expected)
                    })?,
                };
                initial.push(Some(Sampler::new(&name, distribution, Some(spec.size))?));
            }
            let range = self.neurons..self.neurons + spec.size;
            insert(names, &spec.name, range.clone(), spec.layout.take())?;
            let mut population = Population {
                intrinsic: None,
                connected: vec![false; bound.ports.len()],
                name: spec.name.clone(),
                size: spec.size,
                first: range.start,
                bound,
                is_wide: OnceLock::new(),
                initial,
                recorded: std::iter::once(0..spec.size).collect(),
            };
            if let Some(intrinsic) = &spec.intrinsic {
                population.intrinsic = Some(Intrinsic::new(&population, intrinsic, dt)?);
            }
            self.populations.push(population);
            self.description.populations.push(spec);
            self.neurons = range.end;
        }
        Ok(())
    }

    fn add_trains(&mut self, names: &mut Names) -> Result<()> {
        let dt = self.description.dt;
        let mut next = self.neurons;
        for mut spec in std::mem::take(&mut self.description.sources) {
            let numbers = next..next + spec.trains.len();
            insert(names, &spec.name, numbers.clone(), spec.layout.take())?;
            self.trains.extend(steps(&format!("{}.trains", spec.name), &spec.trains, next, 0, dt)?);
            next = numbers.end;
            self.train_sources.push(TrainSource { name: spec.name, numbers });
        }
        self.sources = next;
        if self.sources > u32::MAX as usize {
            return Err(Error::invalid(
                "populations",
                format!("{} neurons", self.sources),
                "fewer than 2^32",
            ));
        }
        self.trains.sort_unstable();
        Ok(())
    }

    /// Moves the lists of `spec` into the connection.
    fn connection(&self, i: usize, spec: &mut ConnectionSpec, names: &Names) -> Result<Connection> {
        let name = spec.name(i);
        let from = resolved(names, spec.from.of())?;
        let population = self.population(spec.to.of())?;
        let target = &self.populations[population];
        if from.range.is_empty() {
            return Err(Error::invalid(name, "no sources", "at least one train"));
        }
        let of = self.populations.iter().position(|p| p.first == from.range.start);
        self.check_spikes(of)?;
        let chosen = spec.from.range(&format!("{name}.from"), from.range.len())?;
        let sources = from.range.start + chosen.start..from.range.start + chosen.end;
        let targets = spec.to.range(&format!("{name}.to"), target.size)?;
        let listed = match &spec.rule {
            Rule::List { sources, .. } => Some(sources.len()),
            _ => None,
        };
        let first_target = target.first + targets.start;
        let ends = Ends::between(sources.clone(), first_target, targets.len(), spec.autapses);
        let mut expected = rules::check(&name, &spec.rule, ends, spec.multapses)?;
        let layouts = [
            (spec.from.of(), from.layout.as_ref()),
            (spec.to.of(), resolved(names, spec.to.of())?.layout.as_ref()),
        ];
        let values = [("weight", &spec.weight), ("delay", &spec.delay)];
        let dt = self.description.dt;
        let ends_and_offsets = (ends, chosen.start, targets.start);
        let by_distance = ByDistance::of(&name, &spec.rule, values, layouts, ends_and_offsets, dt)?;
        let formula = |of: fn(&ByDistance) -> &Option<Formula>| {
            by_distance.as_deref().and_then(|all| of(all).as_ref()).map(Formula::bounds)
        };
        if let (Some(by_distance), Rule::Bernoulli { p: Probability::Expression(_) }) =
            (&by_distance, &spec.rule)
        {
            let mean = by_distance.mean_probability();
            expected = (mean * expected as f64) as u64;
        }
        let weight = match formula(|all| &all.weight) {
            Some(bounds) => Sampler::OfDistance(bounds),
            None => {
                let weight = std::mem::replace(&mut spec.weight, Distribution::Constant(0.0));
                Sampler::new(&format!("{name}.weight"), weight, listed)?
            }
        };
        let delay = format!("{name}.delay");
        let delays = match (formula(|all| &all.delay), &spec.delay) {
            (Some(bounds), Distribution::Expression(text)) => Delays::of_distance(&delay, text, bounds, dt)?,
            _ => {
                let given = std::mem::replace(&mut spec.delay, Distribution::Constant(0.0));
                Delays::new(&delay, given, listed, dt)?
            }
        };
        let route = route(target, spec.port.as_deref(), true)?;
        signs::check_weights(target, route, &format!("{name}.weight"), &weight)?;
        let synapse = self.synapse(&name, spec, &weight, (target, route), names)?;
        let wiring = Wiring {
            rule: std::mem::replace(&mut spec.rule, Rule::OneToOne),
            ends,
            first_target: targets.start as u32,
            multapses: spec.multapses,
            by_distance,
            places: match route {
                Route::Places { first, count } => Some(Arc::new(places(target, first, count))),
                _ => None,
            },
        };
        let (source_population, source_first) = of.map_or((0, 0), |i| (i, self.populations[i].first));
        let structural = None;
        let mut connection = Connection {
            sources,
            population,
            route,
            wiring,
            weight,
            delays,
            synapse,
            structural,
            source_population,
            source_first,
            expected,
            starts: None,
        };
        if let Some(spec) = &spec.structural {
            if of.is_none() {
                let expected = "sources that are neurons: spike trains have no elements";
                return Err(Error::invalid(format!("{name}.structural"), "spike trains", expected));
            }
            connection.structural = Some(Structural::new(&name, spec, &connection, dt)?);
        }
        Ok(connection)
    }

    /// The rule of a connection's synapses; `None` if they do not change.
    fn synapse(
        &self,
        name: &str,
        spec: &ConnectionSpec,
        weight: &Sampler,
        (target, route): (&Population, Route),
        names: &Names,
    ) -> Result<Option<PlasticSynapse>> {
        let dt = self.description.dt;
        if (spec.synapse.is_some() || spec.structural.is_some()) && matches!(route, Route::Places { .. }) {
            return Err(Error::Unsupported {
                feature: format!("{name}: synapses that change, onto a target with several places"),
                format: "a population of cells with morphologies".into(),
            });
        }
        let plastic = |spec| PlasticSynapse::new(name, spec, weight, route, target, dt);
        // Structurally plastic synapses are stored in plastic rows even if their weights do not change.
        let still = serde_json::json!({"model": "custom", "equations": {}});
        let given = spec.synapse.as_ref().or(spec.structural.as_ref().map(|_| &still));
        let mut synapse = given.map(plastic).transpose()?;
        if let Some(ms) = spec.dendritic_delay {
            let name = format!("{name}.dendriticDelay");
            let Some(synapse) = &mut synapse else {
                return Err(Error::invalid(name, ms, "nothing: synapses that do not change"));
            };
            synapse.dendrite = exact(&name, ms, dt)?;
        }
        if let Some(modulator) = &spec.modulator {
            match &mut synapse {
                Some(synapse) if synapse.rule.modulated.is_some() => {
                    self.check_spikes(self.populations.iter().position(|p| p.name == *modulator))?;
                    synapse.modulator = Some(resolved(names, modulator)?.range.clone())
                }
                _ => {
                    let expected = "nothing: no rule of the connection is modulated";
                    return Err(Error::invalid(format!("{name}.modulator"), modulator, expected));
                }
            }
        }
        Ok(synapse)
    }

    /// Errors: `unsupported` if a population's neurons do not spike or its spikes have a value other than 1, because synapses
    /// transmit nothing else.
    fn check_spikes(&self, population: Option<usize>) -> Result<()> {
        let Some(Population { name, bound, .. }) = population.map(|i| &self.populations[i]) else {
            return Ok(());
        };
        if bound.output.is_none() {
            return Ok(());
        }
        let what = if bound.spiking { "spikes are worth other than 1" } else { "neurons do not spike" };
        let feature = format!("synapses from {name}, whose {what}");
        Err(Error::Unsupported { feature, format: "a large network".into() })
    }

    /// Whether the input of a port is recorded.
    pub(crate) fn traces_port(&self, population: usize, port: usize) -> bool {
        self.traces.iter().any(|trace| trace.population == population && trace.read == Read::Port(port))
    }

    fn trace(&self, name: &str, spec: TraceSpec) -> Result<TracePlan> {
        let population = self.population(&spec.population)?;
        let target = &self.populations[population];
        let (states, ports) = (&target.bound.states, &target.bound.ports);
        let state = states.iter().position(|info| info.name == spec.state).map(Read::State);
        // The input of a target with several places is not one number.
        let is_single = |name: &str| {
            let cells = target.bound.cells();
            cells.is_none_or(|cells| cells.targets().iter().any(|of| of.name == name && of.nodes.len() == 1))
        };
        let port = || {
            let found = ports.iter().position(|port| *port == spec.state && is_single(port));
            found.map(Read::Port)
        };
        let read = state.or_else(port).ok_or_else(|| {
            let ports = ports.iter().copied().filter(|port| is_single(port));
            let known = states.iter().map(|info| info.name).chain(ports);
            Error::unknown(&format!("state or port of {}", target.name), &spec.state, known)
        })?;
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        let neurons = spec.neurons.unwrap_or_else(|| (0..target.size as u32).collect());
        if neurons.is_empty() {
            return Err(Error::invalid(format!("{name}.neurons"), "none", "at least one neuron"));
        }
        if let Some(i) = neurons.iter().position(|&n| n as usize >= target.size) {
            let expected = format!("a neuron below {}", target.size);
            return Err(Error::invalid(format!("{name}.neurons[{i}]"), neurons[i], expected));
        }
        Ok(TracePlan { population, read, every, neurons })
    }

    fn recorded_weights(&self, name: &str, spec: &WeightsSpec) -> Result<WeightsPlan> {
        let WeightsSpec { connection, every } = *spec;
        if self.connections.get(connection).is_none_or(|c| c.synapse.is_none()) {
            let expected = "the number of a connection with a synapse model";
            return Err(Error::invalid(format!("{name}.connection"), connection, expected));
        }
        if self.connections[connection].structural.is_some() {
            let expected = "a connection whose synapses stay";
            return Err(Error::invalid(format!("{name}.connection"), connection, expected));
        }
        if self.weights.iter().any(|weights| weights.connection == connection) {
            return Err(Error::invalid(format!("{name}.connection"), connection, "each connection once"));
        }
        Ok(WeightsPlan { connection, every: self.every(name, every)? })
    }

    /// An interval in steps.
    pub(crate) fn every(&self, name: &str, ms: f64) -> Result<u64> {
        let dt = self.description.dt;
        let every = ms / dt;
        match (0.5..1e15).contains(&every) && (every - every.round()).abs() < 1e-6 {
            true => Ok(every.round() as u64),
            false => {
                let expected = format!("a whole number of steps of {dt} ms, at least one");
                Err(Error::invalid(format!("{name}.every"), ms, expected))
            }
        }
    }
}

/// The places of a target whose first port is given.
fn places(target: &Population, first: usize, count: usize) -> Places {
    let targets = target.bound.cells().map_or(&[][..], CellModel::targets);
    let mut port = 0;
    let found = targets.iter().find(|of| {
        port += of.nodes.len();
        port > first
    });
    let shares = found.and_then(|of| of.shares.clone()).unwrap_or_else(|| vec![1.0; count]);
    Places::new(&shares)
}

fn resolved<'a>(names: &'a Names, of: &str) -> Result<&'a Resolved> {
    names.get(of).ok_or_else(|| {
        let mut known: Vec<&str> = names.keys().map(String::as_str).collect();
        known.sort_unstable();
        Error::unknown("population or source", of, known)
    })
}

fn insert(names: &mut Names, name: &str, range: Range<usize>, layout: Option<LayoutSpec>) -> Result<()> {
    if name.is_empty() || names.contains_key(name) {
        return Err(Error::invalid(
            "name",
            format!("\"{name}\""),
            "a unique name for each population and source",
        ));
    }
    let layout = layout.map(|spec| Layout::new(&format!("{name}.layout"), spec, range.len())).transpose()?;
    names.insert(name.to_string(), Resolved { range, layout: layout.map(Arc::new) });
    Ok(())
}

/// Merges ranges that touch or overlap; the result is ascending.
fn united(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| range.start);
    let mut all: Vec<Range<usize>> = Vec::new();
    for range in ranges.drain(..) {
        match all.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    *ranges = all;
}
