//! Division of neurons into panels.

use crate::PANEL;

/// Panels that hold `neurons` neurons.
pub fn panels(neurons: usize) -> usize {
    neurons.div_ceil(PANEL)
}

/// Number of elements of a panel that belong to a neuron: all, except in an incomplete last panel.
pub fn panel_width(neurons: usize, panel: usize) -> usize {
    PANEL.min(neurons - panel * PANEL)
}

/// The bits of a panel that belong to a neuron: all, except in an incomplete last panel.
pub fn panel_mask(neurons: usize, panel: usize) -> u64 {
    match neurons - panel * PANEL {
        left if left >= PANEL => u64::MAX,
        left => (1 << left) - 1,
    }
}
