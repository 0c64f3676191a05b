//! From a plan to a simulation: memory, division into partitions, construction.

pub mod changed;
pub mod division;
pub mod needed_memory;
pub mod pace;
pub mod reuse;
pub mod simulation;
