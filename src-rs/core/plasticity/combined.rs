//! Several rules on one synapse: they share its weight; each has separate variables and traces.

use super::bind::{Bound, Equations, Sight, SightOf, Timing, Trace, Variable, equations_of};
use super::definition::{Event, Sent};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::custom::intern::interned;
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::short;
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use serde_json::{Map, Value, json};

/// The `model` of a description that has `rules`.
pub const KEY: &str = "combined";

/// At an event all variables first decay for the time since the last event, in the order of the rules. Then each rule applies
/// the event, in the same order. The last rule decides what is transmitted.
///
/// # Errors
/// Those of the rules; `invalid-parameter` for rules with different options for coincident spikes, or with different bounds.
pub fn bind(spec: &Map<String, Value>, dt: f64) -> Result<Bound> {
    let rules = match spec.get("rules") {
        Some(Value::Array(rules)) if rules.len() > 1 => rules,
        other => {
            let got = other.map_or("nothing".into(), short);
            return Err(Error::invalid("synapse.rules", got, "a list of two or more synapse models"));
        }
    };
    gather(rules, dt, vec![], vec![])
}

fn gather(rules: &[Value], dt: f64, known: Vec<Equations>, texts: Vec<Value>) -> Result<Bound> {
    let Some((first, rest)) = rules.split_first() else { return merged(known, texts) };
    let i = known.len();
    let spec = first.as_object().filter(|spec| spec.get("model").is_some_and(Value::is_string));
    let Some(spec) = spec else {
        return Err(Error::invalid(format!("synapse.rules[{i}]"), short(first), "a synapse model"));
    };
    let key = spec["model"].as_str().unwrap_or_default();
    if key == KEY {
        return Err(Error::invalid(
            format!("synapse.rules[{i}]"),
            KEY,
            "a single rule: combined rules cannot be nested",
        ));
    }
    equations_of(spec, key, dt, &mut |equations, resolved| {
        let (mut known, mut texts) = (known.clone(), texts.clone());
        known.push(equations);
        texts.push(resolved.clone());
        gather(rest, dt, known, texts)
    })
}

/// Offsets of a rule's names among those of all rules.
struct Place {
    variables: Vec<usize>,
    sights: usize,
    coefs: usize,
}
/// The effect of an event on one rule's part of a synapse; `None` if the rule does not have the event.
type Changes<'a> = dyn Fn(&Equations, &Own) -> Result<Option<Vec<Sym>>> + 'a;

fn merged(rules: Vec<Equations>, texts: Vec<Value>) -> Result<Bound> {
    let timing = timing(&rules)?;
    let mut variables: Vec<Variable> = vec![Variable { name: "w", init: 0.0 }];
    let (mut traces, mut sights): (Vec<Trace>, Vec<Sight>) = (vec![], vec![]);
    let mut coefs: Vec<(&'static str, f64)> = vec![];
    let mut places = vec![];
    for (k, rule) in rules.iter().enumerate() {
        let name = |own: &str| interned(&format!("{own} of rule {k}"));
        let mut place = Place { variables: vec![0], sights: sights.len(), coefs: coefs.len() };
        for variable in &rule.variables[1..] {
            place.variables.push(variables.len());
            // Variables keep their names if no other rule uses the same name.
            let taken = variables.iter().any(|known| known.name == variable.name);
            let name = if taken { name(variable.name) } else { variable.name };
            variables.push(Variable { name, init: variable.init });
        }
        traces.extend(rule.traces.iter().map(|trace| Trace { name: name(trace.name), ..trace.clone() }));
        sights.extend(rule.sights.iter().map(|sight| {
            let of = match sight.of {
                SightOf::Sight(i) => SightOf::Sight(place.sights + i),
                SightOf::State(state) => SightOf::State(state),
            };
            Sight { name: name(sight.name), of, ..sight.clone() }
        }));
        coefs.extend(rule.coefs.iter().map(|(own, x)| (name(own), x)));
        places.push(place);
    }
    // The event with the names that one rule uses.
    let own = |k: usize, coefs: &Named<Sym>, event: &Event<Sym>, states: &[Sym]| {
        let (rule, place): (&Equations, &Place) = (&rules[k], &places[k]);
        let trace = |own: &Trace| event.traces.get(interned(&format!("{} of rule {k}", own.name)));
        Own {
            states: rule.variables.iter().zip(&place.variables).map(|(v, &i)| (v.name, states[i])).collect(),
            traces: rule.traces.iter().map(|own| (own.name, trace(own))).collect(),
            sights: (rule.sights.iter().zip(event.sights.iter().skip(place.sights)))
                .map(|(own, (_, x))| (own.name, x))
                .collect(),
            coefs: (rule.coefs.iter().zip(coefs.iter().skip(place.coefs)))
                .map(|((own, _), (_, x))| (own, x))
                .collect(),
        }
    };
    let put = |k: usize, states: &mut [Sym], new: Vec<Sym>| {
        places[k].variables.iter().zip(new).for_each(|(&i, x)| states[i] = x);
    };
    let rested = |coefs: &Named<Sym>, event: &Event<Sym>| -> Result<Vec<Sym>> {
        let mut states: Vec<Sym> = event.states.iter().map(|(_, x)| x).collect();
        for (k, rule) in rules.iter().enumerate() {
            let own = own(k, coefs, event, &states);
            if let Some(new) = (rule.relax)(&own.coefs, &own.event(event.elapsed))? {
                put(k, &mut states, new);
            }
        }
        Ok(states)
    };
    let relaxes = |coefs: &Named<Sym>, event: &Event<Sym>| -> Result<bool> {
        let states: Vec<Sym> = event.states.iter().map(|(_, x)| x).collect();
        for (k, rule) in rules.iter().enumerate() {
            let own = own(k, coefs, event, &states);
            if (rule.relax)(&own.coefs, &own.event(event.elapsed))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    };
    // An event that at least one rule has: variables of all rules decay, and those of these rules change.
    let change = |coefs: &Named<Sym>, event: &Event<Sym>, of: &Changes| {
        let mut states = rested(coefs, event)?;
        let mut any = false;
        for (k, rule) in rules.iter().enumerate() {
            let own = own(k, coefs, event, &states);
            if let Some(new) = of(rule, &own)? {
                put(k, &mut states, new);
                any = true;
            }
        }
        Ok(any.then_some(states))
    };
    let zero = Sym::zero;
    let equations = Equations {
        dt: rules[0].dt,
        timing,
        variables,
        traces,
        sights,
        coefs: coefs.into_iter().collect(),
        pre: &|coefs, event| {
            let mut states = rested(coefs, event)?;
            let mut transmitted = states[0];
            for (k, rule) in rules.iter().enumerate() {
                let own = own(k, coefs, event, &states);
                let sent = (rule.pre)(&own.coefs, &own.event(zero()))?;
                put(k, &mut states, sent.states);
                transmitted = sent.transmitted;
            }
            Ok(Sent { states, transmitted })
        },
        post: &|coefs, event| change(coefs, event, &|rule, own| (rule.post)(&own.coefs, &own.event(zero()))),
        step: &|coefs, event| {
            change(coefs, event, &|rule, own| {
                let Some(new) = (rule.step)(&own.coefs, &own.event(zero()))? else { return Ok(None) };
                let Some(acts) = (rule.acts)(&own.coefs, &own.sights)? else { return Ok(Some(new)) };
                let on = acts.greater(zero());
                Ok(Some(own.states.iter().zip(new).map(|((_, old), new)| on.select(new, old)).collect()))
            })
        },
        acts: &|coefs, sights| {
            // A step changes something if it does for any rule.
            let mut any = zero();
            for (k, rule) in rules.iter().enumerate() {
                let place = &places[k];
                let own_sights: Named<Sym> = rule
                    .sights
                    .iter()
                    .zip(sights.iter().skip(place.sights))
                    .map(|(own, (_, x))| (own.name, x))
                    .collect();
                let own_coefs: Named<Sym> = rule
                    .coefs
                    .iter()
                    .zip(coefs.iter().skip(place.coefs))
                    .map(|((own, _), (_, x))| (own, x))
                    .collect();
                match (rule.acts)(&own_coefs, &own_sights)? {
                    Some(acts) => any = any.max(acts.greater(zero())),
                    None if steps(rule, &own_coefs, &own_sights) => return Ok(None),
                    None => {}
                }
            }
            Ok(Some(any))
        },
        modulated: &|coefs, event| {
            change(coefs, event, &|rule, own| (rule.modulated)(&own.coefs, &own.event(zero())))
        },
        relax: &|coefs, event| Ok(if relaxes(coefs, event)? { Some(rested(coefs, event)?) } else { None }),
    };
    equations.bind(json!({ "model": KEY, "rules": texts }))
}

/// Whether steps change anything under a rule.
fn steps(rule: &Equations, coefs: &Named<Sym>, sights: &Named<Sym>) -> bool {
    let zero = Sym::zero();
    let states = rule.variables.iter().map(|v| (v.name, zero)).collect();
    let traces = rule.traces.iter().map(|t| (t.name, zero)).collect();
    let event = Event { states: &states, traces: &traces, sights, elapsed: zero };
    (rule.step)(coefs, &event).is_ok_and(|new| new.is_some())
}

/// An event as one of the rules sees it.
struct Own {
    states: Named<Sym>,
    traces: Named<Sym>,
    sights: Named<Sym>,
    coefs: Named<Sym>,
}

impl Own {
    fn event(&self, elapsed: Sym) -> Event<'_, Sym> {
        Event { states: &self.states, traces: &self.traces, sights: &self.sights, elapsed }
    }
}

fn timing(rules: &[Equations]) -> Result<Timing> {
    let first = rules[0].timing;
    let sees = |t: &Timing| [t.post_sees_pre, t.pre_sees_post, t.starts_at_first];
    // Coincidence does not matter for a rule without traces.
    let with_traces = || rules.iter().filter(|rule| !rule.traces.is_empty());
    let one = with_traces().next().map_or(first, |rule| rule.timing);
    if with_traces().any(|rule| sees(&rule.timing) != sees(&one)) {
        let expected = "one coincidence and start for all rules of a connection";
        return Err(Error::invalid("synapse.rules", "others", expected));
    }
    let mut bounds = rules.iter().filter_map(|rule| rule.timing.bounds);
    let known = bounds.next();
    match bounds.find(|other| Some(*other) != known) {
        Some([low, high]) => {
            let expected = "the same wMin and wMax in all rules of a connection";
            Err(Error::invalid("synapse.rules", format!("also {low} to {high}"), expected))
        }
        None => {
            let beyond = rules.iter().any(|rule| rule.timing.beyond);
            Ok(Timing { bounds: known, beyond, ..one })
        }
    }
}
