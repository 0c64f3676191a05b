//! Integer networks: weights of up to 8 bits are added into integer state of up to 24 bits. No float takes part.
//!
//! What differs between targets (order of a step, saturation, decay, spikes in a step) is a setting, see [`rules::Rules`].
//! Results depend on the network and its input alone: neither on threads nor on the SIMD level.

// Loops over all elements of fixed arrays are written by index.
#![allow(clippy::needless_range_loop)]

mod batch;
mod convolution;
mod decay;
mod dense;
mod description;
mod events;
mod flags;
mod layer;
mod network;
mod neurons;
mod parameters;
mod pool;
pub mod rules;
mod session;
mod sources;
mod step;
mod words;

pub use batch::{Counts, Recording, Recordings};
pub use network::IntegerNetwork;
pub use session::{IntegerSession, IntegerStepInput};
