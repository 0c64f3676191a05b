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

fn gather(rules: &[Value], dt: f64, gathered: Vec<Equations>, texts: Vec<Value>) -> Result<Bound> {
    let Some((first, rest)) = rules.split_first() else { return merged(gathered, texts) };
    let i = gathered.len();
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
        let (mut gathered, mut texts) = (gathered.clone(), texts.clone());
        gathered.push(equations);
        texts.push(resolved.clone());
        gather(rest, dt, gathered, texts)
    })
}

/// Offsets of a rule's names among those of all rules.
struct Offsets {
    variables: Vec<usize>,
    sights: usize,
    coefs: usize,
}

/// The names of all rules: each with the number of its rule, so that no two are the same.
struct Joined {
    variables: Vec<Variable>,
    traces: Vec<Trace>,
    sights: Vec<Sight>,
    coefs: Vec<(&'static str, f64)>,
    /// By rule.
    offsets: Vec<Offsets>,
}

fn numbered(own: &str, rule: usize) -> &'static str {
    interned(&format!("{own} of rule {rule}"))
}

impl Joined {
    fn of(rules: &[Equations]) -> Joined {
        let mut all = Joined {
            variables: vec![Variable { name: "w", init: 0.0 }],
            traces: vec![],
            sights: vec![],
            coefs: vec![],
            offsets: vec![],
        };
        for (k, rule) in rules.iter().enumerate() {
            let mut offsets =
                Offsets { variables: vec![0], sights: all.sights.len(), coefs: all.coefs.len() };
            for variable in &rule.variables[1..] {
                offsets.variables.push(all.variables.len());
                // Variables keep their names if no other rule uses the same name.
                let taken = all.variables.iter().any(|known| known.name == variable.name);
                let name = if taken { numbered(variable.name, k) } else { variable.name };
                all.variables.push(Variable { name, init: variable.init });
            }
            let traces = rule.traces.iter();
            all.traces.extend(traces.map(|trace| Trace { name: numbered(trace.name, k), ..trace.clone() }));
            all.sights.extend(rule.sights.iter().map(|sight| {
                let of = match sight.of {
                    SightOf::Sight(i) => SightOf::Sight(offsets.sights + i),
                    SightOf::State(state) => SightOf::State(state),
                };
                Sight { name: numbered(sight.name, k), of, ..sight.clone() }
            }));
            all.coefs.extend(rule.coefs.iter().map(|(own, x)| (numbered(own, k), x)));
            all.offsets.push(offsets);
        }
        all
    }
}

/// The effect of an event on one rule's part of a synapse; `None` if the rule does not have the event.
type Changes<'a> = dyn Fn(&Equations, &Own) -> Result<Option<Vec<Sym>>> + 'a;

/// The rules one after the other.
struct InOrder<'a, 'r> {
    rules: &'a [Equations<'r>],
    offsets: &'a [Offsets],
}

impl InOrder<'_, '_> {
    /// The event with the names that one rule uses.
    fn own(&self, k: usize, coefs: &Named<Sym>, event: &Event<Sym>, states: &[Sym]) -> Own {
        let (rule, offsets) = (&self.rules[k], &self.offsets[k]);
        let trace = |own: &Trace| event.traces.get(numbered(own.name, k));
        Own {
            states: rule
                .variables
                .iter()
                .zip(&offsets.variables)
                .map(|(v, &i)| (v.name, states[i]))
                .collect(),
            traces: rule.traces.iter().map(|own| (own.name, trace(own))).collect(),
            sights: self.own_sights(k, event.sights),
            coefs: self.own_coefs(k, coefs),
        }
    }

    fn own_sights(&self, k: usize, sights: &Named<Sym>) -> Named<Sym> {
        let own = self.rules[k].sights.iter().zip(sights.iter().skip(self.offsets[k].sights));
        own.map(|(own, (_, x))| (own.name, x)).collect()
    }

    fn own_coefs(&self, k: usize, coefs: &Named<Sym>) -> Named<Sym> {
        let own = self.rules[k].coefs.iter().zip(coefs.iter().skip(self.offsets[k].coefs));
        own.map(|((own, _), (_, x))| (own, x)).collect()
    }

    fn put(&self, k: usize, states: &mut [Sym], new: Vec<Sym>) {
        self.offsets[k].variables.iter().zip(new).for_each(|(&i, x)| states[i] = x);
    }

    /// All variables after their decay since the last event.
    fn rested(&self, coefs: &Named<Sym>, event: &Event<Sym>) -> Result<Vec<Sym>> {
        let mut states: Vec<Sym> = event.states.iter().map(|(_, x)| x).collect();
        for (k, rule) in self.rules.iter().enumerate() {
            let own = self.own(k, coefs, event, &states);
            if let Some(new) = (rule.relax)(&own.coefs, &own.event(event.elapsed))? {
                self.put(k, &mut states, new);
            }
        }
        Ok(states)
    }

    /// Whether any variable decays.
    fn relaxes(&self, coefs: &Named<Sym>, event: &Event<Sym>) -> Result<bool> {
        let states: Vec<Sym> = event.states.iter().map(|(_, x)| x).collect();
        for (k, rule) in self.rules.iter().enumerate() {
            let own = self.own(k, coefs, event, &states);
            if (rule.relax)(&own.coefs, &own.event(event.elapsed))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn pre(&self, coefs: &Named<Sym>, event: &Event<Sym>) -> Result<Sent<Sym>> {
        let mut states = self.rested(coefs, event)?;
        let mut transmitted = states[0];
        for (k, rule) in self.rules.iter().enumerate() {
            let own = self.own(k, coefs, event, &states);
            let sent = (rule.pre)(&own.coefs, &own.event(Sym::zero()))?;
            self.put(k, &mut states, sent.states);
            transmitted = sent.transmitted;
        }
        Ok(Sent { states, transmitted })
    }

    /// An event that at least one rule has: variables of all rules decay, and those of these rules change.
    fn change(&self, coefs: &Named<Sym>, event: &Event<Sym>, of: &Changes) -> Result<Option<Vec<Sym>>> {
        let mut states = self.rested(coefs, event)?;
        let mut any = false;
        for (k, rule) in self.rules.iter().enumerate() {
            let own = self.own(k, coefs, event, &states);
            if let Some(new) = of(rule, &own)? {
                self.put(k, &mut states, new);
                any = true;
            }
        }
        Ok(any.then_some(states))
    }

    /// A step changes something if it does for any rule.
    fn acts(&self, coefs: &Named<Sym>, sights: &Named<Sym>) -> Result<Option<Sym>> {
        let zero = Sym::zero;
        let mut any = zero();
        for (k, rule) in self.rules.iter().enumerate() {
            let (own_sights, own_coefs) = (self.own_sights(k, sights), self.own_coefs(k, coefs));
            match (rule.acts)(&own_coefs, &own_sights)? {
                Some(acts) => any = any.max(acts.greater(zero())),
                None if steps(rule, &own_coefs, &own_sights) => return Ok(None),
                None => {}
            }
        }
        Ok(Some(any))
    }
}

fn merged(rules: Vec<Equations>, texts: Vec<Value>) -> Result<Bound> {
    let timing = timing(&rules)?;
    let Joined { variables, traces, sights, coefs, offsets } = Joined::of(&rules);
    let all = InOrder { rules: &rules, offsets: &offsets };
    let zero = Sym::zero;
    let equations = Equations {
        dt: rules[0].dt,
        timing,
        variables,
        traces,
        sights,
        coefs: coefs.into_iter().collect(),
        pre: &|coefs, event| all.pre(coefs, event),
        post: &|coefs, event| {
            all.change(coefs, event, &|rule, own| (rule.post)(&own.coefs, &own.event(zero())))
        },
        step: &|coefs, event| {
            all.change(coefs, event, &|rule, own| {
                let Some(new) = (rule.step)(&own.coefs, &own.event(zero()))? else { return Ok(None) };
                let Some(acts) = (rule.acts)(&own.coefs, &own.sights)? else { return Ok(Some(new)) };
                let on = acts.greater(zero());
                Ok(Some(own.states.iter().zip(new).map(|((_, old), new)| on.select(new, old)).collect()))
            })
        },
        acts: &|coefs, sights| all.acts(coefs, sights),
        modulated: &|coefs, event| {
            all.change(coefs, event, &|rule, own| (rule.modulated)(&own.coefs, &own.event(zero())))
        },
        relax: &|coefs, event| {
            Ok(if all.relaxes(coefs, event)? { Some(all.rested(coefs, event)?) } else { None })
        },
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
    let common = bounds.next();
    match bounds.find(|other| Some(*other) != common) {
        Some([low, high]) => {
            let expected = "the same wMin and wMax in all rules of a connection";
            Err(Error::invalid("synapse.rules", format!("also {low} to {high}"), expected))
        }
        None => {
            let beyond = rules.iter().any(|rule| rule.timing.beyond);
            Ok(Timing { bounds: common, beyond, ..one })
        }
    }
}
