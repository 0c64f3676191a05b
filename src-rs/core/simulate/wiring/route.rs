//! The port of a target that a synapse or an input leads to.

use crate::random::distribution::Sampler;

/// The port that a synapse leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Port(usize),
    /// The sign of the weight selects the port; the weight becomes a magnitude.
    BySign {
        positive: usize,
        negative: usize,
    },
    /// A synapse leads to one of `count` ports; which one, its row of the wiring says. Weights have the unit of the first.
    Places {
        first: usize,
        count: usize,
    },
}

impl Route {
    /// The port, the first of several places, and the weight there.
    pub fn of(self, weight: f64) -> (usize, f64) {
        match self {
            Route::Port(port) | Route::Places { first: port, .. } => (port, weight),
            Route::BySign { negative, .. } if weight < 0.0 => (negative, -weight),
            Route::BySign { positive, .. } => (positive, weight),
        }
    }

    pub fn ports(self, weight: &Sampler) -> Vec<usize> {
        if let Route::Places { first, count } = self {
            return (first..first + count).collect();
        }
        let [low, high] = weight.bounds();
        let mut ports = vec![self.of(low).0, self.of(high).0];
        ports.dedup();
        ports
    }
}
