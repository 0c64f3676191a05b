//! User-defined rules: statements over the weight, variables of the synapse, traces and parameters, as text.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::bind::{Bound, Equations, Sight, Then, Timing, Trace, Variable, rate, resolved};
use super::definition::{COINCIDENCE, DECAY, Event, Jump, Sent, Side, SightDef, clip};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::custom::intern::interned;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::{Settings, short};
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use lapicque_expr::parse::{Evaluator, Expr, Source, Statement, Target, expression, is_built_in, statements};

/// The `model` of a description that has `equations`.
pub const KEY: &str = "custom";
const MOST_NAMES: usize = 32;

/// The time since the rule's last event, in ms. It is a variable of the synapse if statements read it, because synapses also
/// catch up between events, and each of several rules has separate events.
const ELAPSED: &str = "elapsed";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Texts {
    /// Variables in addition to the weight.
    #[serde(default)]
    variables: Vec<VariableText>,
    #[serde(default)]
    traces: Vec<TraceText>,
    #[serde(default)]
    sights: Vec<SightText>,
    #[serde(default)]
    pre: String,
    #[serde(default)]
    post: Option<String>,
    #[serde(default)]
    modulated: Option<String>,
    #[serde(default)]
    every_step: Option<String>,
    /// `every_step` runs in the steps in which this expression of sights and parameters is above 0.
    #[serde(default)]
    when: Option<String>,
    /// The transmitted weight; omitted: the weight.
    #[serde(default)]
    transmit: Option<String>,
}

impl Texts {
    fn read_elapsed(&self) -> bool {
        let more = [&self.post, &self.modulated, &self.every_step, &self.transmit];
        let texts = more.into_iter().flatten().chain([&self.pre]);
        texts.into_iter().any(|text| text.contains(ELAPSED))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableText {
    name: String,
    #[serde(default)]
    init: f64,
    /// In ms; omitted: the variable does not decay between events.
    #[serde(default)]
    tau: Option<NumberOrParam>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TraceText {
    name: String,
    of: Of,
    tau: NumberOrParam,
    #[serde(default)]
    jump: JumpText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SightText {
    name: String,
    /// A state of the target, or a previous sight.
    of: String,
    /// Time constant of a low-pass filter in ms.
    #[serde(default)]
    tau: Option<NumberOrParam>,
    /// In ms.
    #[serde(default)]
    delay: Option<NumberOrParam>,
    #[serde(default)]
    held: Option<HeldText>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldText {
    value: NumberOrParam,
    /// In ms.
    time: NumberOrParam,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    Pre,
    Post,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum JumpText {
    #[default]
    Add,
    Set,
}

/// A value, or the parameter that holds it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NumberOrParam {
    Value(f64),
    Param(String),
}

impl NumberOrParam {
    fn value(&self, settings: &Settings) -> Result<f64> {
        match self {
            NumberOrParam::Value(x) => Ok(*x),
            NumberOrParam::Param(name) => match settings.param(name) {
                Some(param) => Ok(param.values[0]),
                None => Err(Error::unknown("parameter", name, settings.params.iter().map(|p| p.name))),
            },
        }
    }

    /// A time constant.
    fn time(&self, of: &str, settings: &Settings) -> Result<f64> {
        let tau = self.value(settings)?;
        match tau.is_finite() && tau > 0.0 {
            true => Ok(tau),
            false => Err(Error::invalid(format!("{of}.tau"), tau, "a time constant in ms above 0")),
        }
    }
}

/// Parsed statements.
struct Text {
    source: Source,
    statements: Vec<Statement>,
}

impl Text {
    fn read(label: &'static str, text: &str) -> Result<Text> {
        let source = Source::new(label, text);
        let statements = if text.trim().is_empty() { vec![] } else { statements(&source)? };
        for statement in &statements {
            if matches!(statement.target, Target::Derivative | Target::Step) {
                return Err(source.fail(statement.at, "an event assigns: \"w = …\", \"w += …\""));
            }
        }
        Ok(Text { source, statements })
    }

    fn assigns(&self, name: &str) -> bool {
        self.statements.iter().any(|statement| statement.name == name)
    }

    /// The variables after the statements; `names` are the other names that they may read.
    fn run(&self, variables: &Named<Sym>, names: &[(&'static str, Sym)]) -> Result<Named<Sym>> {
        let evaluator = Evaluator::default();
        let mut names_in_scope: Vec<(&str, Sym)> = variables.iter().collect();
        let own = names_in_scope.len();
        names_in_scope.extend_from_slice(names);
        for statement in &self.statements {
            let value = evaluator.value(&self.source, &statement.value, &names_in_scope)?;
            let at = names_in_scope.iter().position(|(name, _)| *name == statement.name);
            let is_own = at.is_some_and(|at| at < own || at >= own + names.len());
            match (at, statement.target) {
                (Some(_), _) if !is_own => {
                    let reason = format!("{} is not a variable of the synapse", statement.name);
                    return Err(self.source.fail(statement.at, reason));
                }
                (Some(at), target) => {
                    let old = names_in_scope[at].1;
                    names_in_scope[at].1 = match target {
                        Target::Add => old + value,
                        Target::Subtract => old - value,
                        Target::Multiply => old * value,
                        Target::Divide => old / value,
                        _ => value,
                    };
                }
                (None, Target::Value) => names_in_scope.push((&statement.name, value)),
                (None, _) => {
                    let reason = format!("{} has no value yet", statement.name);
                    return Err(self.source.fail(statement.at, reason));
                }
            }
        }
        Ok(variables.iter().zip(&names_in_scope).map(|((name, _), &(_, x))| (name, x)).collect())
    }
}

/// Errors: `invalid-parameter`, `unknown-name`, and `equation` with line and column for the texts.
pub fn with(spec: &Map<String, Value>, dt: f64, then: Then) -> Result<Bound> {
    let given = spec.get("equations").unwrap_or(&Value::Null);
    let texts: Texts = serde_json::from_value(given.clone())
        .map_err(|e| Error::invalid("equations", short(given), format!("equations ({e})")))?;
    let params = match spec.get("params") {
        Some(Value::Object(params)) => params.keys().map(|name| interned(name)).collect(),
        _ => vec![],
    };
    check_names(&texts, &params)?;
    let param = |name: &&'static str| ParamDef::new(name, "*", Fallback::Value(0.0), "of the user's own");
    let definition = Definition {
        key: KEY,
        params: params.iter().map(param).collect(),
        options: vec![COINCIDENCE, DECAY],
        ..Definition::default()
    };
    let mut bare = spec.clone();
    bare.remove("equations");
    let settings = Settings::resolve(&definition, &bare, 1, dt)?;
    if let (Some(low), Some(high)) = (settings.param("wMin"), settings.param("wMax"))
        && low.values[0] >= high.values[0]
    {
        let expected = format!("a number above wMin, {}", low.values[0]);
        return Err(Error::invalid("wMax", high.values[0], expected));
    }
    equations(&texts, &settings, given, then)
}

/// The variables of a synapse and how they decay.
struct Variables {
    variables: Vec<Variable>,
    /// The parameters of the rule, then the decay rates.
    coefs: Named<f64>,
    /// By variable: the coefficient that holds its decay rate.
    rates: Vec<Option<&'static str>>,
    /// Whether the last variable is [`ELAPSED`].
    timed: bool,
}

fn variables(texts: &Texts, settings: &Settings) -> Result<Variables> {
    let mut variables = vec![Variable { name: "w", init: 0.0 }];
    let mut coefs: Named<f64> = settings.params.iter().map(|param| (param.name, param.values[0])).collect();
    let mut rates: Vec<Option<&'static str>> = vec![None];
    for v in &texts.variables {
        variables.push(Variable { name: interned(&v.name), init: v.init });
        rates.push(match &v.tau {
            None => None,
            Some(tau) => {
                let name = interned(&format!("{} decay", v.name));
                coefs = coefs.with(name, -rate(settings, tau.time(&v.name, settings)?));
                Some(name)
            }
        });
    }
    let timed = texts.read_elapsed();
    if timed {
        variables.push(Variable { name: ELAPSED, init: 0.0 });
        rates.push(None);
    }
    Ok(Variables { variables, coefs, rates, timed })
}

fn traces(texts: &Texts, settings: &Settings) -> Result<Vec<Trace>> {
    let of = |t: &TraceText| {
        let (side, jump) = (
            if matches!(t.of, Of::Pre) { Side::Pre } else { Side::Post },
            if matches!(t.jump, JumpText::Add) { Jump::Add } else { Jump::Set },
        );
        let rate = rate(settings, t.tau.time(&t.name, settings)?);
        Ok(Trace { name: interned(&t.name), side, jump, rate })
    };
    texts.traces.iter().map(of).collect()
}

fn sights(texts: &Texts, settings: &Settings) -> Result<Vec<Sight>> {
    let mut sights = Vec::new();
    for t in &texts.sights {
        // Values of a sight, by their names.
        let mut numbers: Vec<(&'static str, f64)> = vec![];
        let mut number = |name: &'static str, value: f64| {
            numbers.push((name, value));
            name
        };
        let label = |part: &str| interned(&format!("{}.{part}", t.name));
        let tau = t.tau.as_ref().map(|tau| tau.time(&t.name, settings)).transpose()?;
        let delay = t.delay.as_ref().map(|delay| delay.value(settings)).transpose()?;
        let clamped =
            t.held.as_ref().map(|h| Ok((h.value.value(settings)?, h.time.value(settings)?))).transpose()?;
        let def = SightDef {
            name: interned(&t.name),
            of: interned(&t.of),
            tau: tau.map(|tau| number(label("tau"), tau)),
            delay: delay.map(|delay| number(label("delay"), delay)),
            clamped: clamped
                .map(|(value, time)| [number(label("held.value"), value), number(label("held.time"), time)]),
        };
        let value = |name: &str| numbers.iter().find(|(known, _)| *known == name).map_or(0.0, |(_, x)| *x);
        Sight::add(&mut sights, &def, value, settings.dt)?;
    }
    Ok(sights)
}

fn formula(label: &'static str, text: &str) -> Result<(Source, Expr)> {
    let source = Source::new(label, text);
    let expr = expression(&source)?;
    Ok((source, expr))
}

fn equations(texts: &Texts, settings: &Settings, given: &Value, then: Then) -> Result<Bound> {
    let Variables { variables, coefs, rates, timed } = variables(texts, settings)?;
    let traces = traces(texts, settings)?;
    let sights = sights(texts, settings)?;
    let every_step = texts.every_step.as_deref().map(|text| Text::read("everyStep", text)).transpose()?;
    let when = match (&texts.when, &texts.every_step) {
        (None, _) => None,
        (Some(text), Some(_)) => Some(formula("when", text)?),
        (Some(text), None) => {
            return Err(Error::invalid("equations.when", text.clone(), "nothing without everyStep"));
        }
    };
    let read = |label, text: &Option<String>| text.as_deref().map(|text| Text::read(label, text)).transpose();
    let pre = Text::read("pre", &texts.pre)?;
    let (post, modulated) = (read("post", &texts.post)?, read("modulated", &texts.modulated)?);
    let transmit = texts.transmit.as_deref().map(|text| formula("transmit", text)).transpose()?;
    let bounded = settings.param("wMin").is_some() && settings.param("wMax").is_some();
    let statements = [&post, &modulated, &every_step].into_iter().flatten().chain([&pre]);
    let values = statements.clone().flat_map(|text| text.statements.iter().map(|statement| &statement.value));
    let formulas = when.iter().chain(&transmit).map(|(_, expr)| expr);
    let read: Vec<&Expr> = values.chain(formulas).collect();
    let mut all = statements;
    let beyond = transmit.is_some() || (!bounded && all.any(|text| text.assigns("w")));
    let relaxed = |coefs: &Named<Sym>, e: &Event<Sym>| -> Named<Sym> {
        let rest = |((name, x), rate): ((&'static str, Sym), &Option<&'static str>)| match rate {
            Some(rate) => (name, x * (e.elapsed * coefs.get(rate)).exp()),
            None if name == ELAPSED => (name, x + e.elapsed),
            None => (name, x),
        };
        e.states.iter().zip(&rates).map(rest).collect()
    };
    let names = |coefs: &Named<Sym>, e: &Event<Sym>| -> Vec<(&'static str, Sym)> {
        let params = coefs.iter().filter(|(name, _)| settings.param(name).is_some());
        let own = e.traces.iter().chain(e.sights.iter()).chain(params);
        let elapsed = e.states.find(ELAPSED).map_or(e.elapsed, |before| before + e.elapsed);
        own.chain([(ELAPSED, elapsed), ("dt", Sym::constant(settings.dt))]).collect()
    };
    // The variables that statements may assign.
    let run = |text: &Text, coefs: &Named<Sym>, e: &Event<Sym>| -> Result<Named<Sym>> {
        let own: Named<Sym> = relaxed(coefs, e).iter().filter(|(name, _)| *name != ELAPSED).collect();
        let after = text.run(&own, &names(coefs, e))?;
        let keep = |(name, x)| (name, if bounded && name == "w" { clip(coefs, x) } else { x });
        Ok(after.iter().map(keep).collect())
    };
    // The elapsed time is reset.
    let values = |after: Named<Sym>| -> Vec<Sym> {
        after.iter().map(|(_, x)| x).chain(timed.then(Sym::zero)).collect()
    };
    let change = |text: &Option<Text>, coefs: &Named<Sym>, e: &Event<Sym>| {
        text.as_ref().map(|text| run(text, coefs, e).map(values)).transpose()
    };
    let equations = Equations {
        variables,
        traces,
        sights,
        coefs,
        pre: &|coefs, e| {
            let after = run(&pre, coefs, e)?;
            let transmitted = match &transmit {
                None => after.get("w"),
                Some((source, expr)) => {
                    let names: Vec<(&str, Sym)> = after.iter().chain(names(coefs, e)).collect();
                    Evaluator::default().value(source, expr, &names)?
                }
            };
            Ok(Sent { states: values(after), transmitted })
        },
        post: &|coefs, e| change(&post, coefs, e),
        step: &|coefs, e| change(&every_step, coefs, e),
        acts: &|coefs, sights| {
            let Some((source, expr)) = &when else { return Ok(None) };
            let params = coefs.iter().filter(|(name, _)| settings.param(name).is_some());
            let names: Vec<(&str, Sym)> = sights.iter().chain(params).collect();
            Evaluator::default().value(source, expr, &names).map(Some)
        },
        modulated: &|coefs, e| change(&modulated, coefs, e),
        relax: &|coefs, e| {
            let moves = timed || rates.iter().any(Option::is_some);
            Ok(moves.then(|| relaxed(coefs, e).iter().map(|(_, x)| x).collect()))
        },
        dt: settings.dt,
        timing: Timing { beyond, ..Timing::of(settings) },
    };
    let bound = then(equations, &resolved(KEY, settings, Some(given)))?;
    // Last, because a misspelled name in a statement leaves a parameter unused.
    check_use(texts, settings, bounded, &read)?;
    Ok(bound)
}

/// Refuses a parameter that nothing uses.
fn check_use(texts: &Texts, settings: &Settings, bounded: bool, read: &[&Expr]) -> Result<()> {
    let of_variables = texts.variables.iter().filter_map(|v| v.tau.as_ref());
    let of_traces = texts.traces.iter().map(|trace| &trace.tau);
    let of_sights = texts.sights.iter().flat_map(|sight| {
        let held = sight.held.iter().flat_map(|held| [&held.value, &held.time]);
        sight.tau.iter().chain(&sight.delay).chain(held)
    });
    let held: Vec<&NumberOrParam> = of_variables.chain(of_traces).chain(of_sights).collect();
    let used = |name: &str| {
        read.iter().any(|value| value.mentions(name))
            || held.iter().any(|value| matches!(value, NumberOrParam::Param(param) if param == name))
            || bounded && ["wMin", "wMax"].contains(&name)
    };
    let Some(unused) = settings.params.iter().find(|param| !used(param.name)) else { return Ok(()) };
    let expected = match unused.name {
        "wMin" | "wMax" => "wMin and wMax together, which bound the weight; or use it in a statement",
        _ => "a parameter that the rule uses: remove it, or use it in a statement",
    };
    Err(Error::invalid("params", format!("\"{}\", which the rule does not use", unused.name), expected))
}

fn check_names(texts: &Texts, params: &[&'static str]) -> Result<()> {
    let own = texts.variables.iter().map(|v| &v.name[..]).chain(texts.traces.iter().map(|t| &t.name[..]));
    let own = own.chain(texts.sights.iter().map(|t| &t.name[..]));
    let mut seen = vec!["w", "elapsed", "dt", "pi"];
    for name in own.chain(params.iter().copied()) {
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let starts = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
        if !letters || !starts || name.len() > 64 || is_built_in(name) || seen.contains(&name) {
            let expected =
                "a unique name of letters and digits that is not a function or constant of the language";
            return Err(Error::invalid("equations", format!("\"{name}\""), expected));
        }
        seen.push(name);
    }
    match seen.len() <= MOST_NAMES {
        true => Ok(()),
        false => {
            Err(Error::invalid("equations", format!("{} names", seen.len()), format!("at most {MOST_NAMES}")))
        }
    }
}
