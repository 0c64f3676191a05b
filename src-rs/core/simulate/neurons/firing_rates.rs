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
    pub fn new(population: usize, lanes: usize) -> Rates {
        Rates { population, values: vec![0.0; lanes], since: vec![0; lanes] }
    }

    pub fn at(&self, of: &Intrinsic, lane: usize, now: u64) -> f64 {
        self.values[lane] * exp((now - self.since[lane]) as f64 * of.decay)
    }

    /// Records spikes at the end of step `now`.
    pub fn spike(&mut self, of: &Intrinsic, lane: usize, now: u64) {
        self.values[lane] = self.at(of, lane, now) + of.jump;
        self.since[lane] = now;
    }
}
