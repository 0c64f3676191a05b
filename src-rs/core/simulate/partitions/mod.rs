//! A partition (some neurons and all synapses onto them) and its step.

pub mod faults;
pub mod gap_currents;
pub mod mean_taps;
pub mod partition;
pub mod rest;
pub mod structure;
pub mod synapses;
