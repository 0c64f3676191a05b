//! The network description in a user's terms: names, ms and mV.

pub mod description;
pub mod layout;
pub mod milliseconds;
pub mod sampled_parameters;
