//! Products of spikes and sparse values, their weight gradients, eligibility traces.

pub mod eligibility;
pub mod gather;
pub mod gather_one;
pub mod gather_values;
pub mod sampled;
pub mod step_gradient;
pub mod step_lists;
pub mod step_patterns;
pub mod steps;
