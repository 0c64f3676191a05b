//! Finds the port of its target that a synapse or an input leads to.

use super::population::Population;
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};

/// `by_sign`: the input has a sign that may select the port.
pub(crate) fn route(target: &Population, port: Option<&str>, by_sign: bool) -> Result<Route> {
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
