//! What has been looked up in a history for the synapses of a chunk.

use super::history::{History, NEVER};
use super::plastic_row::CHUNK;
use super::precision::Precision;
use super::row_loops::gather_pairs;
use lapicque_base::real::Real;
use lapicque_base::simd::SimdLevel;

/// By slot of a history, of which so many are known: the steps of what the targets did, and what they found
/// then of the first trace.
pub struct Known<F> {
    pub steps: Vec<Vec<i32>>,
    pub found: Vec<Vec<F>>,
    pub known: usize,
}

impl<F> Default for Known<F> {
    fn default() -> Self {
        Known { steps: vec![], found: vec![], known: 0 }
    }
}

impl<F: Precision> Known<F> {
    /// Looks up a slot, all slots before it being known.
    pub fn look(&mut self, level: SimdLevel, history: &History<F>, slot: usize, targets: &[F::Target]) {
        if self.known > slot {
            return;
        }
        let n = targets.len();
        if self.steps.len() <= slot {
            self.steps.resize_with(slot + 2, || vec![NEVER; CHUNK]);
            self.found.resize_with(slot + 2, || vec![<F as Real>::ZERO; CHUNK]);
        }
        if let ([first, second, ..], [of_first, of_second, ..]) =
            (&mut self.steps[slot..], &mut self.found[slot..])
        {
            let (steps, found) =
                ([&mut first[..n], &mut second[..n]], [&mut of_first[..n], &mut of_second[..n]]);
            gather_pairs(level, history.pairs(slot / 2), targets, steps, found);
        }
        self.known = slot + 2;
    }

    /// The step of a synapse's event.
    pub fn step(&self, history: &History<F>, slot: usize, synapse: u32, targets: &[F::Target]) -> i32 {
        match slot < self.known {
            true => self.steps[slot][synapse as usize],
            false => history.step(slot, targets[synapse as usize].into() as usize),
        }
    }
}
