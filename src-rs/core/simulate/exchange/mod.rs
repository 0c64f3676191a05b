//! What threads pass to each other between min-delay epochs: barrier, buffers, merged spikes.

pub mod barrier;
pub mod exchange_buffer;
pub mod merge;
pub mod published;
