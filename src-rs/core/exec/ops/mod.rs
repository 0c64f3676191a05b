//! Operations (convolution, pool, norm, attention, filters over time): forward and backward, one file each.

pub mod applied_norm;
pub mod attention;
pub mod backward;
pub mod batch_norm;
pub mod conv_backward;
pub mod dense_map;
pub mod dropout;
pub mod forward;
pub mod image_feedback;
pub mod pointwise_backward;
pub mod prepared;
pub mod reductions;
pub mod registered;
pub mod temporal;
pub mod temporal_backward;
