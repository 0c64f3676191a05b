//! How neurons fill panels.

use crate::PANEL;

/// Panels that hold `neurons` neurons.
pub fn panels(neurons: usize) -> usize {
    neurons.div_ceil(PANEL)
}

/// How many lanes of a panel belong to a neuron: all but in a last panel that is not full.
pub fn panel_width(neurons: usize, panel: usize) -> usize {
    PANEL.min(neurons - panel * PANEL)
}

/// The bits of a panel that belong to a neuron; all ones but in a last panel that is not full.
pub fn panel_mask(neurons: usize, panel: usize) -> u64 {
    match neurons - panel * PANEL {
        left if left >= PANEL => u64::MAX,
        left => (1 << left) - 1,
    }
}
