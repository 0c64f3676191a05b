//! One step: the update, then the input jump, then spike, reset and refractory period, in the order of
//! [`membrane`](crate::membrane), so that equivalent equations give the same bits.

use super::integrate::{self, Inexact, MOST_COUPLED, Method};
use super::intern::interned;
use super::threshold::Threshold;
use super::update::Form;
use super::{Custom, NumberOrParam};
use crate::definition::Stepped;
use crate::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::affine::affine;
use lapicque_expr::graph::{Sym, smoothly};
use lapicque_expr::parse::{BEFORE, Expr, NOW, Source, Statement, Target};
use lapicque_expr::scalar::Scalar;

/// The largest step number that f32 represents.
const CLOCK_END: f64 = 16_777_215.0;

type Names<'a> = Vec<(&'a str, Sym)>;

/// The data for tracing a step.
pub struct Trace<'a> {
    pub custom: &'a Custom,
    pub settings: &'a Settings,
    pub params: Names<'a>,
    pub ports: &'a [Sym],
    pub noise: &'a [Sym],
    /// The time in ms at the beginning and at the end of the step, if equations read it.
    pub time: Option<[Sym; 2]>,
    pub largest: &'a dyn Fn(Sym) -> f64,
    /// Slope of the smooth function that replaces spikes, if any.
    pub smoothed: Option<f64>,
}

/// The time at the beginning and at the end of a step, from its clock and the number of its wrap-arounds.
pub fn time([clock, wraps]: [Sym; 2], dt: f64) -> [Sym; 2] {
    let steps = wraps.detach().mul_add(Sym::constant(CLOCK_END + 1.0), clock.detach());
    [steps, steps + Sym::one()].map(|steps| steps * Sym::constant(dt))
}

/// The state after the update, before the effects of a spike.
struct Advanced<'a> {
    states: Vec<Sym>,
    locals: Names<'a>,
    method: Option<Method>,
}

impl<'a> Trace<'a> {
    /// The states after the step (the user's, then the others), the spike, and the integration method used.
    pub fn step(&self, old: &[Sym]) -> Result<(Stepped<Sym>, Option<Method>)> {
        let count = self.custom.equations.states.len();
        let (own, others) = old.split_at(count);
        let mut others = others.iter().copied();
        let left = self.custom.is_refractory(self.settings).then(|| others.next()).flatten();
        let inputs: Vec<Sym> = self.custom.previous_inputs().filter_map(|_| others.next()).collect();
        let clock = others.next().map(|clock| (clock, others.next()));

        let timing = self.settings.option("resetTiming");
        // The spike of the previous step, for its reset.
        let spiked = match (timing, &self.custom.threshold) {
            ("same-step", _) | (_, None) => None,
            (_, Some(threshold)) => {
                Some(self.for_reset(self.spike(threshold, &self.names_between_steps(own))?))
            }
        };
        let start = match (timing, spiked) {
            ("start-of-next-step", Some(spike)) => self.reset(own, spike, self.names_between_steps(own))?,
            _ => own.to_vec(),
        };
        let before = self.values_before(&start, &inputs);
        let Advanced { mut states, locals, method } = self.advance(&start, &before)?;
        self.arrive(&mut states, &before)?;
        let after = |states: &[Sym]| self.names_after(states, &locals, &before);
        let resting = left.map(|left| left.detach().greater(Sym::zero()));
        if let Some(resting) = resting {
            for i in self.clamped_states() {
                states[i] = resting.select(start[i], states[i]);
            }
        }
        if let ("next-step", Some(spike)) = (timing, spiked) {
            states = self.reset(&states, spike, after(&states)?)?;
        }
        let more =
            || self.custom.previous_inputs().map(|(port, _)| self.ports[port]).chain(self.counted(clock));
        let Some(threshold) = &self.custom.threshold else {
            states.extend(more());
            return Ok((Stepped { states, spike: None }, method));
        };
        let crosses = self.spike(threshold, &after(&states)?)?;
        let spike = resting.map_or(crosses, |resting| resting.select(Sym::zero(), crosses));
        if timing == "same-step" {
            states = self.reset(&states, self.for_reset(spike), after(&states)?)?;
        }
        if let (Some(left), Some(resting)) = (left, resting) {
            let counted = (left.detach() - resting).max(Sym::zero());
            let steps = self.refractory_steps();
            states.push(smoothly(self.smoothed, || spike.detach().select(steps, counted)).detach());
        }
        states.extend(more());
        Ok((Stepped { states, spike: Some(spike) }, method))
    }

    /// The spike for these values of names. Only the spike and selections by it are smoothed; conditions in the texts are not.
    fn spike(&self, threshold: &Threshold, names: &Names<'a>) -> Result<Sym> {
        threshold.spike(&self.custom.evaluator, names, self.smoothed)
    }

    /// The spike as the reset uses it: detached or not.
    fn for_reset(&self, spike: Sym) -> Sym {
        let detached = self.settings.flag("detachReset") && self.smoothed.is_none();
        if detached { spike.detach() } else { spike }
    }

    /// The clock after a step, and the number of its wrap-arounds if that is counted.
    fn counted(&self, clock: Option<(Sym, Option<Sym>)>) -> impl Iterator<Item = Sym> {
        let next = clock.map(|(clock, wraps)| {
            let clock = clock.detach();
            let end = clock.at_least(Sym::constant(CLOCK_END));
            let wraps = wraps.map(|wraps| (wraps.detach() + end).detach());
            (end.select(Sym::zero(), clock + Sym::one()).detach(), wraps)
        });
        next.into_iter().flat_map(|(clock, wraps)| std::iter::once(clock).chain(wraps))
    }

    fn refractory_steps(&self) -> Sym {
        let period = self.custom.equations.refractory.as_ref().map(|refractory| &refractory.period);
        let ms = match period {
            Some(NumberOrParam::Param(name)) => {
                self.params.iter().find(|(known, _)| known == name).map_or_else(Sym::zero, |&(_, x)| x)
            }
            Some(NumberOrParam::Value(x)) => Sym::constant(*x),
            None => Sym::zero(),
        };
        // Rounded to steps: 2 ms in steps of 0.1 ms are 20, whatever the rounding of the division.
        (ms / Sym::constant(self.settings.dt) + Sym::constant(0.5)).floor()
    }

    /// The states that do not change during the refractory period.
    fn clamped_states(&self) -> Vec<usize> {
        let hold = self.custom.equations.refractory.as_ref().and_then(|refractory| refractory.hold.as_ref());
        let holds = |name: &str| match (hold, &self.custom.threshold) {
            (Some(hold), _) => hold.iter().any(|clamped| clamped == name),
            (None, Some(threshold)) => threshold.condition.mentions(name),
            (None, None) => false,
        };
        let states = self.custom.equations.states.iter().enumerate();
        states.filter(|(_, state)| holds(&state.name)).map(|(i, _)| i).collect()
    }

    fn with_states(&self, mut names: Names<'a>, states: &[Sym]) -> Names<'a> {
        let state_names = self.custom.equations.states.iter().map(|state| state.name.as_str());
        names.extend(state_names.zip(states.iter().copied()));
        names
    }

    fn constants(&self) -> Names<'a> {
        let mut names = self.params.clone();
        names.push(("dt", Sym::constant(self.settings.dt)));
        names.extend(self.custom.units.iter().map(|&unit| (unit, Sym::one())));
        names
    }

    /// The values of the step before, `v[t-1]` and `i[t-1]`: those of the states at the start of the step, and those of the
    /// inputs that are read.
    fn values_before(&self, states: &[Sym], inputs: &[Sym]) -> Names<'a> {
        let names = self.custom.equations.states.iter();
        let names = names.map(|state| interned(&format!("{}{BEFORE}", state.name)));
        let of_inputs = self.custom.previous_inputs().map(|(_, name)| name).zip(inputs.iter().copied());
        names.zip(states.iter().copied()).chain(of_inputs).collect()
    }

    /// Names between two steps: parameters, the time, and states.
    fn names_between_steps(&self, states: &[Sym]) -> Names<'a> {
        let mut names = self.constants();
        names.extend(self.time(When::Into(0.0)));
        self.with_states(names, states)
    }

    fn time(&self, when: When) -> Option<(&'a str, Sym)> {
        let [begin, end] = self.time?;
        let time = match when {
            When::End => end,
            When::Into(0.0) => begin,
            When::Into(ms) => begin + Sym::constant(ms),
        };
        Some((super::TIME, time))
    }

    /// Parameters, inputs and the time.
    fn names_with_inputs(&self, when: When) -> Names<'a> {
        let mut names = self.constants();
        names.extend(self.time(when));
        names.extend(self.custom.equations.input.names().zip(self.ports.iter().copied()));
        names
    }

    /// Names during a step, except for the states.
    fn names_during(&self, when: When) -> Names<'a> {
        let mut names = self.names_with_inputs(when);
        let scale = match self.custom.update.form {
            Form::Derivatives => 1.0 / self.settings.dt.sqrt(),
            _ => 1.0,
        };
        let noise = self.custom.update.noise.iter().zip(self.noise);
        names.extend(noise.map(|(name, &x)| (name.as_str(), x * Sym::constant(scale))));
        names
    }

    /// Names after the states have these values, including variables of the update: an assigned one keeps its value of this
    /// step, one next to derivatives is recomputed for these states.
    fn names_after(&self, states: &[Sym], assigned: &Names<'a>, before: &Names<'a>) -> Result<Names<'a>> {
        let mut names = self.with_states(self.names_during(When::End), states);
        names.extend(before);
        if self.custom.update.form != Form::Derivatives {
            names.extend(assigned);
            return Ok(names);
        }
        let reads_locals =
            self.custom.threshold.iter().map(|threshold| &threshold.condition).chain(
                self.custom.reset.iter().flat_map(|(_, statements)| statements.iter().map(|s| &s.value)),
            );
        let locals = || self.custom.update.statements.iter().filter(|s| !self.is_state(&s.name));
        if reads_locals.into_iter().any(|expr| locals().any(|local| expr.mentions(&local.name))) {
            for local in locals() {
                let value = self.value(&local.value, &names)?;
                names.push((&local.name, value));
            }
        }
        Ok(names)
    }

    fn is_state(&self, name: &str) -> bool {
        self.state(name).is_some()
    }

    fn state(&self, name: &str) -> Option<usize> {
        self.custom.equations.states.iter().position(|state| state.name == name)
    }

    fn value(&self, expr: &Expr, names: &Names) -> Result<Sym> {
        self.custom.evaluator.value(&self.custom.update.source, expr, names)
    }

    fn advance(&self, old: &[Sym], before: &Names<'a>) -> Result<Advanced<'a>> {
        match self.custom.update.form {
            Form::Derivatives => {
                let (states, method) = self.integrate(old)?;
                Ok(Advanced { states, locals: vec![], method: Some(method) })
            }
            form => {
                let method = self.settings.option("method");
                if !matches!(method, "auto" | "discrete") {
                    let expected = "no value, because update assigns the next values directly";
                    return Err(Error::invalid("method", format!("\"{method}\""), expected));
                }
                let (states, locals) = self.assign(old, form, before)?;
                Ok(Advanced { states, locals, method: None })
            }
        }
    }

    /// The states and the update's variables, statement by statement.
    fn assign(&self, old: &[Sym], form: Form, before: &Names<'a>) -> Result<(Vec<Sym>, Names<'a>)> {
        let (mut states, mut locals) = (old.to_vec(), Vec::new());
        let mut names: Vec<(&str, Sym)> = self.with_states(self.names_during(When::Into(0.0)), old);
        names.extend(before);
        let inputs: Vec<String> =
            self.custom.equations.input.names().map(|name| format!("{name}{NOW}")).collect();
        let now: Vec<String> =
            self.custom.update.statements.iter().map(|s| format!("{}{NOW}", s.name)).collect();
        if form == Form::Steps {
            names.extend(inputs.iter().map(String::as_str).zip(self.ports.iter().copied()));
        }
        for (statement, now) in self.custom.update.statements.iter().zip(&now) {
            let value = self.custom.evaluator.value(&self.custom.update.source, &statement.value, &names)?;
            match self.state(&statement.name) {
                Some(i) => {
                    states[i] = changed(statement.target, states[i], value);
                    match form {
                        Form::Steps => names.push((now, states[i])),
                        _ => set(&mut names, &statement.name, states[i]),
                    }
                }
                None => {
                    locals.push((statement.name.as_str(), value));
                    names.extend([(statement.name.as_str(), value), (now, value)]);
                }
            }
        }
        Ok((states, locals))
    }

    /// The rates of change at this number of ms after the beginning of the step.
    fn rates(&self, states: &[Sym], ms: f64) -> Result<Vec<Sym>> {
        let mut names = self.with_states(self.names_during(When::Into(ms)), states);
        let mut rates = states.to_vec();
        for statement in &self.custom.update.statements {
            let value = self.value(&statement.value, &names)?;
            match self.state(&statement.name) {
                Some(i) => rates[i] = value,
                None => names.push((&statement.name, value)),
            }
        }
        Ok(rates)
    }

    fn integrate(&self, old: &[Sym]) -> Result<(Vec<Sym>, Method)> {
        let (rates, dt) = (|states: &[Sym], ms: f64| self.rates(states, ms), self.settings.dt);
        let chosen = Method::named(self.settings.option("method"));
        if self.settings.is("method", "discrete") {
            let expected = "a method of integration, because update has derivatives";
            return Err(Error::invalid("method", "\"discrete\"", expected));
        }
        let noisy = !self.custom.update.noise.is_empty();
        if let Some(method) = chosen
            && noisy
            && method != Method::Euler
        {
            let expected = "\"euler\", because of the noise xi";
            return Err(Error::invalid("method", format!("\"{}\"", method.name()), expected));
        }
        // How training will change a learned time constant is unknown.
        let growth = if self.settings.params.iter().any(|param| param.learn) { 16.0 } else { 1.0 };
        // Constant coefficients do not depend on the time.
        let moves = self.custom.reads_time(self.custom.update.statements.iter().map(|s| &s.value));
        if moves && chosen == Some(Method::Exact) {
            let at = self.custom.update.statements.iter().find(|s| s.value.mentions(super::TIME));
            let reason =
                "the method exact needs constant coefficients, but t is not constant: use another method";
            return Err(self.custom.update.source.fail(at.map_or(0, |s| s.value.at), reason));
        }
        let states = match chosen {
            None | Some(Method::Euler) if noisy => {
                self.check_noise(&rates(old, 0.0)?)?;
                return Ok((integrate::euler(&rates, old, dt)?, Method::Euler));
            }
            None if moves => return Ok((integrate::euler(&rates, old, dt)?, Method::Euler)),
            None => match integrate::exact(&rates, old, self.ports, dt, self.largest, growth)? {
                Ok(states) => return Ok((states, Method::Exact)),
                Err(_) => return Ok((integrate::euler(&rates, old, dt)?, Method::Euler)),
            },
            Some(Method::Euler) => Ok(integrate::euler(&rates, old, dt)?),
            Some(Method::Midpoint) => Ok(integrate::rk2(&rates, old, dt)?),
            Some(Method::RungeKutta4) => Ok(integrate::rk4(&rates, old, dt)?),
            Some(Method::ExponentialEuler) => {
                integrate::exponential_euler(&rates, old, dt)?.map_err(Inexact::NotLinear)
            }
            Some(Method::Exact) => integrate::exact(&rates, old, self.ports, dt, self.largest, growth)?,
        };
        let method = chosen.unwrap_or(Method::Euler);
        states.map(|states| (states, method)).map_err(|why| match why {
            Inexact::NotLinear(state) => self.not_linear(state, method),
            Inexact::TooMany(count) => {
                let reason = format!(
                    "the method exact takes at most {MOST_COUPLED} coupled states and inputs, but there are {count}: take another \
                     method, such as rk4"
                );
                self.custom.update.source.fail(0, reason)
            }
        })
    }

    /// White noise has no value at a point in time: a derivative must be linear in it.
    fn check_noise(&self, rates: &[Sym]) -> Result<()> {
        let Some(i) = affine(rates, self.noise, &[]).iter().position(Option::is_none) else { return Ok(()) };
        let name = &self.custom.equations.states[i].name;
        let at = self.custom.update.statements.iter().find(|s| s.name == *name).map_or(0, |s| s.value.at);
        let reason = format!("{name}' must be linear in xi: white noise has no square and no function of it");
        Err(self.custom.update.source.fail(at, reason))
    }

    fn not_linear(&self, state: usize, method: Method) -> Error {
        let name = &self.custom.equations.states[state].name;
        let of = match method {
            Method::Exact => "all states and the input, with constant coefficients".to_string(),
            _ => name.clone(),
        };
        let source = &self.custom.update.source;
        let at = self.custom.update.statements.iter().find(|s| s.name == *name).map_or(0, |s| s.value.at);
        source.fail(at, format!("the method {} needs {name}' to be linear in {of}", method.name()))
    }

    /// Applies the input jump to the states after the update, whatever the method of the update.
    fn arrive(&self, states: &mut [Sym], before: &Names<'a>) -> Result<()> {
        let Some((source, statements)) = &self.custom.arrival else { return Ok(()) };
        let mut names = self.with_states(self.names_with_inputs(When::End), states);
        names.extend(before);
        for statement in statements {
            let i = self.changes(source, statement, "an arrival")?;
            let value = self.custom.evaluator.value(source, &statement.value, &names)?;
            states[i] = changed(statement.target, states[i], value);
            set(&mut names, &statement.name, states[i]);
        }
        Ok(())
    }

    /// The state that a statement outside of the update changes.
    fn changes(&self, source: &Source, statement: &Statement, what: &str) -> Result<usize> {
        let name = &statement.name;
        if matches!(statement.target, Target::Derivative | Target::Step) {
            let reason =
                format!("{what} is {name} = …, {name} += …, {name} -= …, {name} *= … or {name} /= …");
            return Err(source.fail(statement.at, reason));
        }
        self.state(name).ok_or_else(|| source.fail(statement.at, format!("{name} is not a state")))
    }

    /// The states after the reset by `spike`.
    fn reset(&self, states: &[Sym], spike: Sym, mut names: Names<'a>) -> Result<Vec<Sym>> {
        let mut states = states.to_vec();
        let Some((source, statements)) = &self.custom.reset else { return Ok(states) };
        for statement in statements {
            let i = self.changes(source, statement, "a reset")?;
            let value = self.custom.evaluator.value(source, &statement.value, &names)?;
            states[i] = self.spiked(statement, states[i], value, spike);
            set(&mut names, &statement.name, states[i]);
        }
        Ok(states)
    }

    fn spiked(&self, reset: &Statement, x: Sym, value: Sym, spike: Sym) -> Sym {
        // Multiplied by the spike if the value is certainly finite: parameters are, states may overflow.
        let mut constant = true;
        reset.value.names(&mut |name, _| {
            constant &= self.params.iter().any(|(known, _)| *known == name) || name == "pi" || name == "dt";
        });
        match reset.target {
            Target::Add if constant => x + spike * value,
            Target::Subtract if constant => x - spike * value,
            target => smoothly(self.smoothed, || spike.select(changed(target, x, value), x)),
        }
    }
}

/// A point in time of a step.
#[derive(Clone, Copy)]
enum When {
    /// This number of ms after its beginning.
    Into(f64),
    End,
}

/// The value of `x` after a statement.
fn changed(target: Target, x: Sym, value: Sym) -> Sym {
    match target {
        Target::Add => x + value,
        Target::Subtract => x - value,
        Target::Multiply => x * value,
        Target::Divide => x / value,
        Target::Value | Target::Step | Target::Derivative => value,
    }
}

fn set(names: &mut Vec<(&str, Sym)>, name: &str, value: Sym) {
    if let Some(entry) = names.iter_mut().find(|(other, _)| *other == name) {
        entry.1 = value;
    }
}
