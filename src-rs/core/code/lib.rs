//! Spike codes: what turns numbers into spikes and back.
//!
//! Encoders compute in f32, as the data comes; every random draw is a function of (seed, stream,
//! index), so a spike does not depend on what else is encoded beside it or on threads.

pub mod bsa;
pub mod burst;
pub mod decode;
pub mod delta;
pub mod direct;
pub mod draws;
pub mod forward;
pub mod latency;
pub mod numpy_rng;
pub mod phase;
pub mod population;
pub mod rank_order;
mod raster;
pub mod rate;
pub mod reconstruct;
pub mod targets;

pub use raster::Raster;
