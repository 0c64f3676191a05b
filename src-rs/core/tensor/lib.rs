//! Tensor expressions: a graph of operations on tensors with named axes, which a user's function was traced into. Its
//! shapes are checked ([`infer`]) twice: while the function is traced, when some sizes are unknown, and for each batch
//! ([`Bound`]), when all are. A bound graph is evaluated and differentiated in either precision ([`Run`]).
//!
//! Elementwise operations are programs of `expr`, so that their derivatives are stated once. Each sum has one order, so
//! the bits do not depend on threads or SIMD levels.

pub mod axes;
mod bound;
mod cost;
pub mod elementwise;
mod gradient;
pub mod graph;
mod groups;
pub mod infer;
mod kernels;
mod run;
mod scan;

pub use axes::{Axes, Axis};
pub use bound::Bound;
pub use cost::{Cost, Synapses};
pub use graph::{Builder, Graph, Node, Op};
pub use run::{Inputs, Number, Run};

#[cfg(test)]
mod tests;
