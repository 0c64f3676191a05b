//! Checks numbers of a network in the precision of a run: a number that is infinite in f32 is refused by name.

use super::inputs::{Input, InputKind};
use super::network::Plan;
use super::population::Population;
use crate::random::distribution::Sampler;
use crate::representation::precision::Precision;
use crate::representation::synapse_format::TOLERANCE;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::real::Real;
use lapicque_dynamics::bind::BoundParam;
use rayon::prelude::*;

/// Errors: `invalid-parameter` with `name` and the index of the first number that `F` cannot represent.
pub fn check_representable<F: Precision>(name: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|&x| !<F as Real>::from_f64(x).is_finite()) {
        Some(i) => <F as Real>::representable(|| format!("{name}[{i}]"), values[i]).map(|_| ()),
        None => Ok(()),
    }
}

fn one<F: Precision>(name: impl FnOnce() -> String, x: f64) -> Result<()> {
    <F as Real>::representable(name, x).map(|_| ())
}

/// As `check_representable` for a weight, whose rounding error must also be small.
fn weight<F: Precision>(name: impl Fn() -> String, x: f64) -> Result<()> {
    let represented = <F as Real>::representable(&name, x)?.to_f64();
    if (represented - x).abs() <= x.abs() * TOLERANCE {
        return Ok(());
    }
    Err(Error::invalid(
        name(),
        x,
        format!("0, or a magnitude that {} can hold within 1/1024", <F as Real>::NAME),
    ))
}

/// Checks the numbers that a sampler may return.
fn check_sampler<F: Precision>(name: &str, sampler: &Sampler) -> Result<()> {
    match sampler {
        Sampler::Values { values, .. } => check_representable::<F>(name, values),
        _ => sampler.bounds().into_iter().try_for_each(|x| one::<F>(|| name.into(), x)),
    }
}

impl Plan {
    /// Errors: `invalid-parameter` with the path of a number that `F` cannot represent.
    pub(crate) fn check_representable<F: Precision>(&self) -> Result<()> {
        for population in &self.populations {
            for (state, sampler) in population.bound.states.iter().zip(&population.initial) {
                let name = || format!("{}.initial.{}", population.name, state.name);
                sampler.as_ref().map_or(Ok(()), |sampler| check_sampler::<F>(&name(), sampler))?;
            }
        }
        for (i, (connection, spec)) in self.connections.iter().zip(&self.description.connections).enumerate()
        {
            check_sampler::<F>(&format!("{}.weight", spec.name(i)), &connection.weight)?;
            if let Some(synapse) = &connection.synapse {
                check_representable::<F>(
                    &format!("{}.synapse: coefficients", spec.name(i)),
                    &synapse.rule.coefs,
                )?;
            }
        }
        for (i, input) in self.inputs.iter().enumerate() {
            self.check_input::<F>(i, input)?;
        }
        for (i, gaps) in self.gaps.iter().enumerate() {
            let name = format!("gaps[{i}].conductance");
            check_sampler::<F>(&name, &gaps.conductance)?;
            let bounds = gaps.conductance.bounds();
            bounds.into_iter().try_for_each(|x| weight::<F>(|| name.clone(), x))?;
        }
        Ok(())
    }

    /// Errors: `invalid-parameter` with the path of a number of an input that `F` cannot represent.
    pub(crate) fn check_input<F: Precision>(&self, i: usize, input: &Input) -> Result<()> {
        let name = |part: &str| format!("inputs[{i}].{part}");
        match &input.kind {
            InputKind::Poisson { weight: of, .. } => weight::<F>(|| name("weight"), *of),
            InputKind::Normal { mean, sd } => {
                one::<F>(|| name("mean"), *mean)?;
                one::<F>(|| name("sd"), *sd)
            }
            InputKind::Current(steps) => check_representable::<F>(&name("values"), &steps.values),
        }
    }
}

impl Population {
    /// The neurons' coefficients, one value or one per neuron, all of which `F` can represent.
    ///
    /// # Errors
    /// `invalid-parameter` if `F` cannot represent one; `aborted`.
    pub(crate) fn derived<F: Precision>(&self, control: &Control) -> Result<Vec<Vec<f64>>> {
        /// Number of neurons per task, and number of tasks whose results are stored before they are combined.
        const NEURONS: usize = 1 << 14;
        const TASKS: usize = 32;
        if let Some(coefs) = self.bound.same_coefs() {
            self.bound.check_representable::<F>(coefs).map_err(|error| error.within(&self.name))?;
            return Ok(coefs.to_vec());
        }
        let params = &self.bound.params;
        let of = |task: usize| {
            control.check()?;
            let own = task * NEURONS..((task + 1) * NEURONS).min(self.size);
            let values = |param: &BoundParam| match &param.values[..] {
                [one] => vec![*one],
                many => many[own.clone()].to_vec(),
            };
            Ok(self.bound.derive(&params.iter().map(values).collect::<Vec<_>>()))
        };
        let mut derived = of(0)?;
        let tasks = self.size.div_ceil(NEURONS);
        for first in (1..tasks).step_by(TASKS) {
            let next = (first..(first + TASKS).min(tasks)).into_par_iter().map(of);
            for part in next.collect::<Result<Vec<_>>>()? {
                let lists = derived.iter_mut().zip(part).filter(|(all, _)| all.len() > 1);
                lists.for_each(|(all, own)| all.extend(own));
            }
        }
        self.bound.check_representable::<F>(&derived).map_err(|error| error.within(&self.name))?;
        Ok(derived)
    }
}
