//! Moves the parameters of neurons whose firing rates have a target.

use crate::construction::simulation::Simulation;
use crate::representation::precision::Precision;
use lapicque_base::error::Result;

impl<F: Precision> Simulation<F> {
    /// Changes the parameters that are due at step `now`.
    pub(crate) fn adapt(&mut self, now: u64) -> Result<()> {
        for i in 0..self.plan.populations.len() {
            let population = &self.plan.populations[i];
            let Some(of) = population.intrinsic.clone().filter(|of| now.is_multiple_of(of.interval)) else {
                continue;
            };
            let (name, size) = (population.name.clone(), population.size);
            let mut values = self.get(&name, 0..size, &of.parameter)?;
            self.each_rate(i, |n, rates, neuron_slot| {
                let moved = values[n] + of.gain * (rates.at(&of, neuron_slot, now) - of.target);
                values[n] = moved.max(of.bounds[0]).min(of.bounds[1]);
            });
            self.assign(&name, 0..size, &[(of.parameter, values)])?;
        }
        Ok(())
    }
}
