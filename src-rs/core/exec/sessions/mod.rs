//! Sessions, the streaming form of a network: a few steps per call, with the state carried over.

pub mod saved;
pub mod session;
pub mod step_input;
mod stillness;
pub mod streaming;
pub mod unit_step;
pub mod watched;
