//! The clocked executor: runs a plan over `[time, batch, neuron]`, forward and backward. It knows
//! populations, projections and time; it does not know any model by name.

mod applied_norm;
mod attention;
mod backward;
mod batch_norm;
mod coefficients;
mod conv_backward;
mod currents;
mod eligibility;
pub mod estimate;
mod feedback;
pub mod forward;
pub mod geometry;
mod image_feedback;
mod inhibition;
pub mod input;
mod input_gradient;
mod local_step;
pub mod map;
mod map_backward;
mod matrix_product;
mod multiply;
mod network;
mod noise;
pub mod online;
pub mod operations;
mod output_gradient;
pub mod outputs;
pub mod packed;
mod panel_slices;
pub mod parallel;
pub mod parameter;
pub mod pass;
mod response;
pub mod run;
mod running;
pub mod session;
mod sources;
pub mod state;
mod synapses;
pub mod tape;
mod temporal;
mod weight_gradient;

pub use network::Network;
pub use parameter::Parameter;
pub use state::NetworkState;
