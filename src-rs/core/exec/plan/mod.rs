//! Derived from the plan of a graph alone: kernels, contents of tapes, memory estimates, division of a batch.

pub mod estimate;
pub mod kernels;
pub mod layouts;
pub mod online_plan;
pub mod parallel_steps;
pub mod pending;
pub mod recomputed;
pub mod records;
pub mod tile_bytes;
pub mod weight_parts;
