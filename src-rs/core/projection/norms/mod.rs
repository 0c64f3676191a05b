//! Batch norm and layer norm.

pub mod batch_norm;
pub mod layer_norm;
pub mod norm;
