//! Loops over all elements: additions, optimizer steps, sums and checks of whole buffers.

pub mod adam;
pub mod add;
pub mod reduce;
pub mod sgd;
