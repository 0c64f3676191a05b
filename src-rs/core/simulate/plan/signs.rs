//! Ports that accept no weights below 0: a negative conductance, or a negative inhibition that is subtracted, would
//! excite.

use super::inputs::InputKind;
use super::population::Population;
use super::ports::route;
use crate::random::distribution::Sampler;
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::definition::Sign;
use std::fmt::Display;

/// The port of `route`, if it takes no weights below 0. Weights that select their port by sign have lost their sign.
pub(crate) fn unsigned(target: &Population, route: Route) -> Option<usize> {
    match route {
        Route::Port(port) | Route::Places { first: port, .. } if target.bound.sign(port) != Sign::Any => {
            Some(port)
        }
        _ => None,
    }
}

/// Whether the input of `port` must not be below 0, whatever its route.
pub(crate) fn is_unsigned(target: &Population, port: usize) -> bool {
    target.bound.sign(port) != Sign::Any
}

/// The values that a port accepts, and which port other values lead to.
fn expected(target: &Population, port: usize) -> String {
    let message = format!(
        "at least 0: port {} of {} {}",
        target.bound.ports[port],
        target.name,
        target.bound.sign(port).words()
    );
    match route(target, None, true) {
        Ok(Route::BySign { positive, negative }) if [positive, negative].contains(&port) => {
            let name = target.bound.ports[negative];
            format!("{message}. Without a port, weights below 0 lead to {name} as magnitudes")
        }
        _ => message,
    }
}

/// The error for a number below 0.
pub(crate) fn refused(target: &Population, port: usize, name: &str, value: impl Display) -> Error {
    Error::invalid(name, value, expected(target, port))
}

/// Errors: `invalid-parameter` for weights that may be below 0, at a port that accepts none.
pub(crate) fn check_weights(target: &Population, route: Route, name: &str, weight: &Sampler) -> Result<()> {
    let low = weight.bounds()[0];
    let Some(port) = unsigned(target, route).filter(|_| low < 0.0) else { return Ok(()) };
    let reaches = |what: &str, advice: &str| {
        let expected = format!("{}. {advice}", expected(target, port));
        Err(Error::invalid(name, format!("{what} that reaches {low}"), expected))
    };
    match weight {
        Sampler::Constant(w) => Err(refused(target, port, name, *w)),
        Sampler::Values { values, .. } => {
            let first = values.iter().position(|&w| w < 0.0).unwrap_or(0);
            Err(refused(target, port, &format!("{name}[{first}]"), values[first]))
        }
        Sampler::OfDistance(_) => reaches("an expression", "max(0, …) bounds it"),
        _ => reaches("a distribution", "min: 0 bounds it"),
    }
}

/// Errors: `invalid-parameter` for a rule whose bounds allow a weight below 0, at a port that accepts none.
pub(crate) fn check_bounds(
    target: &Population,
    route: Route,
    name: &str,
    bounds: Option<[f64; 2]>,
) -> Result<()> {
    match (unsigned(target, route), bounds) {
        (Some(port), Some([low, _])) if low < 0.0 => {
            Err(refused(target, port, &format!("{name}.synapse.wMin"), low))
        }
        _ => Ok(()),
    }
}

/// Errors: `invalid-parameter` for an input that may be below 0, at a port that accepts none.
pub(crate) fn check_input(target: &Population, route: Route, name: &str, kind: &InputKind) -> Result<()> {
    let Some(port) = unsigned(target, route) else { return Ok(()) };
    let below = |part: &str, value: f64| Err(refused(target, port, &format!("{name}.{part}"), value));
    match kind {
        InputKind::Poisson { weight, .. } if *weight < 0.0 => below("weight", *weight),
        InputKind::Normal { mean, sd } if *mean < 0.0 && *sd == 0.0 => below("mean", *mean),
        InputKind::Normal { sd, .. } if *sd > 0.0 => {
            let expected =
                format!("0, since normal numbers fall below it. Expected {}", expected(target, port));
            Err(Error::invalid(format!("{name}.sd"), sd, expected))
        }
        InputKind::Current(steps) => match steps.values.iter().position(|&x| x < 0.0) {
            Some(i) => below(&format!("values[{i}]"), steps.values[i]),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}
