//! Transcendental functions of the engine: branch-free, built from IEEE operations and fused
//! multiply-adds only, so that a loop over them vectorises and gives the same bits on every CPU
//! and at every vector width. The system's libm promises neither. Sines and cosines of very large numbers
//! alone have a branch: the crate `libm`, which is no system's, reduces them.

// Coefficients stand as their sources print them.
#[allow(clippy::excessive_precision)]
pub mod double;
#[allow(clippy::excessive_precision)]
pub mod single;

#[cfg(test)]
mod tests;
