//! The kind of a network's input: numbers or spikes.

use serde::Deserialize;

/// The kind of the network's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputKind {
    /// Numbers for each step.
    #[default]
    Values,
    /// The same numbers at each step.
    Constant,
    /// Bits.
    Spikes,
}
