//! Binds a rule to a description: checks parameters, folds options, and lowers events to programs.

use serde_json::{Map, Value};

use super::RULES;
use super::combined;
use super::custom;
use super::definition::{Event, Jump, Rule, Sent, Side, SightDef, TraceDef};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::custom::intern::interned;
use lapicque_dynamics::definition::{Definition, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::{Settings, short};
use lapicque_expr::Scalar;
use lapicque_expr::functions::double::{exp, ln};
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::{ArgSlot, OutSlot, Program};

/// A variable of a synapse.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub name: &'static str,
    /// Value before the first event; for the weight, the connection defines it.
    pub init: f64,
}

/// A trace with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub name: &'static str,
    pub side: Side,
    pub jump: Jump,
    /// It decays by the factor `exp(-rate)` per ms.
    pub rate: f64,
}

/// A sight with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    pub name: &'static str,
    pub of: SightOf,
    /// The decay factor of a filter per step.
    pub keep: Option<f64>,
    /// In steps.
    pub delay: u64,
    /// A value, and the number of steps after a spike during which it replaces the state.
    pub clamped: Option<(f64, u64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SightOf {
    /// The index of a previous sight.
    Sight(usize),
    /// The name of a state.
    State(&'static str),
}

impl Sight {
    /// Adds a sight, and its unfiltered input if that is not a sight yet.
    ///
    /// # Errors
    /// `invalid-parameter` for a delay or time that is not a multiple of `dt`.
    pub(super) fn add(
        sights: &mut Vec<Sight>,
        def: &SightDef,
        value: impl Fn(&str) -> f64,
        dt: f64,
    ) -> Result<()> {
        let plain = |sight: &Sight| {
            let state = matches!(sight.of, SightOf::State(name) if name == def.of);
            state && sight.keep.is_none() && sight.clamped.is_none()
        };
        let previous = sights.iter().position(|sight| sight.name == def.of);
        let of = match previous.or_else(|| sights.iter().position(plain).filter(|_| def.tau.is_some())) {
            Some(i) => SightOf::Sight(i),
            None if def.tau.is_some() => {
                let (name, of) = (interned(&format!("{} itself", def.of)), SightOf::State(def.of));
                sights.push(Sight { name, of, keep: None, delay: 0, clamped: None });
                SightOf::Sight(sights.len() - 1)
            }
            None => SightOf::State(def.of),
        };
        let steps = |name: &str| {
            let steps = value(name) / dt;
            match (0.0..1e6).contains(&steps) && (steps - steps.round()).abs() < 1e-6 {
                true => Ok(steps.round() as u64),
                false => {
                    let expected = format!("a whole number of steps of {dt} ms");
                    Err(Error::invalid(name, value(name), expected))
                }
            }
        };
        let keep = def.tau.map(|tau| exp(-dt / value(tau)));
        let delay = def.delay.map_or(Ok(0), steps)?;
        let clamped = def.clamped.map(|[clamped, time]| Ok((value(clamped), steps(time)?))).transpose()?;
        sights.push(Sight { name: def.name, of, keep, delay, clamped });
        Ok(())
    }
}

impl Jump {
    /// The value of a trace after a spike.
    pub fn after<F: lapicque_base::Real>(self, before: F) -> F {
        match self {
            Jump::Add => before + F::ONE,
            Jump::Set => F::ONE,
        }
    }
}

/// A rule bound to its parameters.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The weight first.
    pub variables: Vec<Variable>,
    /// Traces of the source, then traces of the target.
    pub traces: Vec<Trace>,
    pub sights: Vec<Sight>,
    /// Whether a spike of the target sees a spike of the source that reaches the synapse at the same time.
    pub post_sees_pre: bool,
    /// Whether a spike of the source sees a spike of the target that reaches the synapse at the same time.
    pub pre_sees_post: bool,
    /// Whether the time before the first event counts as zero.
    pub starts_at_first: bool,
    /// The bounds within which the rule keeps the weight.
    pub bounds: Option<[f64; 2]>,
    /// Whether the transmitted weight may exceed the bounds, or the initial weights.
    pub beyond: bool,
    /// In slot order.
    pub coefs: Vec<f64>,
    /// Outputs: variables, then the transmitted weight. Arguments: variables (as states), traces and the elapsed time (as
    /// ports), then sights, then whether the target spiked.
    pub pre: Program,
    /// The program of a spike of the target, a step of it, or both.
    pub post: Option<Program>,
    /// A program of sights alone: whether a step changes anything.
    pub acts: Option<Program>,
    /// Whether steps change synapses, and whether spikes of targets do.
    pub steps: bool,
    pub spikes: bool,
    pub modulated: Option<Program>,
    pub relax: Option<Program>,
    resolved: Value,
}

impl Bound {
    /// Binds `spec`, the JSON `{ model, params, options, like }` of a synapse model, for steps of `dt` ms.
    ///
    /// # Errors
    /// `unknown-name` for a rule, preset, option or parameter that does not exist, `invalid-parameter`
    /// for a value out of range.
    pub fn new(spec: &Value, dt: f64) -> Result<Bound> {
        let spec = spec.as_object().ok_or_else(|| Error::invalid("synapse", short(spec), "an object"))?;
        let key = match spec.get("model") {
            Some(Value::String(key)) => key,
            other => {
                let got = other.map_or("nothing".into(), short);
                return Err(Error::invalid("synapse.model", got, "the name of a synapse model"));
            }
        };
        if key == combined::KEY {
            return combined::bind(spec, dt);
        }
        equations_of(spec, key, dt, &mut |equations, resolved| equations.bind(resolved.clone()))
    }

    /// The description with every default and preset written out.
    pub fn resolved(&self) -> &Value {
        &self.resolved
    }

    /// Traces of one side.
    pub fn side(&self, side: Side) -> impl Iterator<Item = &Trace> {
        self.traces.iter().filter(move |trace| trace.side == side)
    }

    /// Whether a weight is within the bounds, up to rounding to single precision, which weights that were read back may have
    /// undergone.
    pub fn holds(&self, w: f64) -> bool {
        self.bounds.is_none_or(|[low, high]| up_to(w, high) && up_to(-w, -low))
    }

    /// A weight for which [`holds`](Bound::holds) is true, clipped to the bounds.
    pub fn clipped(&self, w: f64) -> f64 {
        self.bounds.map_or(w, |[low, high]| w.max(low).min(high))
    }

    /// The largest magnitude that a synapse with the initial weight `w` can transmit.
    pub fn most(&self, w: f64) -> f64 {
        self.bounds.map_or(w.abs(), |[low, high]| low.abs().max(high.abs()))
    }
}

/// Whether `x` is at most `most`, up to rounding both to single precision.
pub fn up_to(x: f64, most: f64) -> bool {
    let single = x as f32;
    x <= most || (single.is_finite() && single <= most as f32)
}

/// A function that is called with a rule's equations and its description with every default written out.
pub type Then<'t> = &'t mut dyn for<'a> FnMut(Equations<'a>, &Value) -> Result<Bound>;

/// The equations of the rule that `spec` describes.
pub fn equations_of(spec: &Map<String, Value>, key: &str, dt: f64, then: Then) -> Result<Bound> {
    if key == custom::KEY {
        return custom::with(spec, dt, then);
    }
    let known = || RULES.iter().map(|rule| (rule.definition)().key);
    let rule = RULES.iter().find(|rule| (rule.definition)().key == key);
    let rule = rule.ok_or_else(|| Error::unknown("synapse model", key, known()))?;
    rule.with(&(rule.definition)(), spec, dt, then)
}

/// The JSON `{ model, params, options, like }` of a rule, with every default written out.
pub fn resolved(key: &str, settings: &Settings, equations: Option<&Value>) -> Value {
    let mut spec = Map::new();
    spec.insert("model".into(), key.into());
    spec.extend(equations.map(|equations| ("equations".to_string(), equations.clone())));
    settings.write(&mut spec);
    spec.remove("learn");
    Value::Object(spec)
}

type Pre = fn(&Settings, &Named<Sym>, &Event<Sym>) -> Sent<Sym>;
type Change = fn(&Settings, &Named<Sym>, &Event<Sym>) -> Option<Vec<Sym>>;
type Acts = fn(&Settings, &Named<Sym>, &Named<Sym>) -> Option<Sym>;
type Relax = fn(&Settings, &Named<Sym>, &Named<Sym>, Sym) -> Option<Vec<Sym>>;

/// A rule as function pointers.
pub struct Registered {
    pub definition: fn() -> Definition,
    states: fn(&Settings) -> Vec<StateDef>,
    validate: fn(&mut Settings) -> Result<()>,
    traces: fn(&Settings) -> Vec<TraceDef>,
    sights: fn(&Settings) -> Vec<SightDef>,
    derive: fn(&Settings, &Named<f64>) -> Named<f64>,
    pre: Pre,
    post: Change,
    step: Change,
    acts: Acts,
    modulated: Change,
    relax: Relax,
}

impl Registered {
    pub const fn of<R: Rule>() -> Registered {
        Registered {
            definition: R::definition,
            states: |settings| StateDef::used_by(settings, R::definition().states),
            validate: R::validate,
            traces: R::traces,
            sights: R::sights,
            derive: R::derive::<f64>,
            pre: R::pre::<Sym>,
            post: R::post::<Sym>,
            step: R::step::<Sym>,
            acts: R::acts::<Sym>,
            modulated: R::modulated::<Sym>,
            relax: R::relax::<Sym>,
        }
    }

    fn with(&self, definition: &Definition, spec: &Map<String, Value>, dt: f64, then: Then) -> Result<Bound> {
        let mut settings = Settings::resolve(definition, spec, 1, dt)?;
        (self.validate)(&mut settings)?;
        let s = &settings;
        let params: Named<f64> = s.params.iter().map(|p| (p.name, p.values[0])).collect();
        let value = |name: &str| params.find(name).unwrap_or(0.0);
        let variables = (self.states)(s)
            .into_iter()
            .map(|state| Variable { name: state.name, init: state.init.map_or(0.0, value) });
        let trace =
            |t: &TraceDef| Trace { name: t.name, side: t.side, jump: t.jump, rate: rate(s, value(t.tau)) };
        let mut sights = vec![];
        for def in (self.sights)(s) {
            Sight::add(&mut sights, &def, value, dt)?;
        }
        let equations = Equations {
            variables: variables.collect(),
            sights,
            traces: (self.traces)(s).iter().map(trace).collect(),
            coefs: (self.derive)(s, &params),
            pre: &|coefs, event| Ok((self.pre)(s, coefs, event)),
            post: &|coefs, event| Ok((self.post)(s, coefs, event)),
            step: &|coefs, event| Ok((self.step)(s, coefs, event)),
            acts: &|coefs, sights| Ok((self.acts)(s, coefs, sights)),
            modulated: &|coefs, event| Ok((self.modulated)(s, coefs, event)),
            relax: &|coefs, event| Ok((self.relax)(s, coefs, event.states, event.elapsed)),
            dt,
            timing: Timing::of(s),
        };
        then(equations, &resolved(definition.key, s, None))
    }
}

/// The rate in 1/ms of an exponential with time constant `tau`.
pub fn rate(settings: &Settings, tau: f64) -> f64 {
    match settings.is("decay", "euler") {
        true => -ln(1.0 - settings.dt / tau) / settings.dt,
        false => 1.0 / tau,
    }
}

/// Whether a step changes anything.
pub type Active<'a> = &'a dyn Fn(&Named<Sym>, &Named<Sym>) -> Result<Option<Sym>>;
pub type Events<'a, T> = &'a dyn Fn(&Named<Sym>, &Event<Sym>) -> Result<T>;

/// The settings of a rule's events that follow from its options and bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    pub post_sees_pre: bool,
    pub pre_sees_post: bool,
    pub starts_at_first: bool,
    pub bounds: Option<[f64; 2]>,
    pub beyond: bool,
}

impl Timing {
    pub fn of(settings: &Settings) -> Timing {
        let param = |name: &str| settings.param(name).map(|param| param.values[0]);
        let sees = |one: &str| settings.is("coincidence", one) || settings.is("coincidence", "both");
        Timing {
            post_sees_pre: sees("pre-first"),
            pre_sees_post: sees("post-first"),
            starts_at_first: settings.is("start", "first-spike"),
            bounds: param("wMin").zip(param("wMax")).map(|(low, high)| [low, high]),
            beyond: false,
        }
    }
}

/// A rule's functions with the values of its parameters.
#[derive(Clone)]
pub struct Equations<'a> {
    pub variables: Vec<Variable>,
    pub traces: Vec<Trace>,
    pub sights: Vec<Sight>,
    pub coefs: Named<f64>,
    pub pre: Events<'a, Sent<Sym>>,
    pub post: Events<'a, Option<Vec<Sym>>>,
    pub step: Events<'a, Option<Vec<Sym>>>,
    pub acts: Active<'a>,
    pub modulated: Events<'a, Option<Vec<Sym>>>,
    pub relax: Events<'a, Option<Vec<Sym>>>,
    pub dt: f64,
    pub timing: Timing,
}

impl Equations<'_> {
    pub fn bind(mut self, resolved: Value) -> Result<Bound> {
        if let Some(trace) = self.traces.iter().find(|trace| !trace.rate.is_finite()) {
            let expected = format!("a time constant above the step of {} ms, with Euler steps", self.dt);
            return Err(Error::invalid(trace.name, "a shorter one", expected));
        }
        self.traces.sort_by_key(|trace| trace.side == Side::Post);
        let names: Vec<&'static str> = self.coefs.iter().map(|(name, _)| name).collect();
        let (variables, traces, sights) = (&self.variables, &self.traces, &self.sights);
        let slots = Slots { variables, traces, sights, coefs: &names };
        let pre = slots.program(|coefs, event, _| {
            let sent = (self.pre)(coefs, event)?;
            Ok(Some((sent.states, Some(sent.transmitted))))
        })?;
        let change = |events: Events<Option<Vec<Sym>>>| {
            slots.program(|coefs, event, _| Ok(events(coefs, event)?.map(|states| (states, None))))
        };
        let (modulated, relax) = (change(self.modulated)?, change(self.relax)?);
        let (mut steps, mut spikes) = (false, false);
        let post = slots.program(|coefs, event, spiked| {
            let stepped = (self.step)(coefs, event)?;
            steps = stepped.is_some();
            let Some(stepped) = stepped else {
                let after = (self.post)(coefs, event)?;
                spikes = after.is_some();
                return Ok(after.map(|states| (states, None)));
            };
            // An event is a step that changes something, a spike, or both; the step comes first. Without `post`, every such
            // step is an event.
            let acts = match (self.post)(coefs, event)? {
                Some(_) => (self.acts)(coefs, event.sights)?.map(|x| x.greater(Sym::zero())),
                None => None,
            };
            let either = |on: Sym, new: Sym, old: Sym| on.select(new, old);
            let states: Named<Sym> = (event.states.iter().zip(stepped))
                .map(|((name, old), new)| (name, acts.map_or(new, |acts| either(acts, new, old))))
                .collect();
            let elapsed = acts.map_or(Sym::zero(), |acts| either(acts, Sym::zero(), event.elapsed));
            let then = Event { states: &states, elapsed, ..*event };
            let after = (self.post)(coefs, &then)?;
            spikes = after.is_some();
            let states = match after {
                Some(after) => {
                    let pairs = after.into_iter().zip(states.iter());
                    pairs.map(|(new, (_, old))| either(spiked, new, old)).collect()
                }
                None => states.iter().map(|(_, x)| x).collect(),
            };
            Ok(Some((states, None)))
        })?;
        let acts = slots.program(|coefs, event, _| {
            Ok((self.acts)(coefs, event.sights)?.filter(|_| steps).map(|x| (vec![x], None)))
        })?;
        let Timing { post_sees_pre, pre_sees_post, starts_at_first, bounds, beyond } = self.timing;
        Ok(Bound {
            post_sees_pre,
            pre_sees_post,
            starts_at_first,
            bounds,
            beyond,
            coefs: self.coefs.iter().map(|(_, x)| x).collect(),
            pre: pre.ok_or_else(|| Error::Internal { reason: "a spike of the source is no event".into() })?,
            post,
            acts,
            steps,
            spikes,
            modulated,
            relax,
            variables: self.variables,
            traces: self.traces,
            sights: self.sights,
            resolved,
        })
    }
}

/// The values that the events of a rule may read.
struct Slots<'a> {
    variables: &'a [Variable],
    traces: &'a [Trace],
    sights: &'a [Sight],
    coefs: &'a [&'static str],
}

/// Variables after an event, and the transmitted weight.
type Outs = (Vec<Sym>, Option<Sym>);

impl Slots<'_> {
    fn program(
        &self,
        event: impl FnOnce(&Named<Sym>, &Event<Sym>, Sym) -> Result<Option<Outs>>,
    ) -> Result<Option<Program>> {
        let (n, seen) = (self.variables.len(), self.traces.len() + 1);
        let ports = seen + self.sights.len() + 1;
        let slots: Vec<ArgSlot> = ((0..n).map(ArgSlot::State))
            .chain((0..ports).map(ArgSlot::Port))
            .chain((0..self.coefs.len()).map(ArgSlot::Coef))
            .collect();
        let (graph, outs) = trace(false, || {
            let inputs: Vec<Sym> = (0..slots.len()).map(input).collect();
            let named = |names: Vec<&'static str>, from: usize| -> Named<Sym> {
                names.into_iter().zip(inputs[from..].iter().copied()).collect()
            };
            let states = named(self.variables.iter().map(|v| v.name).collect(), 0);
            let traces = named(self.traces.iter().map(|t| t.name).collect(), n);
            let sights = named(self.sights.iter().map(|s| s.name).collect(), n + seen);
            let coefs = named(self.coefs.to_vec(), n + ports);
            let elapsed = inputs[n + seen - 1];
            let now = Event { states: &states, traces: &traces, sights: &sights, elapsed };
            event(&coefs, &now, inputs[n + ports - 1])
        });
        let Some((states, transmitted)) = outs? else { return Ok(None) };
        let mut outs: Vec<(OutSlot, Sym)> =
            states.into_iter().enumerate().map(|(i, x)| (OutSlot::State(i), x)).collect();
        outs.extend(transmitted.map(|x| (OutSlot::Spike, x)));
        Ok(Some(Program::lower(&graph, &slots, |slot| matches!(slot, ArgSlot::Coef(_)), &outs)))
    }
}
