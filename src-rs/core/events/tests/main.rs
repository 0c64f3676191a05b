//! Recordings through the public API of the crate: what is written is read back, in pieces of any size and from any time on.

mod hostile;
mod levels;
mod round_trip;
mod seeking;
mod support;
mod tables;
