//! Whether a pass trains.

/// How operations work at each step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Evaluate,
    /// Uses the statistics of the batch, and dropout; `draw` counts batches.
    Train {
        draw: u64,
    },
}
