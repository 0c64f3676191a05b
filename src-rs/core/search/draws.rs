//! Random numbers of one proposal: a stream of the study's seed and the trial's number, read in order.

use lapicque_base::rng::Rng;

/// Purposes of the streams of one seed.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    Proposal = 1,
    Scramble = 2,
    Strata = 3,
    Shuffle = 4,
    Restart = 5,
    Bracket = 6,
    Retry = 7,
}

/// The purpose of all streams here, as opposed to the seeds of trials, which are hashes of the same seed.
const SEARCH: u64 = 0x7365_6172_6368;

pub(crate) fn stream(seed: u64, purpose: Use, number: u64) -> Rng {
    Rng::named(seed, &[SEARCH, purpose as u64, number])
}

/// Random numbers in sequence.
pub(crate) struct Draws {
    rng: Rng,
    next: u64,
}

impl Draws {
    pub fn new(seed: u64, purpose: Use, number: u64) -> Self {
        Draws { rng: stream(seed, purpose, number), next: 0 }
    }

    /// In [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.next += 1;
        self.rng.uniform_f64_at(self.next - 1)
    }

    /// Below `count`.
    pub fn index(&mut self, count: usize) -> usize {
        crate::domain::index(self.uniform(), count as u64) as usize
    }

    /// A standard normal number by inversion, from one uniform number.
    pub fn normal(&mut self) -> f64 {
        // Never 0 or 1.
        lapicque_base::normal::quantile((self.uniform() * (1.0 - f64::EPSILON)) + f64::EPSILON / 2.0)
    }
}
