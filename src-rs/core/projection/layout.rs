//! How neurons fill panels.

use super::PANEL;

/// Panels that hold `neurons` neurons.
pub fn panels(neurons: usize) -> usize {
    neurons.div_ceil(PANEL)
}

/// The bits of a panel that belong to a neuron; all ones but in a last panel that is not full.
pub fn panel_mask(neurons: usize, panel: usize) -> u64 {
    match neurons - panel * PANEL {
        left if left >= PANEL => u64::MAX,
        left => (1 << left) - 1,
    }
}
