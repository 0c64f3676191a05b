//! Intrinsic plasticity: a parameter of each neuron moves until the neuron fires at a target rate.

use super::description::IntrinsicSpec;
use super::partition::{Partition, Spike};
use super::plan::{Plan, Population};
use super::precision::Precision;
use super::simulation::{Simulation, lock};
use super::state::IntrinsicState;
use lapicque_base::error::{Error, Result};
use lapicque_expr::functions::double::exp;

/// Which parameter moves, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Intrinsic {
    pub(super) parameter: String,
    /// In Hz.
    target: f64,
    /// The change of the parameter at a change, for each Hz above the target.
    gain: f64,
    /// What a rate loses in a step, as the exponent, and what a spike adds to it in Hz.
    decay: f64,
    jump: f64,
    /// In steps.
    pub interval: u64,
    bounds: [f64; 2],
}

impl Intrinsic {
    /// Errors: `unknown-name` for the parameter, `invalid-parameter` for numbers out of range.
    pub fn new(population: &Population, spec: &IntrinsicSpec, dt: f64) -> Result<Intrinsic> {
        let at = |what: &str| format!("{}.intrinsic.{what}", population.name);
        let params = population.bound.params.iter();
        if !params.clone().any(|param| param.name == spec.parameter) {
            let kind = format!("parameter of {}", population.name);
            return Err(Error::unknown(&kind, &spec.parameter, params.map(|param| param.name)));
        }
        for (what, value) in [("rateTarget", spec.rate_target), ("tauRate", spec.tau_rate)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::invalid(at(what), value, "a number above 0"));
            }
        }
        if !spec.gain.is_finite() {
            return Err(Error::invalid(at("gain"), spec.gain, "a finite number"));
        }
        let steps = spec.interval / dt;
        if !(0.5..1e15).contains(&steps) || (steps - steps.round()).abs() > 1e-6 {
            let expected = format!("a whole number of steps of {dt} ms");
            return Err(Error::invalid(at("interval"), spec.interval, expected));
        }
        let bounds = [spec.min.unwrap_or(f64::MIN), spec.max.unwrap_or(f64::MAX)];
        if bounds[0].is_nan() || bounds[1].is_nan() || bounds[0] >= bounds[1] {
            return Err(Error::invalid(at("max"), bounds[1], format!("a number above min, {}", bounds[0])));
        }
        Ok(Intrinsic {
            parameter: spec.parameter.clone(),
            target: spec.rate_target,
            gain: spec.gain * spec.interval / 1000.0,
            decay: -dt / spec.tau_rate,
            jump: 1000.0 / spec.tau_rate,
            interval: steps.round() as u64,
            bounds,
        })
    }
}

/// The rates of a population's neurons in a partition: after their last spikes, and when these were.
#[derive(Debug, Clone)]
pub struct Rates {
    pub population: usize,
    pub values: Vec<f64>,
    pub since: Vec<u64>,
}

impl Rates {
    pub fn new(population: usize, lanes: usize) -> Rates {
        Rates { population, values: vec![0.0; lanes], since: vec![0; lanes] }
    }

    fn at(&self, of: &Intrinsic, lane: usize, now: u64) -> f64 {
        self.values[lane] * exp((now - self.since[lane]) as f64 * of.decay)
    }

    /// Spikes at the end of step `now`.
    pub fn spike(&mut self, of: &Intrinsic, lane: usize, now: u64) {
        self.values[lane] = self.at(of, lane, now) + of.jump;
        self.since[lane] = now;
    }
}

impl<F: Precision> Partition<F> {
    /// Hears the spikes of a step.
    pub fn hear(&mut self, plan: &Plan, fired: &[Spike], now: u64) {
        let (parts, stride) = (&self.parts, self.stride);
        for rates in &mut self.rates {
            let of = &plan.populations[rates.population];
            let Some(intrinsic) = &of.intrinsic else { continue };
            let own = |&&(_, neuron): &&Spike| (of.first..of.first + of.size).contains(&(neuron as usize));
            for &(_, neuron) in fired.iter().filter(own) {
                rates.spike(intrinsic, parts[rates.population].lane(neuron as usize - of.first, stride), now);
            }
        }
    }
}

impl<F: Precision> Simulation<F> {
    /// What is due at step `now`.
    pub(super) fn adapt(&mut self, now: u64) -> Result<()> {
        for i in 0..self.plan.populations.len() {
            let population = &self.plan.populations[i];
            let Some(of) = population.intrinsic.clone().filter(|of| now.is_multiple_of(of.interval)) else {
                continue;
            };
            let (name, size) = (population.name.clone(), population.size);
            let mut values = self.get(&name, 0..size, &of.parameter)?;
            self.each_rate(i, |n, rates, lane| {
                let moved = values[n] + of.gain * (rates.at(&of, lane, now) - of.target);
                values[n] = moved.max(of.bounds[0]).min(of.bounds[1]);
            });
            self.assign(&name, 0..size, &[(of.parameter, values)])?;
        }
        Ok(())
    }

    /// Visits the rates of a population's neurons.
    fn each_rate(&self, population: usize, mut visit: impl FnMut(usize, &mut Rates, usize)) {
        let size = self.plan.populations[population].size;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let partition = &mut *partition;
            let (part, stride) = (&partition.parts[population], partition.stride);
            let Some(rates) = partition.rates.iter_mut().find(|rates| rates.population == population) else {
                continue;
            };
            for lane in 0..part.lanes {
                let neuron = part.neuron(lane, stride);
                if neuron < size {
                    visit(neuron, rates, lane);
                }
            }
        }
    }

    pub(super) fn save_intrinsic(&self) -> Vec<IntrinsicState> {
        let moving = self.plan.populations.iter().enumerate().filter(|(_, p)| p.intrinsic.is_some());
        moving
            .map(|(i, population)| {
                let (mut rates, mut since) = (vec![0.0; population.size], vec![0; population.size]);
                self.each_rate(i, |n, own, lane| (rates[n], since[n]) = (own.values[lane], own.since[lane]));
                let of = population.intrinsic.as_ref().map_or("", |of| &of.parameter);
                let values = self.get(&population.name, 0..population.size, of).unwrap_or_default();
                IntrinsicState { population: population.name.clone(), values, rates, since }
            })
            .collect()
    }

    /// Errors: `shape-mismatch` for the state of another network.
    pub(super) fn check_intrinsic(&self, states: &[IntrinsicState], step: u64) -> Result<()> {
        let own: Vec<&Population> = self.plan.populations.iter().filter(|p| p.intrinsic.is_some()).collect();
        let fits = own.len() == states.len()
            && own.iter().zip(states).all(|(population, state)| {
                let n = population.size;
                let finite = |values: &[f64]| values.len() == n && values.iter().all(|x| x.is_finite());
                population.name == state.population
                    && finite(&state.values)
                    && finite(&state.rates)
                    && state.since.len() == n
                    && state.since.iter().all(|&since| since <= step)
            });
        if fits {
            return Ok(());
        }
        let names = |all: Vec<&str>| format!("parameters and rates of {}", all.join(", "));
        Err(Error::ShapeMismatch {
            layer: "state.intrinsic".into(),
            expected: names(own.iter().map(|population| &population.name[..]).collect()),
            got: names(states.iter().map(|state| &state.population[..]).collect()),
        })
    }

    /// Of states that have been checked.
    pub(super) fn restore_intrinsic(&mut self, states: &[IntrinsicState]) -> Result<()> {
        for state in states {
            let i = self.plan.population(&state.population)?;
            self.each_rate(i, |n, own, lane| {
                (own.values[lane], own.since[lane]) = (state.rates[n], state.since[n]);
            });
            if let Some(of) = self.plan.populations[i].intrinsic.clone() {
                let all = 0..self.plan.populations[i].size;
                self.assign(&state.population, all, &[(of.parameter, state.values.clone())])?;
            }
        }
        Ok(())
    }
}
