//! Vector registers of every SIMD level behind one trait, and the choice of the level.

pub mod dispatch;
#[cfg(target_arch = "aarch64")]
pub mod neon;
pub mod registers;
pub mod strip;
