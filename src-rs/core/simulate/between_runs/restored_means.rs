//! Restores the samples of means that a saved state has not read yet.

use crate::construction::simulation::{Simulation, lock};
use crate::plan::means::Mean;
use crate::representation::precision::Precision;

impl<F: Precision> Simulation<F> {
    /// Restores the samples that are still to be read with a delay; NaN if their number does not match the delay.
    pub(crate) fn restore_means(&mut self, step: u64, readings: &[Vec<f64>]) {
        let of = |(k, mean): (usize, &Mean)| {
            let waiting = mean.waiting(step);
            let given = readings.get(k).filter(|given| given.len() == waiting);
            given.map_or_else(|| vec![f64::NAN; waiting].into(), |given| given.iter().copied().collect())
        };
        self.readings = self.plan.means.iter().enumerate().map(of).collect();
        for partition in &self.partitions {
            lock(partition).means.iter_mut().for_each(|tap| tap.samples.clear());
        }
    }
}
