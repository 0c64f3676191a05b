//! The kernels of operations that are not elementwise: moves, reductions along an axis, products.

pub mod product;
pub mod reduce;
pub mod transfer;
