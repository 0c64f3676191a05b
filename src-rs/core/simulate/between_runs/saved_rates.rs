//! Firing rates of neurons with a target rate, saved and restored.

use super::state::IntrinsicState;
use crate::construction::simulation::{Simulation, lock};
use crate::neurons::firing_rates::Rates;
use crate::plan::population::Population;
use crate::representation::precision::Precision;
use lapicque_base::error::{Error, Result};

impl<F: Precision> Simulation<F> {
    /// Visits the firing rates of a population's neurons.
    pub(crate) fn each_rate(&self, population: usize, mut visit: impl FnMut(usize, &mut Rates, usize)) {
        let size = self.plan.populations[population].size;
        for partition in &self.partitions {
            let mut partition = lock(partition);
            let partition = &mut *partition;
            let (part, stride) = (&partition.parts[population], partition.stride);
            let Some(rates) = partition.rates.iter_mut().find(|rates| rates.population == population) else {
                continue;
            };
            for neuron_slot in 0..part.neuron_slots {
                let neuron = part.neuron(neuron_slot, stride);
                if neuron < size {
                    visit(neuron, rates, neuron_slot);
                }
            }
        }
    }

    pub(crate) fn save_intrinsic(&self) -> Vec<IntrinsicState> {
        let moving = self.plan.populations.iter().enumerate().filter(|(_, p)| p.intrinsic.is_some());
        moving
            .map(|(i, population)| {
                let (mut rates, mut since) = (vec![0.0; population.size], vec![0; population.size]);
                self.each_rate(i, |n, own, neuron_slot| {
                    (rates[n], since[n]) = (own.values[neuron_slot], own.since[neuron_slot])
                });
                let of = population.intrinsic.as_ref().map_or("", |of| &of.parameter);
                let values = self.get(&population.name, 0..population.size, of).unwrap_or_default();
                IntrinsicState { population: population.name.clone(), values, rates, since }
            })
            .collect()
    }

    /// Errors: `shape-mismatch` for the state of another network.
    pub(crate) fn check_intrinsic(&self, states: &[IntrinsicState], step: u64) -> Result<()> {
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

    /// Restores rates from states that `check_intrinsic` has validated.
    pub(crate) fn restore_intrinsic(&mut self, states: &[IntrinsicState]) -> Result<()> {
        for state in states {
            let i = self.plan.population(&state.population)?;
            self.each_rate(i, |n, own, neuron_slot| {
                (own.values[neuron_slot], own.since[neuron_slot]) = (state.rates[n], state.since[n]);
            });
            if let Some(of) = self.plan.populations[i].intrinsic.clone() {
                let all = 0..self.plan.populations[i].size;
                self.assign(&state.population, all, &[(of.parameter, state.values.clone())])?;
            }
        }
        Ok(())
    }
}
