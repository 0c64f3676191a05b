//! Spikes as bits and as lists of events, by row and by neuron.

pub mod bits;
pub mod events;
pub mod positions;
pub mod transposed;
