//! Operations that carry values to later steps: delays, filters, mixtures, reductions.

pub mod delay_gradients;
pub mod filter_rows;
pub mod reductions;
pub mod temporal;
