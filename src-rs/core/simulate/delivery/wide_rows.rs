//! Synapses in the wide form, with accumulators of 64 bits.

use super::rows::Listed;
use crate::plan::network::Plan;
use crate::representation::accumulators::Sums;
use crate::representation::precision::Precision;
use crate::representation::synapse_format::Wide;
use lapicque_base::simd::SimdLevel;

/// Synapses whose weights are stored in the wide form, and the accumulators for them and for small weights of plastic
/// synapses. Wide and compact accumulators have the same number and the same offsets.
pub struct WideRows {
    pub rows: Listed<Wide>,
    pub sums: Sums<i64>,
    /// Whether anything has been added in this step.
    pub touched: bool,
}

impl WideRows {
    pub fn new(rows: Listed<Wide>, sums: Sums<i64>) -> Self {
        WideRows { rows, sums, touched: false }
    }

    /// The accumulators to which small weights are added.
    pub fn touch(&mut self) -> &mut [i64] {
        self.touched = true;
        &mut self.sums
    }

    /// Adds the weights that arrive at `step`; returns the number of synapses.
    pub fn deliver(&mut self, level: SimdLevel, step: u64) -> u64 {
        if self.rows.rows.synapses == 0 {
            return 0;
        }
        let (quads, synapses) = self.rows.arriving(level, step);
        self.rows.deliver(quads, &mut self.sums);
        self.touched |= quads > 0;
        synapses
    }
}

impl Plan {
    /// Marks the ports whose sums are wide because small weights of plastic synapses are added there; returns whether there
    /// are any.
    pub(crate) fn widen<F: Precision>(&self, widened: &mut [Vec<bool>]) -> bool {
        for c in self.connections.iter().filter(|c| F::WIDENS && c.synapse.is_some()) {
            let ports = c.route.ports(&c.weight);
            ports.into_iter().for_each(|port| widened[c.population][port] = true);
        }
        widened.iter().flatten().any(|&widened| widened)
    }
}
