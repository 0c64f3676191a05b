//! Sessions, the streaming form of a network: a few steps per call, with the state carried over.

pub mod session;
pub mod streaming;
