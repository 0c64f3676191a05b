//! Binds a model to a description: checks parameters, folds options, and lowers both programs.

use serde_json::{Map, Value, json};

use super::custom::intern::interned;
use super::custom::{self, Custom, Equations};
use super::definition::{Definition, Range, Sign, Stepped, Wiring};
use super::derivation::{Derivation, Derived};
use super::integration;
use super::lowering::{Rolled, Step, Traceable};
use super::names::Named;
use super::registry::Model;
use super::settings::{Lists, Settings, short};
use super::sub_step_coefs::SubStepCoefs;
use super::surrogate::Surrogate;
use lapicque_base::error::{Error, Result};
use lapicque_expr::graph::{Sym, smoothly};
use lapicque_expr::{ArgSlot, MAX_SLOTS, OutSlot, Program};

pub use super::settings::Param as BoundParam;

/// The state of a model with graded spikes that holds the output.
const GRADED: &str = "graded";

/// A state variable that a run carries from step to step.
#[derive(Debug, Clone, PartialEq)]
pub struct StateInfo {
    pub name: &'static str,
    pub unit: &'static str,
    /// The parameter that holds its initial value; `None`: that is 0 or a number of the equations.
    pub param: Option<&'static str>,
    /// Initial value with the described parameters: one, or one per neuron.
    pub init: Vec<f64>,
}

impl StateInfo {
    /// A state with this initial value.
    pub fn starting_at(name: &'static str, unit: &'static str, init: f64) -> Self {
        StateInfo { name, unit, param: None, init: vec![init] }
    }

    /// A state whose initial value a parameter holds.
    pub fn starting_as(name: &'static str, unit: &'static str, param: &'static str) -> Self {
        StateInfo { param: Some(param), ..Self::starting_at(name, unit, 0.0) }
    }
}

/// Random numbers of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoiseInfo {
    /// Number of independent random numbers per step.
    pub draws: usize,
    /// The state that counts steps since the start, from which random numbers are derived. It wraps around at 2^24, the
    /// largest integer range of f32.
    pub clock: usize,
}

/// A neuron model with everything resolved except the values of a run.
#[derive(Debug, Clone)]
pub struct Bound {
    pub states: Vec<StateInfo>,
    pub ports: Vec<&'static str>,
    /// Ports that accept only weights of one sign in a large network.
    signs: Vec<(&'static str, Sign)>,
    pub spiking: bool,
    /// The state that others read; `None`: the spikes.
    pub output: Option<usize>,
    /// The ports to which parts of an input are assigned if an edge names none.
    pub input_ports: Vec<usize>,
    /// The ports of the population's feedback to itself.
    pub feedback_ports: Vec<usize>,
    /// The state that is fed back; `None`: the spikes.
    pub feedback_state: Option<usize>,
    pub noise: Option<NoiseInfo>,
    /// One step. Outputs: every state in order, then the spike if the model spikes.
    pub forward: Program,
    /// The forward step as a loop, if it has several sub-steps.
    pub rolled: Option<Rolled>,
    /// One backward step. Outputs that are identically zero are absent.
    pub adjoint: Program,
    /// Present only if the surrogate's derivative vanishes somewhere: above 0 where the adjoint reads the gradient with
    /// respect to the spike.
    pub active: Option<Program>,
    pub params: Vec<BoundParam>,
    /// Names of the coefficients, in slot order.
    pub coefs: Vec<String>,
    model: &'static str,
    /// Slope of the smooth function that replaces spikes, if any.
    smoothed: Option<f64>,
    /// For a user-defined neuron: its equations and the integration method used.
    equations: Option<(Box<Equations>, &'static str)>,
    pub(super) settings: Settings,
    surrogate: Option<Surrogate>,
    pub(super) derivation: Derivation,
}

/// Known fields of a neuron's description.
const FIELDS: [&str; 10] = [
    "model",
    "equations",
    "params",
    "defaults",
    "shared",
    "options",
    "learn",
    "like",
    "surrogate",
    "smoothed",
];

impl Bound {
    /// The time step in ms.
    pub fn dt(&self) -> f64 {
        self.settings.dt
    }

    /// The sign of weights that a port accepts in a large network.
    pub fn sign(&self, port: usize) -> Sign {
        let of = |(name, _): &&(&str, Sign)| *name == self.ports[port];
        self.signs.iter().find(of).map_or(Sign::Any, |&(_, sign)| sign)
    }

    /// Refuses input onto a port that no equation reads: it would have no effect. `population`: its name.
    ///
    /// # Errors
    /// `invalid-parameter`, with the ports that the equations read.
    pub fn check_port(&self, population: &str, port: usize) -> Result<()> {
        let is_read = |port: &usize| self.forward.args.contains(&ArgSlot::Port(*port));
        if is_read(&port) {
            return Ok(());
        }
        let others: Vec<&str> = (0..self.ports.len()).filter(is_read).map(|port| self.ports[port]).collect();
        let other = match others.is_empty() {
            true => String::new(),
            false => format!(", or input onto {}", others.join(", ")),
        };
        let name = self.ports[port];
        let got = format!("input onto \"{name}\", which no equation reads");
        let expected = format!("{name} in update or arrival (v' = (vLeak - v + {name})/tau){other}");
        Err(Error::invalid(population, got, expected))
    }

    /// Refuses a learned parameter that neither a step nor an initial value uses.
    fn check_learned(&self) -> Result<()> {
        let is_read = |slot: usize| {
            [&self.forward, &self.adjoint].iter().any(|program| program.args.contains(&ArgSlot::Coef(slot)))
        };
        let slots = (0..self.coefs.len()).filter(|&slot| is_read(slot));
        let mut used: Vec<usize> = slots.flat_map(|slot| self.derivation.sources(slot)).collect();
        used.extend(self.derivation.sources_of_starts());
        let Some((_, unused)) =
            self.params.iter().enumerate().find(|(i, param)| param.learn && !used.contains(i))
        else {
            return Ok(());
        };
        let used = (0..self.params.len()).filter(|i| used.contains(i)).map(|i| self.params[i].name);
        let expected = format!(
            "parameters that the equations use with these options: {}",
            used.collect::<Vec<_>>().join(", ")
        );
        Err(Error::invalid("learn", format!("\"{}\"", unused.name), expected))
    }

    /// Whether its only state equals its current: no memory, spikes or noise.
    pub fn is_identity(&self) -> bool {
        let itself = self.forward.only_copies(ArgSlot::Port(0), OutSlot::State(0));
        itself && self.states.len() == 1 && self.ports.len() == 1 && !self.spiking && self.noise.is_none()
    }

    /// Binds `spec`, the JSON of one neuron description, for `n` neurons and steps of `dt` ms.
    ///
    /// # Errors
    /// `unknown-name` for a model, preset, option, parameter or surrogate that does not exist,
    /// `invalid-parameter` for a value out of range, `shape-mismatch` for a list that is not one value
    /// per neuron, `equation` for a surrogate's expression.
    pub fn new(spec: &Value, n: usize, dt: f64) -> Result<Bound> {
        Self::with_lists(spec, Lists::new(), n, dt)
    }

    /// As `new`, with long lists of parameters passed separately.
    ///
    /// # Errors
    /// Those of [`Bound::new`].
    pub fn with_lists(spec: &Value, lists: Lists, n: usize, dt: f64) -> Result<Bound> {
        let spec = spec.as_object().ok_or_else(|| Error::invalid("neuron", short(spec), "an object"))?;
        if n == 0 {
            return Err(Error::invalid("neurons", n, "at least one neuron"));
        }
        if let Some(other) = spec.keys().find(|key| !FIELDS.contains(&key.as_str())) {
            return Err(Error::unknown("field of a neuron", other, FIELDS));
        }
        let key = match spec.get("model") {
            Some(Value::String(key)) => key,
            other => {
                let got = other.map_or("nothing".into(), short);
                return Err(Error::invalid("model", got, "the name of a neuron model"));
            }
        };
        match key == custom::KEY {
            true => Self::custom(spec, lists, n, dt),
            false => Self::registered(key, spec, lists, n, dt),
        }
    }

    /// `n` neurons of a large network whose step is computed elsewhere: spiking, with these states (name, unit, initial value) and
    /// ports. Their programs do nothing.
    ///
    /// # Errors
    /// `invalid-parameter` for `dt`.
    pub fn computed_elsewhere(
        model: &'static str,
        states: &[(&str, &'static str, f64)],
        ports: &[(&str, Sign)],
        n: usize,
        dt: f64,
    ) -> Result<Bound> {
        let signs: Vec<_> = ports.iter().map(|&(name, sign)| (interned(name), sign)).collect();
        let ports = signs.iter().map(|&(name, _)| name).collect();
        let definition = Definition { key: model, ports, ..Definition::default() };
        let settings = Settings::with_lists(&definition, &Map::new(), Lists::new(), n, dt)?;
        let state = |&(name, unit, init): &(&str, _, _)| StateInfo::starting_at(interned(name), unit, init);
        let equations = Traceable {
            states: states.iter().map(state).collect(),
            output: None,
            wiring: Wiring::default(),
            noise: None,
            neutral: &|_| None,
            computed: |_, params, name| params.get(name),
            derive: &|_| Named::default(),
            step: &|_, states, _, _| Stepped { states: states.to_vec(), spike: None },
        };
        let bound = Self::assemble(&Map::new(), &definition, &settings, equations)?;
        Ok(Bound { signs, spiking: true, output: None, feedback_state: None, ..bound })
    }

    fn registered(key: &str, spec: &Map<String, Value>, lists: Lists, n: usize, dt: f64) -> Result<Bound> {
        let model = Model::named(key)?;
        let definition = (model.definition)();
        let mut settings = Settings::with_lists(&definition, spec, lists, n, dt)?;
        settings.fill_defaults(model.computed);
        (model.validate)(&mut settings)?;
        settings.check_learned()?;
        let neutral = |name: &str| definition.params.iter().find(|def| def.name == name)?.neutral;
        let states: Vec<StateInfo> = (model.states)(&settings)
            .iter()
            .map(|state| match state.init {
                Some(param) => StateInfo::starting_as(state.name, state.unit, param),
                None => StateInfo::starting_at(state.name, state.unit, 0.0),
            })
            .collect();
        let names: Vec<&'static str> = states.iter().map(|state| state.name).collect();
        let smoothed = smoothed(spec.get("smoothed"))?;
        let is_graded = definition.spiking && (smoothed.is_some() || (model.is_graded)(&settings));
        let graded = is_graded.then_some(states.len());
        let mut states = states;
        states.extend(graded.map(|_| StateInfo::starting_at(GRADED, "", 0.0)));
        let equations = Traceable {
            states,
            output: graded,
            wiring: (model.wiring)(),
            noise: None,
            neutral: &neutral,
            computed: model.computed,
            derive: &|params| (model.derive)(&settings, params),
            step: &|coefs, states, ports, _| {
                let states = names.iter().copied().zip(states.iter().copied()).collect();
                let mut stepped = smoothly(smoothed, || (model.step)(&settings, coefs, &states, ports));
                if graded.is_some() {
                    stepped.states.extend(stepped.spike);
                }
                stepped
            },
        };
        let signs = (model.signs)().to_vec();
        let bound = Bound { smoothed, signs, ..Self::assemble(spec, &definition, &settings, equations)? };
        bound.check_learned()?;
        Ok(bound)
    }

    fn custom(spec: &Map<String, Value>, lists: Lists, n: usize, dt: f64) -> Result<Bound> {
        let equations = Equations::read(spec)?;
        let definition = equations.definition(spec);
        let settings = Settings::with_lists(&definition, spec, lists, n, dt)?;
        let smoothed = smoothed(spec.get("smoothed"))?;
        let custom = Custom::read(equations.clone(), spec)?;
        custom.check_learned(&settings)?;
        let compiled = custom.compile(&settings, smoothed)?;
        custom.check_use(spec)?;
        let mut states = compiled.states.clone();
        let graded = (definition.spiking && smoothed.is_some()).then_some(states.len());
        states.extend(graded.map(|_| StateInfo::starting_at(GRADED, "", 0.0)));
        let own = compiled.states.len();
        let traceable = Traceable {
            states,
            output: graded,
            wiring: Wiring::default(),
            noise: compiled.noise,
            neutral: &|_| None,
            computed: |_, params, name| params.get(name),
            derive: &|params| compiled.derive(params),
            step: &|coefs, states, ports, noise| {
                let mut stepped = compiled.step(coefs, &states[..own], ports, noise);
                stepped.states.extend(stepped.spike.filter(|_| graded.is_some()));
                stepped
            },
        };
        let signs = equations.signs();
        let mut bound = Bound { smoothed, signs, ..Self::assemble(spec, &definition, &settings, traceable)? };
        for (what, program) in [("states", &bound.forward), ("states and parameters", &bound.adjoint)] {
            let slots = program.args.len().max(program.outs.len());
            if slots > MAX_SLOTS {
                let expected = format!("{what} that come to at most {MAX_SLOTS} values a step");
                return Err(Error::invalid("equations", slots, expected));
            }
        }
        bound.check_learned()?;
        bound.equations = Some((Box::new(equations), compiled.method));
        Ok(bound)
    }

    /// The programs of `equations`, and the other data that a run needs.
    fn assemble(
        spec: &Map<String, Value>,
        definition: &Definition,
        settings: &Settings,
        mut equations: Traceable,
    ) -> Result<Bound> {
        let surrogate = match definition.spiking {
            true => {
                let preset = definition.presets.iter().find(|preset| Some(preset.name) == settings.like);
                let preset = preset.and_then(|preset| preset.surrogate);
                Some(Surrogate::resolve(spec.get("surrogate"), preset, settings.like)?)
            }
            false => None,
        };
        let lengths = SubStepCoefs::new(equations.derive, settings);
        let adapts = definition.alternatives.contains(&integration::ALTERNATIVES);
        let tolerance = integration::tolerance(settings).filter(|_| adapts);
        let derive = |params: &Named<Sym>| match tolerance {
            Some(_) => lengths.derive(params),
            None => (equations.derive)(params),
        };
        let functions = Derived {
            neutral: equations.neutral,
            computed: equations.computed,
            derive: &derive,
            starts: equations.states.iter().map(|state| state.param).collect(),
        };
        let (derivation, coefs) = Derivation::trace(settings, functions);
        let starts = derivation.starts(&values(&settings.params));
        for (state, start) in equations.states.iter_mut().zip(starts) {
            state.init = start.unwrap_or_else(|| std::mem::take(&mut state.init));
        }
        let adaptive = tolerance.map(|tolerance| lengths.adaptive(tolerance, &coefs));
        let step = Step { equations: &equations, ports: definition.ports.len(), coefs: &coefs };
        let (forward, adjoint) = step.lower(surrogate.as_ref());
        let active = surrogate.as_ref().and_then(|surrogate| step.active(surrogate));
        let rolled = if integration::count(settings) > 1 { step.roll(adaptive) } else { None };
        let wired = |names: &[&'static str], otherwise: &dyn Fn() -> Vec<usize>| match names {
            [] => otherwise(),
            _ => names
                .iter()
                .filter_map(|name| definition.ports.iter().position(|port| port == name))
                .collect(),
        };
        let Wiring { input_ports, feedback_ports, feedback_state } = equations.wiring;
        let input_ports = wired(input_ports, &|| (0..definition.ports.len()).collect());
        let feedback_ports = wired(feedback_ports, &|| input_ports.clone());
        let feedback_state =
            feedback_state.and_then(|name| equations.states.iter().position(|state| state.name == name));
        let output = equations.output.or((!definition.spiking).then_some(0));
        let mut names: Vec<String> = step.slots().map(|(name, ..)| name.to_string()).collect();
        names.extend(surrogate.iter().flat_map(Surrogate::names).map(|name| format!("surrogate.{name}")));
        Ok(Bound {
            states: equations.states,
            ports: definition.ports.clone(),
            signs: vec![],
            spiking: definition.spiking,
            output,
            input_ports,
            feedback_ports,
            feedback_state: feedback_state.or(output),
            noise: equations.noise,
            forward,
            rolled,
            adjoint,
            active,
            params: settings.params.clone(),
            coefs: names,
            model: definition.key,
            smoothed: None,
            equations: None,
            settings: settings.clone(),
            surrogate,
            derivation,
        })
    }

    /// The coefficients in slot order, each one value or one per neuron. `params`: the values of
    /// [`Bound::params`], in that order.
    pub fn derive(&self, params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut coefs = self.derivation.derive(params);
        coefs.extend(self.surrogate.iter().flat_map(Surrogate::values).map(|x| vec![x]));
        coefs
    }

    /// The coefficients of the described parameters.
    pub fn derived(&self) -> Vec<Vec<f64>> {
        self.derive(&values(&self.params))
    }

    /// By state: its initial values with these parameters, one or one per neuron.
    pub fn starts(&self, params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let starts = self.derivation.starts(params).into_iter().zip(&self.states);
        starts.map(|(start, state)| start.unwrap_or_else(|| state.init.clone())).collect()
    }

    /// Whether the initial value of a state depends on a learned parameter.
    pub fn learns_start(&self, state: usize) -> bool {
        self.derivation.learns_start(&self.params, state)
    }

    /// The parameters whose default is an expression of the others, by their index, with the values that follow from these.
    pub fn defaults(&self, params: &[Vec<f64>]) -> Vec<(usize, Vec<f64>)> {
        self.derivation.defaults(params)
    }

    /// Gradients of the learned parameters, from gradients of the coefficients (in slot order, each one value or one per
    /// neuron; absent ones are zero) and of the initial values of the states. A parameter with one value gets the sum over
    /// the neurons in ascending order.
    pub fn derive_adjoint(
        &self,
        params: &[Vec<f64>],
        grad_coefs: &[Option<Vec<f64>>],
        grad_starts: &[Option<Vec<f64>>],
    ) -> Vec<Option<Vec<f64>>> {
        self.derivation.derive_adjoint(params, grad_coefs, grad_starts)
    }

    /// The description with every default and preset written out: what files store.
    pub fn resolved(&self) -> Value {
        let mut spec = Map::new();
        spec.insert("model".into(), self.model.into());
        if let Some((equations, _)) = &self.equations {
            spec.insert("equations".into(), json!(equations));
        }
        self.settings.write(&mut spec);
        let following = self.derivation.learned_defaults(&self.params);
        let following: Vec<&str> = following.map(|i| self.params[i].name).collect();
        if !following.is_empty() {
            spec.insert("defaults".into(), json!(following));
        }
        if let (Some((_, method)), Some(options)) = (&self.equations, spec.get_mut("options")) {
            options["method"] = (*method).into();
        }
        if let Some(surrogate) = &self.surrogate {
            spec.insert("surrogate".into(), surrogate.resolved());
        }
        if let Some(slope) = self.smoothed {
            spec.insert("smoothed".into(), slope.into());
        }
        Value::Object(spec)
    }
}

/// The described values of all parameters.
fn values(params: &[BoundParam]) -> Vec<Vec<f64>> {
    params.iter().map(|param| param.values.clone()).collect()
}

/// The slope of smooth spikes, if the description requests them.
fn smoothed(given: Option<&Value>) -> Result<Option<f64>> {
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(given) => match given.as_f64().filter(|&slope| Range::Positive.holds(slope)) {
            Some(slope) => Ok(Some(slope)),
            None => Err(Error::invalid("smoothed", short(given), Range::Positive.words())),
        },
    }
}
