//! The tape of a pass as data: input, states, spikes, values of operations, gradients.

pub mod active_counts;
pub mod gradients;
pub mod impulse_response;
pub mod input;
pub mod layer_tape;
pub mod map_tape;
pub mod norms;
pub mod unit_times;
pub mod workspace;
