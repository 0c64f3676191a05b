//! What a run records.

use lapicque_base::error::{Error, Result};
use serde::Deserialize;

/// A quantity of one cell at one node.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quantity {
    /// mV.
    Voltage,
    /// A state of a mechanism: the mechanism's name and the state's.
    State(String, String),
    /// Membrane current of an ion in mA/cm², as computed last: at the voltage before the step.
    IonCurrent(String),
    /// mM.
    Concentration(String),
    /// mV, as used last.
    Reversal(String),
    /// Current in nA of the voltage clamp with this index.
    ClampCurrent(usize),
    /// Current in nA of the synapse with this index, at the voltage before the step.
    SynapseCurrent(usize),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    pub cell: usize,
    pub node: usize,
    pub quantity: Quantity,
}

/// A record resolved to arrays of a tile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source {
    Voltage { at: usize },
    State { mechanism: usize, state: usize, at: usize },
    IonCurrent { ion: usize, at: usize },
    Concentration { ion: usize, at: usize },
    Reversal { ion: usize, at: usize },
    Clamp { index: usize },
    Synapse { index: usize },
}

/// `unknown-name` for an ion.
pub fn ion(name: &str, ions: &[String]) -> Result<usize> {
    ions.iter().position(|known| known == name).ok_or_else(|| Error::unknown("ion", name, ions))
}
