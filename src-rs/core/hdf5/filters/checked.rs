//! What all filters use: memory of a length that a file declares, and their error.

use crate::fault::malformed;
use lapicque_base::{Error, Result, memory};

/// A vector of zeros whose length a file declares.
pub fn zeros(len: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| memory::refused::<u8>("a chunk of an HDF5 file", len))?;
    bytes.resize(len, 0);
    Ok(bytes)
}

/// The error of a chunk that a filter cannot decode.
pub fn damaged(filter: &str, reason: &str) -> Error {
    malformed(format!("a chunk that {filter} cannot decode: {reason}"))
}
