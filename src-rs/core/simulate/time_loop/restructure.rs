//! Structural changes that are due between two steps.

use crate::construction::simulation::{Simulation, lock};
use crate::partitions::partition::Partition;
use crate::partitions::structure::change;
use crate::representation::precision::Precision;

impl<F: Precision> Simulation<F> {
    /// The first step after `step` at which synapses or parameters change between two steps.
    pub(crate) fn next_change(&self, step: u64) -> u64 {
        let intervals =
            self.plan.connections.iter().filter_map(|c| c.structural.as_ref()).map(|s| s.interval);
        let moving = self.plan.populations.iter().filter_map(|p| p.intrinsic.as_ref()).map(|of| of.interval);
        intervals.chain(moving).map(|interval| (step / interval + 1) * interval).min().unwrap_or(u64::MAX)
    }

    /// Applies the changes that are due at step `now`.
    pub(crate) fn restructure(&self, now: u64) {
        for (i, c) in self.plan.connections.iter().enumerate() {
            let Some(structural) = &c.structural else { continue };
            if !now.is_multiple_of(structural.interval) {
                continue;
            }
            let mut partitions: Vec<_> = self.partitions.iter().map(lock).collect();
            let partitions: Vec<&mut Partition<F>> = partitions.iter_mut().map(|p| &mut **p).collect();
            change(self.seed, &self.in_flight, now, i, c, structural, partitions);
        }
    }
}
