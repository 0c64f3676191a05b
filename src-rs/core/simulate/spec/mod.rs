//! The description of a network as a user gives it: data with names, in ms and mV.

pub mod description;
pub mod layout;
pub mod milliseconds;
pub mod sampled_parameters;
