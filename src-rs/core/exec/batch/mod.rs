//! The pass of a batch through the network: chunks, segments, runs with their recordings, operation counts.

pub mod backward_pass;
pub mod forward_pass;
pub mod input_gradient;
pub mod operations;
pub mod outputs;
pub mod pass;
pub mod run;
pub mod segment_backward;
pub mod transposed;
pub mod variables;
