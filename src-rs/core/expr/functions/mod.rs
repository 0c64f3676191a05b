//! Transcendental functions of the engine. They are branch-free and consist of IEEE operations and fused multiply-adds only,
//! so loops over them are vectorized and give the same bits on every CPU and at every vector width. The system's libm
//! guarantees neither. Only sines and cosines of very large numbers have a branch; the crate `libm`, which does not depend on
//! the system, reduces them.

// Coefficients are written as in their sources.
#[allow(clippy::excessive_precision)]
pub mod double;
#[allow(clippy::excessive_precision)]
pub mod single;

#[cfg(test)]
mod tests;
