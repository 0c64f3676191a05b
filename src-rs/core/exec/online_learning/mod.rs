//! Online learning (forward in time) with eligibility traces, in blocks of steps.

pub mod eligibility;
pub mod linearized_step;
pub mod online;
pub mod synapses;
