//! Loops over all elements: additions, sums and checks of whole buffers.

pub mod add;
pub mod reduce;
