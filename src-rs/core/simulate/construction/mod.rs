//! Construction of a simulation from a plan: memory needed, division into partitions, number of threads.

pub mod changed;
pub mod division;
pub mod needed_memory;
pub mod pace;
pub mod reuse;
pub mod simulation;
