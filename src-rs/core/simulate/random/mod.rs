//! Counter-based random values: streams of one seed, distributions, exact samplers.

pub mod alias;
pub mod discrete;
pub mod distribution;
pub mod stream;
