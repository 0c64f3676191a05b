//! Streams of random numbers of one seed; the lower half numbers connections, inputs or states.

pub const CONNECTION: u64 = 1 << 32;
pub const INPUT: u64 = 2 << 32;
pub const INITIAL: u64 = 3 << 32;
pub const VALUES: u64 = 4 << 32;
pub const NOISE: u64 = 5 << 32;
pub const GAP: u64 = 6 << 32;
/// Streams numbered by a hash of 56 bits of the name of the sampled values.
pub const DESCRIBED: u64 = 7 << 56;
pub const STRUCTURE: u64 = 7 << 32;
