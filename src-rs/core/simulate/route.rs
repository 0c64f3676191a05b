//! Which port of its target a synapse or an input leads to.

use super::distribution::Sampler;
use super::plan::Population;
use lapicque_base::error::{Error, Result};

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

/// `by_sign`: what arrives has a sign that may choose the port.
pub(super) fn route(target: &Population, port: Option<&str>, by_sign: bool) -> Result<Route> {
    let ports = &target.bound.ports;
    let position = |name: &str| ports.iter().position(|port| *port == name);
    match port {
        Some(name) => position(name)
            .map(Route::Port)
            .ok_or_else(|| Error::unknown(&format!("port of {}", target.name), name, ports.iter().copied())),
        None if ports.len() == 1 => Ok(Route::Port(0)),
        None => {
            match (position("excitatory"), position("inhibitory"), position("synaptic"), position("current"))
            {
                (Some(positive), Some(negative), ..) if by_sign => Ok(Route::BySign { positive, negative }),
                (_, _, Some(synaptic), _) if by_sign => Ok(Route::Port(synaptic)),
                (_, _, _, Some(current)) if !by_sign => Ok(Route::Port(current)),
                _ => {
                    let name = format!("port of {}", target.name);
                    Err(Error::invalid(name, "nothing", format!("one of {}", ports.join(", "))))
                }
            }
        }
    }
}
