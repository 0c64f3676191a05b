//! The validated network: indices instead of names, steps instead of times.

pub mod constant_drives;
pub mod gaps;
pub mod in_range;
pub mod inputs;
pub mod intrinsic;
pub mod means;
pub mod network;
pub mod neurons;
pub mod one_step;
pub mod plastic_synapse;
pub mod population;
pub mod ports;
pub mod resolve;
pub mod seed_check;
pub mod signs;
pub mod slow_approach;
pub mod slow_states;
pub mod structural;
pub mod trains;
