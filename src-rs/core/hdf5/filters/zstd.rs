//! Zstandard, filter 32015.

use super::checked::{damaged, zeros};
use lapicque_base::Result;
use ruzstd::decoding::FrameDecoder;

/// The largest window that a frame may declare.
const LARGEST_WINDOW: u64 = 64 << 20;

pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let mut out = zeros(most)?;
    let written = frame_into(bytes, &mut out)?;
    out.truncate(written);
    Ok(out)
}

/// Unpacks one frame of at most `into.len()` bytes. Returns its length.
pub(super) fn frame_into(packed: &[u8], into: &mut [u8]) -> Result<usize> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(LARGEST_WINDOW);
    decoder.decode_all(packed, into).map_err(|error| damaged("Zstandard", &error.to_string()))
}
