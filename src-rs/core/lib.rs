//! The engine of lapicque. Two nouns carry it: **Dynamics** (what one neuron does from step to
//! step) and **Projection** (what mixes neurons). `exec` runs a graph of the two over time.

pub mod analysis;
pub mod code;
pub mod control;
pub mod dynamics;
pub mod energy;
pub mod error;
pub mod exec;
pub mod expr;
pub mod files;
pub mod graph;
pub mod lanes;
pub mod memory;
mod nearest;
pub mod plasticity;
pub mod projection;
pub mod real;
pub mod rng;
pub mod settings;
pub mod simd;
pub mod simulate;
pub mod train;

pub use control::Control;
pub use error::{Error, Result};
pub use real::Real;
pub use simd::SimdLevel;
