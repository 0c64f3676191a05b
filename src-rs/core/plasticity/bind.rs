//! A rule bound to a description: parameters checked, options folded, its events lowered to programs.

use serde_json::{Map, Value};

use super::RULES;
use super::custom;
use super::definition::{Event, Jump, Rule, Sent, Side, TraceDef};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::definition::{Definition, StateDef};
use lapicque_dynamics::names::{Named, unknown};
use lapicque_dynamics::settings::{Settings, short};
use lapicque_expr::functions::double::ln;
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::{ArgSlot, OutSlot, Program};

/// A variable of a synapse.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub name: &'static str,
    /// Before the first event; that of the weight is the connection's.
    pub init: f64,
}

/// A trace with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub name: &'static str,
    pub side: Side,
    pub jump: Jump,
    /// It loses `1 - exp(-rate)` of itself in a ms.
    pub rate: f64,
}

impl Jump {
    /// A trace after a spike.
    pub fn after<F: lapicque_base::Real>(self, before: F) -> F {
        match self {
            Jump::Add => before + F::ONE,
            Jump::Set => F::ONE,
        }
    }
}

/// A rule with everything decided but the spikes.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The weight first.
    pub variables: Vec<Variable>,
    /// Those of the source before those of the target.
    pub traces: Vec<Trace>,
    /// A spike of the target sees a spike of the source that meets it.
    pub post_sees_pre: bool,
    /// A spike of the source sees a spike of the target that meets it.
    pub pre_sees_post: bool,
    /// The time before the first event counts as none.
    pub starts_at_first: bool,
    /// Between which the rule keeps the weight.
    pub bounds: Option<[f64; 2]>,
    /// In slot order.
    pub coefs: Vec<f64>,
    /// Outs: variables, then the weight that is transmitted. Arguments: variables as states, traces
    /// and then the elapsed time as ports.
    pub pre: Program,
    pub post: Option<Program>,
    pub modulated: Option<Program>,
    pub relax: Option<Program>,
    rule: &'static str,
    /// Of a rule of the user's own.
    pub(super) equations: Option<Value>,
    settings: Settings,
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
        if key == custom::KEY {
            return custom::bind(spec, dt);
        }
        let known = || RULES.iter().map(|rule| (rule.definition)().key);
        let rule = RULES.iter().find(|rule| (rule.definition)().key == key);
        let rule = rule.ok_or_else(|| unknown("synapse model", key, known()))?;
        rule.bind(&(rule.definition)(), spec, dt)
    }

    /// The description with every default and preset written out.
    pub fn resolved(&self) -> Value {
        let mut spec = Map::new();
        spec.insert("model".into(), self.rule.into());
        spec.extend(self.equations.clone().map(|equations| ("equations".to_string(), equations)));
        self.settings.write(&mut spec);
        spec.remove("learn");
        Value::Object(spec)
    }

    /// Traces of one side.
    pub fn side(&self, side: Side) -> impl Iterator<Item = &Trace> {
        self.traces.iter().filter(move |trace| trace.side == side)
    }

    /// The largest magnitude that can be transmitted by a synapse that begins at `w`.
    pub fn most(&self, w: f64) -> f64 {
        self.bounds.map_or(w.abs(), |[low, high]| low.abs().max(high.abs()))
    }
}

type Pre = fn(&Settings, &Named<Sym>, &Event<Sym>) -> Sent<Sym>;
type Change = fn(&Settings, &Named<Sym>, &Event<Sym>) -> Option<Vec<Sym>>;
type Relax = fn(&Settings, &Named<Sym>, &Named<Sym>, Sym) -> Option<Vec<Sym>>;

/// A rule behind function pointers.
pub struct Registered {
    pub definition: fn() -> Definition,
    states: fn(&Settings) -> Vec<StateDef>,
    settle: fn(&mut Settings) -> Result<()>,
    traces: fn(&Settings) -> Vec<TraceDef>,
    derive: fn(&Settings, &Named<f64>) -> Named<f64>,
    pre: Pre,
    post: Change,
    modulated: Change,
    relax: Relax,
}

impl Registered {
    pub const fn of<R: Rule>() -> Registered {
        Registered {
            definition: R::definition,
            states: R::states,
            settle: R::settle,
            traces: R::traces,
            derive: R::derive::<f64>,
            pre: R::pre::<Sym>,
            post: R::post::<Sym>,
            modulated: R::modulated::<Sym>,
            relax: R::relax::<Sym>,
        }
    }

    fn bind(&self, definition: &Definition, spec: &Map<String, Value>, dt: f64) -> Result<Bound> {
        let mut settings = Settings::resolve(definition, spec, 1, dt)?;
        (self.settle)(&mut settings)?;
        let s = &settings;
        let params: Named<f64> = s.params.iter().map(|p| (p.name, p.values[0])).collect();
        let value = |name: &str| params.find(name).unwrap_or(0.0);
        let variables = (self.states)(s)
            .into_iter()
            .map(|state| Variable { name: state.name, init: state.init.map_or(0.0, value) });
        let trace =
            |t: &TraceDef| Trace { name: t.name, side: t.side, jump: t.jump, rate: rate(s, value(t.tau)) };
        Equations {
            variables: variables.collect(),
            traces: (self.traces)(s).iter().map(trace).collect(),
            coefs: (self.derive)(s, &params),
            pre: &|coefs, event| Ok((self.pre)(s, coefs, event)),
            post: &|coefs, event| Ok((self.post)(s, coefs, event)),
            modulated: &|coefs, event| Ok((self.modulated)(s, coefs, event)),
            relax: &|coefs, event| Ok((self.relax)(s, coefs, event.states, event.elapsed)),
        }
        .bind(definition.key, s)
    }
}

/// The rate in 1/ms of an exponential with time constant `tau`.
pub fn rate(settings: &Settings, tau: f64) -> f64 {
    match settings.is("decay", "euler") {
        true => -ln(1.0 - settings.dt / tau) / settings.dt,
        false => 1.0 / tau,
    }
}

type Events<'a, T> = &'a dyn Fn(&Named<Sym>, &Event<Sym>) -> Result<T>;

/// A rule's functions with its numbers.
pub struct Equations<'a> {
    pub variables: Vec<Variable>,
    pub traces: Vec<Trace>,
    pub coefs: Named<f64>,
    pub pre: Events<'a, Sent<Sym>>,
    pub post: Events<'a, Option<Vec<Sym>>>,
    pub modulated: Events<'a, Option<Vec<Sym>>>,
    pub relax: Events<'a, Option<Vec<Sym>>>,
}

impl Equations<'_> {
    pub fn bind(mut self, rule: &'static str, settings: &Settings) -> Result<Bound> {
        if let Some(trace) = self.traces.iter().find(|trace| !trace.rate.is_finite()) {
            let expected = format!("a time constant above the step of {} ms, with Euler steps", settings.dt);
            return Err(Error::invalid(trace.name, "a shorter one", expected));
        }
        self.traces.sort_by_key(|trace| trace.side == Side::Post);
        let names: Vec<&'static str> = self.coefs.iter().map(|(name, _)| name).collect();
        let slots = Slots { variables: &self.variables, traces: &self.traces, coefs: &names };
        let pre = slots.program(|coefs, event| {
            let sent = (self.pre)(coefs, event)?;
            Ok(Some((sent.states, Some(sent.transmitted))))
        })?;
        let change = |events: Events<Option<Vec<Sym>>>| {
            slots.program(|coefs, event| Ok(events(coefs, event)?.map(|states| (states, None))))
        };
        let (post, modulated, relax) = (change(self.post)?, change(self.modulated)?, change(self.relax)?);
        let param = |name: &str| settings.param(name).map(|param| param.values[0]);
        let sees = |one: &str| settings.is("coincidence", one) || settings.is("coincidence", "both");
        Ok(Bound {
            post_sees_pre: sees("pre-first"),
            pre_sees_post: sees("post-first"),
            starts_at_first: settings.is("start", "first-spike"),
            bounds: param("wMin").zip(param("wMax")).map(|(low, high)| [low, high]),
            coefs: self.coefs.iter().map(|(_, x)| x).collect(),
            pre: pre.ok_or_else(|| Error::Internal { reason: "a spike of the source is no event".into() })?,
            post,
            modulated,
            relax,
            variables: self.variables,
            traces: self.traces,
            rule,
            equations: None,
            settings: settings.clone(),
        })
    }
}

/// What the events of a rule may read.
struct Slots<'a> {
    variables: &'a [Variable],
    traces: &'a [Trace],
    coefs: &'a [&'static str],
}

/// Variables after an event, and what is transmitted.
type Outs = (Vec<Sym>, Option<Sym>);

impl Slots<'_> {
    fn program(
        &self,
        event: impl FnOnce(&Named<Sym>, &Event<Sym>) -> Result<Option<Outs>>,
    ) -> Result<Option<Program>> {
        let (n, ports) = (self.variables.len(), self.traces.len() + 1);
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
            let coefs = named(self.coefs.to_vec(), n + ports);
            event(&coefs, &Event { states: &states, traces: &traces, elapsed: inputs[n + ports - 1] })
        });
        let Some((states, transmitted)) = outs? else { return Ok(None) };
        let mut outs: Vec<(OutSlot, Sym)> =
            states.into_iter().enumerate().map(|(i, x)| (OutSlot::State(i), x)).collect();
        outs.extend(transmitted.map(|x| (OutSlot::Spike, x)));
        Ok(Some(Program::lower(&graph, &slots, |slot| matches!(slot, ArgSlot::Coef(_)), &outs)))
    }
}
