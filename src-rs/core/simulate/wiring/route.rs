//! Which port of its target a synapse or an input leads to.

use crate::random::distribution::Sampler;

/// Which port a synapse leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Port(usize),
    /// By the sign of the weight, which is taken off.
    BySign {
        positive: usize,
        negative: usize,
    },
}

impl Route {
    pub fn of(self, weight: f64) -> (usize, f64) {
        match self {
            Route::Port(port) => (port, weight),
            Route::BySign { negative, .. } if weight < 0.0 => (negative, -weight),
            Route::BySign { positive, .. } => (positive, weight),
        }
    }

    pub fn ports(self, weight: &Sampler) -> Vec<usize> {
        let [low, high] = weight.bounds();
        let mut ports = vec![self.of(low).0, self.of(high).0];
        ports.dedup();
        ports
    }
}
