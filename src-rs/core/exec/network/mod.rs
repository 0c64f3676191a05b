//! A compiled network: parameters, kernels, allocation of its tapes, and the slices of them that a task uses.

pub mod coefficients;
pub mod compile;
pub mod compiled;
pub mod copies;
pub mod learned;
pub mod map_state;
pub mod new_tapes;
pub mod noise;
pub mod panel_slices;
pub mod sampling;
pub mod sources;
pub mod state;
