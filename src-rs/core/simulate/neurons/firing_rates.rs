//! Running firing rates of neurons whose parameters depend on them.

use crate::plan::intrinsic::Intrinsic;
use lapicque_expr::functions::double::exp;

/// The firing rates of a population's neurons in a partition after their last spikes, and the steps of these spikes.
#[derive(Debug, Clone)]
pub struct Rates {
    pub population: usize,
    pub values: Vec<f64>,
    pub since: Vec<u64>,
}

impl Rates {
    pub fn new(population: usize, neuron_slots: usize) -> Rates {
        Rates { population, values: vec![0.0; neuron_slots], since: vec![0; neuron_slots] }
    }

    pub fn at(&self, of: &Intrinsic, neuron_slot: usize, now: u64) -> f64 {
        self.values[neuron_slot] * exp((now - self.since[neuron_slot]) as f64 * of.decay)
    }

    /// Records spikes at the end of step `now`.
    pub fn spike(&mut self, of: &Intrinsic, neuron_slot: usize, now: u64) {
        self.values[neuron_slot] = self.at(of, neuron_slot, now) + of.jump;
        self.since[neuron_slot] = now;
    }
}
