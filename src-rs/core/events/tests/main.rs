//! Recordings through the public face of the crate: what is written is read again, in pieces of any size and from any time on.

mod hostile;
mod levels;
mod round_trip;
mod seeking;
mod support;
