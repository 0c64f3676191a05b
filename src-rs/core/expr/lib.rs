//! Arithmetic: equations are written once over [`Scalar`], traced into a [`graph::Graph`], differentiated by [`adjoint`],
//! lowered to a [`Program`] and run by a [`Kernel`]. This crate does not know what a neuron is.

pub mod adjoint;
pub mod affine;
mod args;
mod branches;
mod course;
mod finite;
pub mod functions;
#[rustfmt::skip]
#[allow(clippy::too_many_lines)]
mod generated;
#[rustfmt::skip]
#[allow(clippy::too_many_lines)]
mod generated_double;
#[rustfmt::skip]
#[allow(clippy::too_many_lines)]
mod generated_steps;
pub mod emit;
pub mod emit_steps;
mod emit_sub_step;
mod emit_vectors;
pub mod graph;
mod interp;
pub mod interval;
pub mod kernel;
pub mod matrix_exponential;
mod native;
mod operation_counts;
pub mod parse;
pub mod program;
mod registers;
pub mod scalar;
mod spike_bits;
mod stages;
pub mod step;
pub mod transplant;
pub mod unit;
#[cfg(target_arch = "x86_64")]
mod vector;

pub use args::{Arg, Args, Outs, set_args};
pub use course::{Course, StateCourse};
pub use kernel::Kernel;
pub use native::Last;
pub use operation_counts::OperationCounts;
pub use program::{ArgSlot, MAX_SLOTS, OutSlot, Program};
pub use scalar::Scalar;

#[cfg(test)]
mod tests;
