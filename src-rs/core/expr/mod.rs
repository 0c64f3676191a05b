//! Arithmetic, and nothing else: equations are written once over [`Lane`], traced into a
//! [`graph::Graph`], differentiated by [`adjoint`], lowered to a [`Program`] and run by a
//! [`Kernel`]. This room does not know what a neuron is.

pub mod adjoint;
pub mod functions;
pub mod graph;
mod interp;
pub mod kernel;
pub mod lane;
pub mod parse;
pub mod program;
mod registers;

pub use kernel::{Arg, Kernel};
pub use lane::Lane;
pub use program::{ArgSlot, OutSlot, Program};
