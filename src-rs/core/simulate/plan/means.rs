//! Means over neurons, and proxies of the local field potential, recorded without the values of single neurons.
//!
//! A mean is that of an expression of states and parameters, in f64. Its terms are added exactly, so it does not depend
//! on partitions. A mean with a delay is sampled earlier by the delay, and waits until it is read.

use super::network::Plan;
use super::population::Population;
use crate::spec::description::{FieldSpec, MeanSpec, Neurons};
use lapicque_base::error::{Error, Result};
use lapicque_base::simd::SimdLevel;
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::parse::parse;
use lapicque_expr::{ArgSlot, Kernel, OutSlot, Program};
use std::ops::Range;

/// The mean of an expression over some neurons.
pub struct Mean {
    pub population: usize,
    /// Counted within the population.
    pub neurons: Range<usize>,
    pub(crate) value: Value,
    pub every: u64,
    /// Steps between the sampled step and the step at which it is read.
    pub delay: u64,
}

impl std::fmt::Debug for Mean {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Mean of {:?} in population {}", self.neurons, self.population)
    }
}

pub enum Value {
    State(usize),
    Expression { kernel: Box<Kernel<f64>>, args: Vec<ArgSlot> },
}

/// A proxy of the local field potential from two means, by their numbers.
#[derive(Debug)]
pub struct Field {
    pub excitatory: usize,
    pub inhibitory: usize,
    pub alpha: f64,
}

/// Synaptic currents of known models as expressions of states and parameters, excitatory and inhibitory. A model matches if it
/// has all of these names.
const CURRENTS: &[[&str; 2]] = &[
    ["gE*(v - vE) + gED*(d - vE)", "gI*(v - vI) + gID*(d - vI)"],
    ["gE*(v - vE)", "gI*(v - vI)"],
    ["iE", "iI"],
];

impl Plan {
    pub(crate) fn mean(&self, name: &str, spec: &MeanSpec) -> Result<Mean> {
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        self.mean_of(&format!("{name}.value"), &spec.of, &spec.value, [every, 0])
    }

    fn mean_of(&self, name: &str, of: &Neurons, text: &str, [every, delay]: [u64; 2]) -> Result<Mean> {
        let population = self.population(of.of())?;
        let target = &self.populations[population];
        let neurons = of.range(&format!("{name}.of"), target.size)?;
        let value = match target.bound.states.iter().position(|state| state.name == text) {
            Some(state) => Value::State(state),
            None => expression(target, text)?,
        };
        Ok(Mean { population, neurons, value, every, delay })
    }

    /// Resolves a field and adds the two means that it samples.
    pub(crate) fn field(&mut self, name: &str, spec: &FieldSpec) -> Result<Field> {
        let every = self.every(name, spec.every.unwrap_or(self.description.dt))?;
        let population = &self.populations[self.population(spec.of.of())?];
        let own = CURRENTS.iter().find(|texts| texts.iter().all(|text| expression(population, text).is_ok()));
        let text = |what: &str, given: &Option<String>, k: usize| match (given, own) {
            (Some(given), _) => Ok(given.clone()),
            (None, Some(texts)) => Ok(texts[k].to_string()),
            (None, None) => {
                let expected = "a synaptic current, an expression of states and parameters: the model has none that is known";
                Err(Error::invalid(format!("{name}.{what}"), "nothing", expected))
            }
        };
        let texts = [text("excitatory", &spec.excitatory, 0)?, text("inhibitory", &spec.inhibitory, 1)?];
        if !(spec.alpha.is_finite() && spec.alpha >= 0.0) {
            return Err(Error::invalid(format!("{name}.alpha"), spec.alpha, "a number of at least 0"));
        }
        let delays = [("excitatoryDelay", spec.excitatory_delay), ("inhibitoryDelay", spec.inhibitory_delay)];
        let mut numbers = [0; 2];
        for (k, ((what, ms), text)) in delays.into_iter().zip(&texts).enumerate() {
            let steps = ms / self.description.dt;
            if !(0.0..1e9).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
                let expected = format!("a whole number of steps of {} ms", self.description.dt);
                return Err(Error::invalid(format!("{name}.{what}"), ms, expected));
            }
            let at = format!("{name}.{}", ["excitatory", "inhibitory"][k]);
            let mean = self.mean_of(&at, &spec.of, &format!("abs({text})"), [every, steps.round() as u64])?;
            numbers[k] = self.means.len();
            self.means.push(mean);
        }
        Ok(Field { excitatory: numbers[0], inhibitory: numbers[1], alpha: spec.alpha })
    }
}

/// An expression of a population's states and parameters.
fn expression(population: &Population, text: &str) -> Result<Value> {
    let bound = &population.bound;
    let states = bound.states.iter().enumerate().map(|(i, state)| (state.name, ArgSlot::State(i)));
    let params = bound.params.iter().enumerate().map(|(k, param)| (param.name, ArgSlot::Coef(k)));
    let names_and_slots: Vec<(&str, ArgSlot)> = states.chain(params).collect();
    let (graph, value) = trace(false, || {
        let names: Vec<(&str, Sym)> =
            names_and_slots.iter().enumerate().map(|(i, &(name, _))| (name, input(i))).collect();
        parse(text, &names)
    });
    let slots: Vec<ArgSlot> = names_and_slots.iter().map(|&(_, slot)| slot).collect();
    // Parameters count as individual here: whether a parameter differs from neuron to neuron may change between runs.
    let program = Program::lower(&graph, &slots, |_| false, &[(OutSlot::State(0), value?)]);
    Ok(Value::Expression {
        kernel: Box::new(Kernel::interpreted(&program, SimdLevel::detect())),
        args: program.args,
    })
}

impl Mean {
    /// The number of readings after step `now` whose samples were taken at or before `now`.
    pub fn waiting(&self, now: u64) -> usize {
        ((now + self.delay) / self.every - now / self.every) as usize
    }
}
