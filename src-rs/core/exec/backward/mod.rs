//! The reverse scan of populations: gradients of outputs, adjoint of the neurons, gradients of weights.

pub mod output_gradient;
pub mod parallel_backward;
pub mod recompute;
pub mod reverse_scan;
pub mod scan_state;
pub mod state_gradient;
pub mod weight_gradient;
pub mod weight_tasks;
