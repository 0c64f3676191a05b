//! What enters a network: numbers or spikes.

use serde::Deserialize;

/// What enters the network.
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
