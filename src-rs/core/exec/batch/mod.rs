//! The pass of a batch through the network: chunks, segments, runs with their recordings, operation counts.

pub mod input_gradient;
pub mod operations;
pub mod outputs;
pub mod pass;
pub mod run;
pub mod variables;
