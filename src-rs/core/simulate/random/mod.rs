//! Values drawn from counters: streams of one seed, distributions, exact samplers.

pub mod alias;
pub mod discrete;
pub mod distribution;
pub mod stream;
