//! Finds the port of its target that a synapse or an input leads to.

use super::population::Population;
use crate::wiring::route::Route;
use lapicque_base::error::{Error, Result};
use lapicque_morphology::cable::Target;

/// `by_sign`: the input has a sign that may select the port.
pub(crate) fn route(target: &Population, port: Option<&str>, by_sign: bool) -> Result<Route> {
    if let Some(cells) = target.bound.cells() {
        return onto_cells(target, cells.targets(), port, by_sign);
    }
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

/// The same for cells with morphologies: weights lead to synapses, currents to electrodes.
fn onto_cells(target: &Population, targets: &[Target], port: Option<&str>, by_sign: bool) -> Result<Route> {
    let fits = |target: &&Target| target.synapse.is_some() == by_sign;
    let names = || targets.iter().filter(fits).map(|target| &target.name[..]);
    let what = if by_sign { "synapse" } else { "electrode" };
    let first = |name: &str| {
        let before = targets.iter().take_while(|target| target.name != name);
        before.map(|target| target.nodes.len()).sum::<usize>()
    };
    let found = |name: &str| targets.iter().filter(fits).find(|target| target.name == name);
    let name = match (port, &names().collect::<Vec<_>>()[..]) {
        (Some(name), _) => name,
        (None, [only]) => only,
        (None, _) if by_sign && found("excitatory").zip(found("inhibitory")).is_some() => {
            let single = |name: &str| found(name).is_some_and(|target| target.nodes.len() == 1);
            if !(single("excitatory") && single("inhibitory")) {
                let expected = "a port: excitatory or inhibitory has several places";
                return Err(Error::invalid(format!("port of {}", target.name), "nothing", expected));
            }
            return Ok(Route::BySign { positive: first("excitatory"), negative: first("inhibitory") });
        }
        (None, _) => {
            let expected = match names().count() {
                0 => format!("cells with at least one {what} among their targets"),
                _ => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
            };
            return Err(Error::invalid(format!("port of {}", target.name), "nothing", expected));
        }
    };
    match found(name) {
        Some(Target { nodes, .. }) if nodes.len() == 1 => Ok(Route::Port(first(name))),
        Some(Target { nodes, .. }) => Ok(Route::Places { first: first(name), count: nodes.len() }),
        None => Err(Error::unknown(&format!("{what} of {}", target.name), name, names())),
    }
}
