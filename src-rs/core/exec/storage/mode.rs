//! Whether a pass trains.

/// What is done at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Evaluate,
    /// Statistics are those of the batch, and units are dropped; `draw` counts batches.
    Train {
        draw: u64,
    },
}
