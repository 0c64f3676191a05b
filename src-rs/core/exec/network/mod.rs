//! A compiled network: parameters and kernels, new tapes for it, and how tasks read and cut them.

pub mod coefficients;
pub mod compiled;
pub mod new_tapes;
pub mod noise;
pub mod panel_slices;
pub mod sources;
pub mod state;
