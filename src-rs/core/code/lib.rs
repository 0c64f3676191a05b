//! Spike codes: what turns numbers into spikes and back.
//!
//! Encoders compute in f32, as the data comes; every random draw is a function of (seed, stream,
//! index), so a spike does not depend on what else is encoded beside it or on threads.

pub mod decode;
pub mod delta;
pub mod direct;
pub mod draws;
pub mod latency;
pub mod numpy_rng;
mod raster;
pub mod rate;
pub mod targets;

pub use raster::Raster;
