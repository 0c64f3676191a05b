//! Neurons with morphologies: geometry from SWC files, membrane mechanisms as equations, and the cable equation, solved
//! implicitly. Cells of one morphology are interleaved, so that SIMD runs across cells.

pub mod cable;
pub mod geometry;
pub mod mechanism;

#[cfg(test)]
mod tests;
