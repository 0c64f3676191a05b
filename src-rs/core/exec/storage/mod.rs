//! Memory of a batch: geometry in tiles and rows, buffers, parameters, packed spikes.

pub mod buffers;
pub mod geometry;
pub mod input_kind;
pub mod mode;
pub mod packed;
pub mod padding;
pub mod parallel;
pub mod parameter;
pub mod rows;
