//! The equations of a mechanism as graphs: initial states, currents, a step, and their adjoints.

use std::collections::BTreeMap;

use lapicque_base::error::{Error, Result};
use lapicque_expr::adjoint::backward;
use lapicque_expr::affine::{Affine, affine};
use lapicque_expr::graph::{Sym, input};
use lapicque_expr::parse::{Evaluator, Target};
use lapicque_expr::{ArgSlot, OutSlot, Scalar};

use super::compile::{Environment, IonUse, Port};
use super::definition::{Definition, Parsed, Start};

pub struct Tracer<'a> {
    definition: &'a Definition,
    parsed: &'a Parsed,
    environment: &'a Environment,
    /// The mechanism's ions as indices of the environment's.
    ions: Vec<usize>,
}

#[derive(Default)]
pub struct Traced {
    pub initial: Vec<Sym>,
    pub next: Vec<Sym>,
    /// Empty without currents.
    pub current: Vec<Sym>,
    pub currents: Vec<usize>,
}

/// The results of the adjoint programs.
pub struct TracedAdjoint {
    pub initial: Vec<(OutSlot, Sym)>,
    pub current: Vec<(OutSlot, Sym)>,
    pub varying: Vec<usize>,
    pub step: Vec<(OutSlot, Sym)>,
}

/// Constants of a model, and of each ion.
const CONSTANTS: usize = 2;
const CONSTANTS_OF_ION: usize = 3;

impl<'a> Tracer<'a> {
    pub fn new(
        definition: &'a Definition,
        parsed: &'a Parsed,
        environment: &'a Environment,
        ions: Vec<usize>,
    ) -> Self {
        Tracer { definition, parsed, environment, ions }
    }

    /// Inputs of the graph: ports, states, parameters, constants; then gradients of states and of currents.
    pub fn inputs(&self) -> Vec<ArgSlot> {
        let coefs = self.parsed.parameters.len() + self.constants().count();
        (self.ports().enumerate().map(|(i, _)| ArgSlot::Port(i)))
            .chain((0..self.parsed.states.len()).map(ArgSlot::State))
            .chain((0..coefs).map(ArgSlot::Coef))
            .chain((0..self.parsed.states.len()).map(ArgSlot::GradState))
            .chain((0..2 + self.ions.len()).map(ArgSlot::GradState))
            .collect()
    }

    pub fn ports(&self) -> impl Iterator<Item = Port> {
        (0..1 + 3 * self.ions.len()).map(|i| self.port(i))
    }

    pub fn port(&self, i: usize) -> Port {
        match i.checked_sub(1) {
            None => Port::Voltage,
            Some(i) => [Port::Reversal, Port::Inside, Port::Current][i % 3](self.ions[i / 3]),
        }
    }

    /// Temperature, time step, and of each ion the fixed reversal potential and concentrations inside and outside.
    pub fn constants(&self) -> impl Iterator<Item = f64> {
        let Environment { celsius, dt, ions } = self.environment;
        let of_ion = |&ion: &usize| {
            let IonUse { reversal, inside, outside, .. } = ions[ion];
            [reversal.unwrap_or(0.0), inside, outside]
        };
        [*celsius, *dt].into_iter().chain(self.ions.iter().flat_map(of_ion))
    }

    fn constant(&self, i: usize) -> Sym {
        input(self.ports().count() + self.parsed.states.len() + self.parsed.parameters.len() + i)
    }

    pub fn pools(&self) -> Vec<(usize, usize)> {
        let states = self.parsed.states.iter().enumerate();
        let ion = |name: &str| {
            self.ions.iter().copied().find(|&ion| format!("{}i", self.environment.ions[ion].name) == name)
        };
        states.filter_map(|(i, (name, _))| ion(name).map(|ion| (i, ion))).collect()
    }

    /// Extends the graph by the adjoints of what was traced.
    pub fn adjoint(&self, traced: &Traced) -> TracedAdjoint {
        let ports = self.ports().count();
        let (states, parameters) = (self.parsed.states.len(), self.parsed.parameters.len());
        let first = ports + states + parameters + self.constants().count();
        let of = |seeds: &[(Sym, Sym)]| -> Vec<(OutSlot, Sym)> {
            let gradients = backward(seeds, &[], &|_| Sym::zero());
            let slots = (0..ports).map(OutSlot::GradPort);
            let slots = slots.chain((0..states).map(OutSlot::GradState));
            let slots = slots.chain((0..parameters).map(OutSlot::GradCoef));
            let found = slots.enumerate().map(|(i, slot)| (slot, gradients.of(input(i))));
            found.filter_map(|(slot, gradient)| Some((slot, gradient?))).collect()
        };
        let of_states = |results: &[Sym]| {
            let seeds = results.iter().enumerate().map(|(i, &result)| (result, input(first + i)));
            of(&seeds.collect::<Vec<_>>())
        };
        let varies = |k: &usize| self.environment.ions[traced.currents[*k]].is_current_read;
        let varying: Vec<usize> = (0..traced.currents.len()).filter(varies).collect();
        let results = traced.current.iter().take(2).chain(varying.iter().map(|&k| &traced.current[2 + k]));
        let seeds = results.enumerate().map(|(i, &result)| (result, input(first + states + i)));
        TracedAdjoint {
            initial: of_states(&traced.initial),
            current: of(&seeds.collect::<Vec<_>>()),
            step: of_states(&traced.next),
            varying: varying.into_iter().map(|k| traced.currents[k]).collect(),
        }
    }

    pub fn trace(&self) -> Result<Traced> {
        let Tracer { definition, parsed, environment, .. } = self;
        let ports = self.ports().count();
        let v = input(0);
        let mut names: Vec<(String, Sym)> = vec![("v".into(), v)];
        names.push(("celsius".into(), self.constant(0)));
        for (k, &ion) in self.ions.iter().enumerate() {
            let IonUse { name, reversal, varies, .. } = &environment.ions[ion];
            let (at, constant) = (1 + 3 * k, CONSTANTS + CONSTANTS_OF_ION * k);
            let fixed = |i: usize| self.constant(constant + i);
            names.push((format!("e{name}"), reversal.map_or_else(|| input(at), |_| fixed(0))));
            names.push((format!("{name}o"), fixed(2)));
            if !parsed.states.iter().any(|(state, _)| *state == format!("{name}i")) {
                names.push((format!("{name}i"), if *varies { input(at + 1) } else { fixed(1) }));
            }
            if !parsed.assigns(&format!("i{name}")) {
                names.push((format!("i{name}"), input(at + 2)));
            }
        }
        let states: Vec<Sym> = (0..parsed.states.len()).map(|i| input(ports + i)).collect();
        names.extend(parsed.states.iter().map(|(name, _)| name.clone()).zip(states.iter().copied()));
        let first = ports + states.len();
        let params: Vec<Sym> = (0..parsed.parameters.len()).map(|i| input(first + i)).collect();
        names.extend(parsed.parameters.iter().map(|(name, _)| name.clone()).zip(params.iter().copied()));

        let evaluator = Evaluator::new(&parsed.functions.0, parsed.functions.1.clone());
        let mut rates: BTreeMap<&str, (Sym, usize)> = BTreeMap::new();
        for statement in &parsed.statements {
            let known: Vec<(&str, Sym)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let value = evaluator.value(&parsed.source, &statement.value, &known)?;
            match statement.target {
                Target::Derivative => drop(rates.insert(&statement.name, (value, statement.at))),
                _ => names.push((statement.name.clone(), value)),
            }
        }
        let mut traced = Traced::default();
        for (k, (name, start)) in parsed.states.iter().enumerate() {
            let (rate, at) = rates[name.as_str()];
            let Some(Some(linear)) = affine(&[rate], &[states[k]], &states).pop() else {
                let reason = format!("the derivative of {name} is not linear in {name}");
                return Err(parsed.source.fail(at, reason));
            };
            traced.next.push(exponential_euler(states[k], rate, &linear, self.constant(1)));
            traced.initial.push(match start {
                Start::Value(x) => Sym::constant(*x),
                Start::Parameter(name) => {
                    let index = parsed.parameters.iter().position(|(known, _)| known == name);
                    params[index.unwrap_or_default()]
                }
                Start::Steady => match linear.coefs[0] {
                    Some(slope) => -(linear.rest.unwrap_or_else(Sym::zero) / slope),
                    None => {
                        let reason = format!("{name} has no steady state: give its initial value");
                        return Err(parsed.source.fail(at, reason));
                    }
                },
            });
        }
        let value_of =
            |name: &str| names.iter().rev().find(|(known, _)| known == name).map(|&(_, value)| value);
        let mut sum = parsed.assigns("i").then(|| value_of("i")).flatten();
        for &ion in &self.ions {
            let name = format!("i{}", environment.ions[ion].name);
            if parsed.assigns(&name)
                && let Some(current) = value_of(&name)
            {
                traced.currents.push(ion);
                traced.current.push(current);
                sum = Some(sum.map_or(current, |sum| sum + current));
            }
        }
        if let Some(sum) = sum {
            let slope = backward(&[(sum, Sym::one())], &[], &|_| Sym::zero()).of(v).unwrap_or_else(Sym::zero);
            traced.current.splice(0..0, [sum, slope]);
        }
        if traced.next.is_empty() && traced.current.is_empty() {
            return Err(Error::invalid(
                &definition.name,
                "no currents and no states",
                "a current or a state",
            ));
        }
        Ok(traced)
    }
}

/// Below this, exp(x) - 1 loses digits, and two terms of its series are exact to the last.
const SMALL: f64 = 1e-5;

/// The exact solution over `h` of `x' = a x + b` with constant a and b.
fn exponential_euler(x: Sym, rate: Sym, linear: &Affine, h: Sym) -> Sym {
    let Some(a) = linear.coefs[0] else { return rate.mul_add(h, x) };
    let z = a * h;
    let decay = z.exp();
    let is_small = Sym::constant(SMALL).greater(z.abs());
    let steady = linear.rest.map_or_else(Sym::zero, |b| b / is_small.select(Sym::constant(-1.0), -a));
    let far = (x - steady).mul_add(decay, steady);
    let near = (rate * h).mul_add(z.mul_add(Sym::constant(0.5), Sym::one()), x);
    is_small.select(near, far)
}
