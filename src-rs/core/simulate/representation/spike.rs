//! A spike.

/// A spike of a neuron or source: step and number.
pub type Spike = (u64, u32);
