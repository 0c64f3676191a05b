//! A description checked and resolved: names become indices, times become steps.

use super::delays::Delays;
use super::description::{ConnectionSpec, Description, Rule, TraceSpec, WeightsSpec};
use super::distribution::{Distribution, Sampler};
use super::inputs::Input;
use super::precision::Precision;
use super::rules;
use crate::dynamics::Bound;
use crate::dynamics::names::unknown;
use crate::error::{Error, Result};
use crate::plasticity::{self, synapse::check_weight};
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Range;

#[derive(Debug)]
pub struct Plan {
    pub description: Description,
    pub populations: Vec<Population>,
    /// Neurons of all populations; the sources of spike trains are numbered after them.
    pub neurons: usize,
    pub sources: usize,
    /// Spikes of the trains, as `(step, source)` in ascending order.
    pub(super) trains: Vec<(u64, u32)>,
    pub(super) connections: Vec<Connection>,
    pub(super) inputs: Vec<Input>,
    pub(super) traces: Vec<TracePlan>,
    pub(super) weights: Vec<WeightsPlan>,
}

#[derive(Debug)]
pub struct Population {
    pub name: String,
    pub size: usize,
    /// Number of its first neuron.
    pub first: usize,
    pub bound: Bound,
    pub(super) initial: Vec<Option<Sampler>>,
    /// Which ports get synapses.
    pub(super) connected: Vec<bool>,
    pub recorded: bool,
}

#[derive(Debug)]
pub struct Connection {
    pub sources: Range<usize>,
    pub population: usize,
    pub route: Route,
    pub rule: Rule,
    pub skip_self: bool,
    pub multapses: bool,
    pub weight: Sampler,
    pub delays: Delays,
    pub synapse: Option<PlasticSynapse>,
    /// Synapses, or how many are to be expected.
    pub expected: u64,
}

/// How the synapses of a connection change.
#[derive(Debug)]
pub struct PlasticSynapse {
    pub rule: plasticity::Bound,
    /// -1 where weights are negative: the rule works on magnitudes.
    pub sign: f64,
    /// The largest magnitude that may arrive.
    pub most: f64,
    pub modulator: Option<Range<usize>>,
}

impl PlasticSynapse {
    fn new(name: &str, spec: &Value, weight: &Sampler, route: Route, dt: f64) -> Result<PlasticSynapse> {
        let rule = plasticity::Bound::new(spec, dt).map_err(|e| at(&format!("{name}.synapse"), e))?;
        let bounds = weight.bounds();
        let crosses = rule.bounds.is_some_and(|[low, _]| low < 0.0);
        let sign = if !crosses && bounds[1] <= 0.0 && bounds[0] < 0.0 { -1.0 } else { 1.0 };
        for w in bounds {
            check_weight(&rule, &format!("{name}.weight"), sign * w)?;
        }
        if matches!(route, Route::BySign { .. }) && (crosses || bounds[0] * bounds[1] < 0.0) {
            let expected = "a port: weights that change their sign cannot choose it";
            return Err(Error::invalid(format!("{name}.port"), "nothing", expected));
        }
        let most = bounds.into_iter().map(|w| rule.most(w)).fold(0.0, f64::max);
        Ok(PlasticSynapse { rule, sign, most, modulator: None })
    }
}

/// Which port a synapse leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Port(usize),
    /// By the sign of the weight, which is taken off.
    BySign {
        positive: usize,
        negative: usize,
    },
}

impl Route {
    pub fn of(self, weight: f64) -> (usize, f64) {
        match self {
            Route::Port(port) => (port, weight),
            Route::BySign { negative, .. } if weight < 0.0 => (negative, -weight),
            Route::BySign { positive, .. } => (positive, weight),
        }
    }

    fn ports(self, weight: &Sampler) -> Vec<usize> {
        let [low, high] = weight.bounds();
        let mut ports = vec![self.of(low).0, self.of(high).0];
        ports.dedup();
        ports
    }
}

#[derive(Debug)]
pub struct TracePlan {
    pub population: usize,
    pub state: usize,
    pub every: u64,
    pub neurons: Vec<u32>,
}

#[derive(Debug)]
pub struct WeightsPlan {
    pub connection: usize,
    pub every: u64,
}

impl Plan {
    /// Errors: `unknown-name` for a population, source, port or state, `invalid-parameter` and
    /// `shape-mismatch` for values, with the path of what is wrong; those of the neurons' parameters.
    pub fn new(description: Description) -> Result<Plan> {
        let dt = description.dt;
        if !(dt.is_finite() && dt > 0.0) {
            return Err(Error::invalid("dt", dt, "a time step in ms above 0"));
        }
        let mut plan = Plan {
            populations: vec![],
            neurons: 0,
            sources: 0,
            trains: vec![],
            connections: vec![],
            inputs: vec![],
            traces: vec![],
            weights: vec![],
            description,
        };
        let mut ranges = HashMap::new();
        plan.add_populations(&mut ranges)?;
        plan.add_trains(&mut ranges)?;
        let description = plan.description.clone();
        for (i, spec) in description.connections.iter().enumerate() {
            let connection = plan.connection(i, spec, &ranges)?;
            let connected = &mut plan.populations[connection.population].connected;
            connection.route.ports(&connection.weight).into_iter().for_each(|port| connected[port] = true);
            plan.connections.push(connection);
        }
        for (i, spec) in description.inputs.iter().enumerate() {
            let input = plan.input(&format!("inputs[{i}]"), spec)?;
            plan.inputs.push(input);
        }
        for (i, spec) in description.record.traces.iter().enumerate() {
            let trace = plan.trace(&format!("record.traces[{i}]"), spec)?;
            plan.traces.push(trace);
        }
        for (i, spec) in description.record.weights.iter().enumerate() {
            let weights = plan.recorded_weights(&format!("record.weights[{i}]"), spec)?;
            plan.weights.push(weights);
        }
        if let Some(names) = &description.record.spikes {
            let chosen: Vec<usize> = names.iter().map(|name| plan.population(name)).collect::<Result<_>>()?;
            for (i, population) in plan.populations.iter_mut().enumerate() {
                population.recorded = chosen.contains(&i);
            }
        }
        Ok(plan)
    }

    /// Synapses, as far as rules say before they are drawn.
    pub fn synapses(&self) -> u64 {
        self.connections.iter().fold(0, |sum: u64, c| sum.saturating_add(c.expected))
    }

    /// Smallest and largest delay in steps; 1 without connections.
    pub(super) fn delays(&self) -> [u32; 2] {
        let bounds = self.connections.iter().map(|c| c.delays.bounds());
        bounds.reduce(|[a, b], [c, d]| [a.min(c), b.max(d)]).unwrap_or([1, 1])
    }

    /// Bytes of a simulation on `partitions` partitions.
    pub fn bytes<F: Precision>(&self, partitions: usize) -> u64 {
        let real = size_of::<F>() as u64;
        let [low, high] = self.delays();
        let delays = u64::from(high - low) + 1;
        let size = size_of::<F::Synapse>() as u64;
        let each = |c: &Connection| match &c.synapse {
            Some(synapse) => size_of::<F::Target>() as u64 + synapse.rule.variables.len() as u64 * real,
            None => size,
        };
        let synapses = self.connections.iter().map(|c| c.expected.saturating_mul(each(c)));
        let synapses = synapses.fold(0, u64::saturating_add);
        // Segments are filled up to whole quads: one and a half synapses are empty on average.
        let filling =
            (self.sources as u64 * partitions as u64).saturating_mul(delays * 3 / 2 * size).min(synapses);
        // Segments, and where they begin.
        let rows = (self.sources as u64 * partitions as u64).saturating_mul(delays * 4 + 16);
        // What rules hold while the rows are built.
        let held = |c: &Connection| match c.rule {
            Rule::List { .. } => c.expected * 16,
            Rule::FixedInDegree { .. } => c.expected * 4,
            _ => 0,
        };
        let lists: u64 = self.connections.iter().map(held).sum();
        let neurons: u64 = self
            .populations
            .iter()
            .map(|p| (p.size.div_ceil(64) * 64 * (p.bound.states.len() + p.bound.coefs.len())) as u64 * real)
            .sum();
        let sums = partitions as u64 * (F::MOST_SLOTS.min(1 << 16) * size_of::<F::Sum>()) as u64;
        [synapses, filling, rows, lists, neurons, sums].into_iter().fold(0, u64::saturating_add)
    }

    pub(super) fn population(&self, name: &str) -> Result<usize> {
        let found = self.populations.iter().position(|p| p.name == name);
        found.ok_or_else(|| unknown("population", name, self.populations.iter().map(|p| p.name.as_str())))
    }

    fn add_populations(&mut self, ranges: &mut HashMap<String, Range<usize>>) -> Result<()> {
        let description = self.description.clone();
        if description.populations.is_empty() {
            return Err(Error::invalid("populations", "none", "at least one population"));
        }
        for spec in description.populations {
            let within = |e| at(&spec.name, e);
            if spec.size == 0 || spec.size > 1 << 30 {
                return Err(Error::invalid(format!("{}.size", spec.name), spec.size, "1 to 2^30 neurons"));
            }
            let bound = Bound::new(&spec.neuron, spec.size, description.dt).map_err(within)?;
            if bound.noise.is_some() {
                return Err(Error::Unsupported {
                    feature: format!("xi in the equations of {}", spec.name),
                    format: "large networks (connect noise to an input instead)".into(),
                });
            }
            for state in spec.initial.keys() {
                if !bound.states.iter().any(|info| info.name == state) {
                    let kind = format!("state of {}", spec.name);
                    return Err(unknown(&kind, state, bound.states.iter().map(|info| info.name)));
                }
            }
            let mut initial = Vec::new();
            for info in &bound.states {
                let Some(value) = spec.initial.get(info.name) else {
                    initial.push(None);
                    continue;
                };
                let name = format!("{}.initial.{}", spec.name, info.name);
                let distribution: Distribution = serde_json::from_value(value.clone()).map_err(|_| {
                    let expected = "a number, one number a neuron, or a distribution";
                    Error::invalid(name.clone(), crate::dynamics::settings::short(value), expected)
                })?;
                initial.push(Some(Sampler::new(&name, &distribution, Some(spec.size))?));
            }
            let range = self.neurons..self.neurons + spec.size;
            insert(ranges, &spec.name, range.clone())?;
            self.populations.push(Population {
                connected: vec![false; bound.ports.len()],
                name: spec.name,
                size: spec.size,
                first: range.start,
                bound,
                initial,
                recorded: true,
            });
            self.neurons = range.end;
        }
        Ok(())
    }

    fn add_trains(&mut self, ranges: &mut HashMap<String, Range<usize>>) -> Result<()> {
        let dt = self.description.dt;
        let mut next = self.neurons;
        for spec in &self.description.sources {
            insert(ranges, &spec.name, next..next + spec.trains.len())?;
            for (i, train) in spec.trains.iter().enumerate() {
                let mut last = 0u64;
                for (j, &ms) in train.iter().enumerate() {
                    let step = (ms / dt).round();
                    let on_grid = (1.0..9e15).contains(&step) && (ms - step * dt).abs() <= 1e-6 * dt;
                    if !on_grid || step as u64 <= last {
                        let expected = format!("ascending whole multiples of {dt} ms, one spike a step");
                        return Err(Error::invalid(format!("{}.trains[{i}][{j}]", spec.name), ms, expected));
                    }
                    last = step as u64;
                    self.trains.push((last, (next + i) as u32));
                }
            }
            next += spec.trains.len();
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

    fn connection(
        &self,
        i: usize,
        spec: &ConnectionSpec,
        ranges: &HashMap<String, Range<usize>>,
    ) -> Result<Connection> {
        let name = format!("connections[{i}] ({} to {})", spec.from, spec.to);
        let range = |from: &str| {
            ranges.get(from).cloned().ok_or_else(|| {
                let mut known: Vec<&str> = ranges.keys().map(String::as_str).collect();
                known.sort_unstable();
                unknown("population or source", from, known)
            })
        };
        let sources = range(&spec.from)?;
        let population = self.population(&spec.to)?;
        let target = &self.populations[population];
        let listed = match &spec.rule {
            Rule::List { sources, .. } => Some(sources.len()),
            _ => None,
        };
        let sizes = [sources.len(), target.size];
        let skip_self = !spec.autapses && sources.start == target.first;
        if sources.is_empty() {
            return Err(Error::invalid(name, "no sources", "at least one train"));
        }
        let expected = rules::check(&name, &spec.rule, sizes, skip_self, spec.multapses)?;
        let weight = Sampler::new(&format!("{name}.weight"), &spec.weight, listed)?;
        let delays = Delays::new(&format!("{name}.delay"), &spec.delay, listed, self.description.dt)?;
        let route = route(target, spec.port.as_deref(), true)?;
        let plastic = |spec| PlasticSynapse::new(&name, spec, &weight, route, self.description.dt);
        let mut synapse = spec.synapse.as_ref().map(plastic).transpose()?;
        if let Some(modulator) = &spec.modulator {
            match &mut synapse {
                Some(synapse) if synapse.rule.modulated.is_some() => {
                    synapse.modulator = Some(range(modulator)?)
                }
                _ => {
                    let expected = "nothing: no rule of the connection is modulated";
                    return Err(Error::invalid(format!("{name}.modulator"), modulator, expected));
                }
            }
        }
        let (rule, multapses) = (spec.rule.clone(), spec.multapses);
        Ok(Connection {
            sources,
            population,
            route,
            rule,
            skip_self,
            multapses,
            weight,
            delays,
            synapse,
            expected,
        })
    }

    fn trace(&self, name: &str, spec: &TraceSpec) -> Result<TracePlan> {
        let population = self.population(&spec.population)?;
        let target = &self.populations[population];
        let states = &target.bound.states;
        let state = states.iter().position(|info| info.name == spec.state).ok_or_else(|| {
            unknown(&format!("state of {}", target.name), &spec.state, states.iter().map(|info| info.name))
        })?;
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        let neurons = spec.neurons.clone().unwrap_or_else(|| (0..target.size as u32).collect());
        if let Some(i) = neurons.iter().position(|&n| n as usize >= target.size) {
            let expected = format!("a neuron below {}", target.size);
            return Err(Error::invalid(format!("{name}.neurons[{i}]"), neurons[i], expected));
        }
        Ok(TracePlan { population, state, every, neurons })
    }

    fn recorded_weights(&self, name: &str, spec: &WeightsSpec) -> Result<WeightsPlan> {
        let WeightsSpec { connection, every } = *spec;
        if !self.connections.get(connection).is_some_and(|c| c.synapse.is_some()) {
            let expected = "the number of a connection with a synapse model";
            return Err(Error::invalid(format!("{name}.connection"), connection, expected));
        }
        if self.weights.iter().any(|weights| weights.connection == connection) {
            return Err(Error::invalid(format!("{name}.connection"), connection, "each connection once"));
        }
        Ok(WeightsPlan { connection, every: self.every(name, every)? })
    }

    /// A time between two readings, in steps.
    fn every(&self, name: &str, ms: f64) -> Result<u64> {
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

/// `by_sign`: what arrives has a sign that may choose the port.
pub(super) fn route(target: &Population, port: Option<&str>, by_sign: bool) -> Result<Route> {
    let ports = &target.bound.ports;
    let position = |name: &str| ports.iter().position(|port| *port == name);
    match port {
        Some(name) => position(name)
            .map(Route::Port)
            .ok_or_else(|| unknown(&format!("port of {}", target.name), name, ports.iter().copied())),
        None if ports.len() == 1 => Ok(Route::Port(0)),
        None => {
            match (position("excitatory"), position("inhibitory"), position("synaptic"), position("current"))
            {
                (Some(positive), Some(negative), ..) if by_sign => Ok(Route::BySign { positive, negative }),
                (_, _, Some(synaptic), _) if by_sign => Ok(Route::Port(synaptic)),
                (_, _, _, Some(current)) if !by_sign => Ok(Route::Port(current)),
                _ => Err(Error::invalid("port", "nothing", format!("one of {}", ports.join(", ")))),
            }
        }
    }
}

fn insert(ranges: &mut HashMap<String, Range<usize>>, name: &str, range: Range<usize>) -> Result<()> {
    if name.is_empty() || ranges.contains_key(name) {
        return Err(Error::invalid(
            "name",
            format!("\"{name}\""),
            "a name of its own for each population and source",
        ));
    }
    ranges.insert(name.to_string(), range);
    Ok(())
}

/// An error of a population's neurons, with its name before that of the parameter.
fn at(population: &str, error: Error) -> Error {
    match error {
        Error::InvalidParameter { name, value, expected } => {
            Error::InvalidParameter { name: format!("{population}.{name}"), value, expected }
        }
        Error::ShapeMismatch { layer, expected, got } => {
            Error::ShapeMismatch { layer: format!("{population}.{layer}"), expected, got }
        }
        other => other,
    }
}
