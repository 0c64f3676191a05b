//! Exchange between threads after each min-delay epoch: barrier, buffers, merged spikes.

pub mod barrier;
pub mod exchange_buffer;
pub mod merge;
pub mod published;
