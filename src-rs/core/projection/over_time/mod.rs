//! What carries values from one step to later ones: delays, filters, mixtures, reductions.

pub mod delay_gradients;
pub mod filter_rows;
pub mod reductions;
pub mod temporal;
