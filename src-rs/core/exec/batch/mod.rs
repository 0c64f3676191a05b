//! A batch through the network: chunks and segments, runs and their recordings, counts of operations.

pub mod input_gradient;
pub mod operations;
pub mod outputs;
pub mod pass;
pub mod run;
pub mod variables;
