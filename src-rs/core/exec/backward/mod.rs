//! The reverse scan of populations: gradients of outputs, adjoint of the neurons, gradients of weights.
//!
//! The adjoint is derived by reverse differentiation of the traced graph of `step`. The surrogate replaces the derivative
//! of `spike`; `detach` cuts a gradient. The reverse scan walks the steps of a tile backwards. The gradient with respect
//! to a population's current overwrites its first state on the tape. The gradient of each further port is stored in the
//! buffer of that port's currents; so is that of the first port if a loop reads the first state. Then, for each
//! projection:
//!
//! - The gradient of the weights sums gradient rows where the input fired. For analog input it is a dense product. For
//!   constant input it is one outer product with the sum over time.
//! - The gradient of the input is a dense product with the transposed weights.

pub mod output_gradient;
pub mod parallel_backward;
pub mod recompute;
pub mod reverse_scan;
pub mod scan_state;
pub mod state_gradient;
pub mod weight_gradient;
pub mod weight_tasks;
