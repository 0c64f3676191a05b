//! User-defined neurons: equations as text, compiled to the same two programs as a registered model. Values that depend only
//! on parameters are computed once per bind, in f64.

mod dimensions;
mod equations;
mod integrate;
pub mod intern;
mod step;
mod threshold;
mod update;
mod usage;

use std::cell::OnceCell;

use serde_json::{Map, Value, json};

use super::bind::{Bound, NoiseInfo, StateInfo};
use super::definition::Stepped;
use super::names::Named;
use super::settings::Settings;
pub use equations::Equations;
use equations::{NumberOrParam, params};
use integrate::Method;
use intern::interned;
use lapicque_base::error::{Error, Result};
use lapicque_expr::graph::{Graph, Sym, input, trace};
use lapicque_expr::parse::{
    BEFORE, Evaluator, Expr, Source, Statement, functions, is_built_in, statements, without_index,
};
use lapicque_expr::transplant::{frontier, transplant};
use lapicque_expr::unit::Unit;
use threshold::Threshold;
use update::Update;

/// Parses the neuron `spec` alone; returns its states and the integration method used.
///
/// # Errors
/// Those of [`Bound::new`].
pub fn check(spec: &Value) -> Result<Value> {
    let bound = Bound::new(spec, 1, 1.0)?;
    let states: Vec<&str> = bound.states.iter().map(|state| state.name).collect();
    Ok(json!({ "states": states, "method": bound.resolved()["options"]["method"] }))
}

/// The `model` of a description that has `equations`.
pub const KEY: &str = "custom";
const REFRACTORY: &str = "refractory";
const CLOCK: &str = "clock";
/// Number of wrap-arounds of the clock, for equations that read the time.
const CLOCK_WRAPS: &str = "clockTurns";
/// The name of the time in ms.
const TIME: &str = "t";

/// Parsed equations.
pub struct Custom {
    equations: Equations,
    evaluator: Evaluator,
    update: Update,
    arrival: Option<(Source, Vec<Statement>)>,
    threshold: Option<Threshold>,
    reset: Option<(Source, Vec<Statement>)>,
    /// Names of units that the texts mention; each has the value 1.
    units: Vec<&'static str>,
}

/// A step as a graph over states, inputs, random numbers and parameters.
pub struct Compiled {
    pub states: Vec<StateInfo>,
    pub noise: Option<NoiseInfo>,
    pub method: &'static str,
    graph: Graph,
    /// Number of inputs of the neuron.
    ports: usize,
    outs: Vec<Sym>,
    spikes: bool,
    /// Values that depend only on parameters and are used by others, with their names as coefficients.
    coefs: Vec<(&'static str, Sym)>,
    params: Vec<&'static str>,
}

impl Custom {
    pub fn read(equations: Equations, spec: &Map<String, Value>) -> Result<Custom> {
        let source = Source::new("functions", equations.functions.as_deref().unwrap_or(""));
        let functions = functions(&source)?;
        check_functions(&source, &functions, &equations)?;
        let update = Update::read(&equations, &params(spec))?;
        let threshold = equations.spike.as_deref().map(Threshold::read).transpose()?;
        let read = |what, text: &Option<String>| {
            let source = text.as_deref().map(|text| Source::new(what, text));
            source.map(|source| statements(&source).map(|statements| (source, statements))).transpose()
        };
        let mut custom = Custom {
            evaluator: Evaluator::new(&source, functions),
            update,
            arrival: read("arrival", &equations.arrival)?,
            threshold,
            reset: read("reset", &equations.reset)?,
            units: vec![],
            equations,
        };
        custom.check_indices(spec)?;
        custom.units = custom.mentioned_units(spec);
        if !custom.equations.units.is_empty() {
            dimensions::check(&custom, spec)?;
        }
        Ok(custom)
    }

    /// The inputs whose value of the step before is read, as `i[t-1]`.
    fn previous_inputs(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let inputs = self.equations.input.names().map(|input| interned(&format!("{input}{BEFORE}")));
        let is_read = |name: &&'static str| {
            let mut found = false;
            self.expressions().for_each(|expr| expr.names(&mut |known, _| found |= known == *name));
            found
        };
        inputs.enumerate().filter(move |(_, name)| is_read(name))
    }

    /// All expressions with their texts, except those of functions.
    fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let update = self.update.statements.iter().map(|s| &s.value);
        let others = self.arrival.iter().chain(&self.reset);
        let others = others.flat_map(|(_, statements)| statements.iter().map(|s| &s.value));
        update.chain(others).chain(self.threshold.iter().map(|threshold| &threshold.condition))
    }

    fn mentioned_units(&self, spec: &Map<String, Value>) -> Vec<&'static str> {
        let mut units: Vec<&'static str> = Vec::new();
        if self.equations.units.is_empty() {
            return units;
        }
        let params = spec.get("params").and_then(Value::as_object);
        let declared = |name: &str| {
            self.equations.states.iter().any(|state| state.name == name)
                || self.equations.input.names().any(|input| input == name)
                || params.is_some_and(|params| params.contains_key(name))
                || self.update.statements.iter().any(|statement| statement.name == name)
        };
        let mut see = |name: &str, _: usize| {
            let unit = Unit::names().find(|unit_name| *unit_name == name && !declared(name));
            units.extend(unit.filter(|unit| !units.contains(unit)));
        };
        self.expressions().for_each(|expr| expr.names(&mut see));
        self.evaluator.bodies().for_each(|expr| expr.names(&mut see));
        units
    }

    /// Traces a step for these parameters; with a slope `smoothed`, spikes are smooth.
    pub fn compile(&self, settings: &Settings, smoothed: Option<f64>) -> Result<Compiled> {
        let params: Vec<&'static str> = settings.params.iter().map(|param| param.name).collect();
        let states = self.states(settings);
        let index_of = |name: &str| states.iter().position(|state| state.name == name);
        let (clock, wraps) = (index_of(CLOCK), index_of(CLOCK_WRAPS));
        let draws = self.update.noise.len();
        let ports = self.equations.input.names().count();
        let first_param = states.len() + ports + draws;
        let (graph, traced) = trace(false, || {
            let inputs: Vec<Sym> = (0..first_param + params.len()).map(input).collect();
            let (old, rest) = inputs.split_at(states.len());
            let time =
                clock.zip(wraps).map(|(clock, wraps)| step::time([old[clock], old[wraps]], settings.dt));
            let (ports, rest) = rest.split_at(ports);
            let (noise, values) = rest.split_at(draws);
            let named = params.iter().copied().zip(values.iter().copied()).collect();
            let largest = OnceCell::new();
            step::Trace {
                custom: self,
                settings,
                params: named,
                ports,
                noise,
                time,
                largest: &|x: Sym| largest_value(&largest, x, first_param, settings),
                smoothed,
            }
            .step(old)
        });
        let (stepped, method) = traced?;
        let mut outs = stepped.states;
        outs.extend(stepped.spike);
        let is_param = |i: u32| i as usize >= first_param;
        let coefs = frontier(&graph, is_param, &outs).into_iter().enumerate().map(|(k, node)| {
            let own = (0..params.len()).find(|i| node == Sym((first_param + i) as u32));
            (own.map_or_else(|| interned(&format!("derived{k}")), |i| params[i]), node)
        });
        Ok(Compiled {
            noise: clock.filter(|_| draws > 0).map(|clock| NoiseInfo { draws, clock }),
            method: method.map_or("discrete", Method::name),
            coefs: coefs.collect(),
            spikes: stepped.spike.is_some(),
            states,
            graph,
            ports,
            outs,
            params,
        })
    }

    /// The user's states, then those of the refractory period and the random numbers.
    fn states(&self, settings: &Settings) -> Vec<StateInfo> {
        let unit = |name: &str| self.equations.units.get(name).map_or("", |unit| interned(unit));
        let mut states: Vec<StateInfo> = (self.equations.states.iter())
            .map(|state| {
                let (name, unit) = (interned(&state.name), unit(&state.name));
                match &state.init {
                    NumberOrParam::Value(x) => StateInfo::starting_at(name, unit, *x),
                    NumberOrParam::Param(param) => StateInfo::starting_as(name, unit, interned(param)),
                }
            })
            .collect();
        let mut more = |name, unit| states.push(StateInfo::starting_at(name, unit, 0.0));
        if self.is_refractory(settings) {
            more(REFRACTORY, "steps");
        }
        self.previous_inputs().for_each(|(_, name)| more(name, ""));
        let reads_time = self.reads_time(self.expressions());
        if reads_time || !self.update.noise.is_empty() {
            more(CLOCK, "steps");
        }
        if reads_time {
            more(CLOCK_WRAPS, "");
        }
        states
    }

    /// Whether one of the expressions, or a function, reads the time.
    fn reads_time<'e>(&self, mut expressions: impl Iterator<Item = &'e Expr>) -> bool {
        expressions.any(|expr| expr.mentions(TIME)) || self.evaluator.reads_global(TIME)
    }

    fn is_refractory(&self, settings: &Settings) -> bool {
        match self.equations.refractory.as_ref().map(|refractory| &refractory.period) {
            None => false,
            Some(NumberOrParam::Value(x)) => *x > 0.0,
            Some(NumberOrParam::Param(name)) => settings.has_nonzero(name),
        }
    }
}

impl Compiled {
    /// Computes the coefficients in the graph being recorded.
    pub fn derive(&self, params: &Named<Sym>) -> Named<Sym> {
        let first = self.graph_inputs() - self.params.len();
        let substitutions: Vec<(Sym, Sym)> = (self.params.iter().enumerate())
            .map(|(i, name)| (Sym((first + i) as u32), params.get(name)))
            .collect();
        let nodes: Vec<Sym> = self.coefs.iter().map(|&(_, node)| node).collect();
        let values = transplant(&self.graph, &substitutions, &nodes);
        self.coefs.iter().map(|&(name, _)| name).zip(values).collect()
    }

    /// Computes a step in the graph being recorded.
    pub fn step(&self, coefs: &Named<Sym>, states: &[Sym], ports: &[Sym], noise: &[Sym]) -> Stepped<Sym> {
        let inputs = states.iter().chain(ports).chain(noise);
        let inputs = inputs.enumerate().map(|(i, &x)| (Sym(i as u32), x));
        let substitutions: Vec<_> =
            inputs.chain(self.coefs.iter().map(|&(name, node)| (node, coefs.get(name)))).collect();
        let mut states = transplant(&self.graph, &substitutions, &self.outs);
        let spike = if self.spikes { states.pop() } else { None };
        Stepped { states, spike }
    }

    /// The states and the spike for these values of the inputs.
    #[cfg(test)]
    pub fn values<L: lapicque_expr::Scalar>(&self, inputs: &[L]) -> Vec<L> {
        let values = self.graph.evaluate(inputs);
        self.outs.iter().map(|out| values[out.index()]).collect()
    }

    fn graph_inputs(&self) -> usize {
        let draws = self.noise.map_or(0, |noise| noise.draws);
        self.states.len() + self.ports + draws + self.params.len()
    }
}

/// The largest magnitude, over all neurons, of a node that depends only on parameters.
fn largest_value(cache: &OnceCell<Vec<f64>>, x: Sym, first_param: usize, settings: &Settings) -> f64 {
    let all = || {
        let graph = lapicque_expr::graph::recording(|graph| graph.clone());
        let neurons = settings.params.iter().map(|param| param.values.len()).max().unwrap_or(1);
        let mut largest = vec![0.0_f64; graph.nodes().len()];
        let mut inputs = vec![0.0; first_param + settings.params.len()];
        for neuron in 0..neurons {
            for (input, param) in inputs[first_param..].iter_mut().zip(&settings.params) {
                *input = param.values[if param.values.len() == 1 { 0 } else { neuron }];
            }
            for (largest, value) in largest.iter_mut().zip(graph.evaluate(&inputs)) {
                *largest = largest.max(value.abs());
            }
        }
        largest
    };
    cache.get_or_init(all)[x.index()]
}

/// Functions see their arguments, the parameters, and the functions before them.
fn check_functions(
    source: &Source,
    functions: &[lapicque_expr::parse::Function],
    equations: &Equations,
) -> Result<()> {
    for (i, function) in functions.iter().enumerate() {
        let name = &function.name;
        if is_built_in(name) || functions[..i].iter().any(|other| other.name == *name) {
            let at = function.body.at;
            return Err(source.fail(at, format!("the function {name} is there already")));
        }
        let states = || equations.states.iter().map(|state| state.name.as_str());
        let mut wrong: Option<Error> = None;
        function.body.names(&mut |name, at| {
            let (name, _) = without_index(name);
            let hidden =
                states().any(|state| state == name) || equations.input.names().any(|input| input == name);
            if hidden && !function.args.iter().any(|arg| arg == name) && wrong.is_none() {
                let reason = format!("a function sees its arguments and parameters: make {name} an argument");
                wrong = Some(source.fail(at, reason));
            }
        });
        wrong.map_or(Ok(()), Err)?;
    }
    Ok(())
}
