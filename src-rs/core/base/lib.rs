//! Basic services that all other crates use.

pub mod at_level;
pub mod cache;
pub mod control;
pub mod error;
pub mod limits;
pub mod matrix;
pub mod memory;
pub mod nearest;
pub mod normal;
pub mod operation_counts;
pub mod precision;
pub mod read_at;
pub mod real;
pub mod rng;
pub mod settings;
pub mod simd;
pub mod workers;

pub use control::Control;
pub use error::{Error, Result};
pub use precision::{AnyReals, Precision};
pub use real::Real;
pub use simd::SimdLevel;
