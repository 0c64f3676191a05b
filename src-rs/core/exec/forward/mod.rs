//! The forward scan of populations: currents from projections and loops, then neurons over time.

pub mod currents;
pub mod feedback;
pub mod forward_scan;
pub mod map_currents;
pub mod neuron_step;
pub mod panel_norm;
pub mod parallel_forward;
