//! Spike codes: what turns numbers into spikes and back.

pub mod numpy_rng;
