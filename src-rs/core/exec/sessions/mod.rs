//! The streaming form of a network: some steps at a time, states carried.

pub mod session;
pub mod streaming;
