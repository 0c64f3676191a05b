//! DEFLATE with a zlib header, filter 1.

use super::checked::{damaged, zeros};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use lapicque_base::Result;

/// Inflates at most `most` bytes. If the size is known, memory is allocated once.
pub(super) fn inflate(bytes: &[u8], most: usize, is_exact: bool) -> Result<Vec<u8>> {
    let mut decoder = Decompress::new(true);
    // DEFLATE cannot compress by more than a factor of 1032.
    let likely = bytes.len().saturating_mul(if is_exact { 1032 } else { 4 }).saturating_add(64);
    let mut out = zeros(most.min(likely))?;
    loop {
        let (read, written) = (decoder.total_in() as usize, decoder.total_out() as usize);
        let status = decoder.decompress(&bytes[read..], &mut out[written..], FlushDecompress::Finish);
        let status = status.map_err(|error| damaged("deflate", &error.to_string()))?;
        let written = decoder.total_out() as usize;
        if status == Status::StreamEnd {
            out.truncate(written);
            return Ok(out);
        }
        if written == out.len() {
            // The output is complete except for the checksum, or it is too long.
            let grown = most.min(out.len() * 4);
            if grown == out.len() {
                let mut rest = [0; 1];
                let end = decoder.decompress(
                    &bytes[decoder.total_in() as usize..],
                    &mut rest,
                    FlushDecompress::Finish,
                );
                return match end {
                    Ok(_) if decoder.total_out() as usize == written => Ok(out),
                    Ok(_) => Err(damaged("deflate", &format!("it has more than {most} bytes"))),
                    Err(error) => Err(damaged("deflate", &error.to_string())),
                };
            }
            let zeroed = zeros(grown - out.len())?;
            out.extend_from_slice(&zeroed);
        } else {
            return Err(damaged("deflate", "it ends early"));
        }
    }
}

/// The inverse of `inflate`.
pub(crate) fn deflate(bytes: &[u8], level: u32) -> Result<Vec<u8>> {
    let mut encoder = Compress::new(Compression::new(level.min(9)), true);
    let bound = bytes.len() + bytes.len() / 1000 + 128;
    let mut out = zeros(bound)?;
    let status = encoder.compress(bytes, &mut out, FlushCompress::Finish);
    if !matches!(status, Ok(Status::StreamEnd)) {
        return Err(damaged("deflate", "it does not fit in its bound"));
    }
    out.truncate(encoder.total_out() as usize);
    Ok(out)
}
