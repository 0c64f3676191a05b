//! Blosc 1, filter 32001: blocks, each shuffled and packed by BloscLZ, LZ4, zlib or Zstandard. Written from the description of its chunk format
//! (README_CHUNK_FORMAT.rst of c-blosc 1.21).

use super::checked::{damaged, zeros};
use super::{bitshuffle, blosclz, deflate, lz4, shuffle, zstd};
use crate::fault::unsupported;
use lapicque_base::Result;

const HEADER: usize = 16;
const BYTE_SHUFFLE: u8 = 1;
const STORED: u8 = 2;
const BIT_SHUFFLE: u8 = 4;
/// Each block is one stream, whatever the element size.
const UNSPLIT: u8 = 16;

/// Elements of at most this number of bytes have a stream per byte, in blocks of at least this number of elements.
const MAX_SPLITS: usize = 16;
const MIN_SPLIT: usize = 128;

pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let early = || damaged("Blosc", "it ends early");
    let (head, _) = bytes.split_first_chunk::<HEADER>().ok_or_else(early)?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
    let (version, flags, size) = (head[0], head[2], usize::from(head[3]).max(1));
    if !(1..=2).contains(&version) {
        return Err(unsupported(format!("filter 32001 (blosc) of format version {version}")));
    }
    let (total, block, packed) = (word(4), word(8), word(12));
    if total > most {
        return Err(damaged("Blosc", "it declares more than its chunk"));
    }
    let bytes = bytes.get(..packed).ok_or_else(early)?;
    if flags & STORED != 0 {
        let stored = bytes.get(HEADER..).and_then(|rest| rest.get(..total));
        return Ok(stored.ok_or_else(early)?.to_vec());
    }
    let mut out = zeros(total)?;
    if total == 0 {
        return Ok(out);
    }
    if block == 0 {
        return Err(damaged("Blosc", "blocks of no bytes"));
    }
    let codec = flags >> 5;
    let mut scratch = zeros(block.min(total))?;
    let count = total.div_ceil(block);
    for (i, into) in out.chunks_mut(block).enumerate() {
        let start = HEADER + 4 * i;
        let start = bytes.get(start..start + 4).and_then(|four| four.first_chunk()).ok_or_else(early)?;
        let rest = bytes.get(u32::from_le_bytes(*start) as usize..).ok_or_else(early)?;
        let len = into.len();
        let is_left_over = i == count - 1 && len != block;
        let splits = size <= MAX_SPLITS && block / size >= MIN_SPLIT;
        let streams = if flags & UNSPLIT == 0 && splits && !is_left_over { size } else { 1 };
        let is_bytes = flags & BYTE_SHUFFLE != 0 && size > 1;
        let is_bits = flags & BIT_SHUFFLE != 0 && len >= size;
        let target = if is_bytes || is_bits { &mut scratch[..len] } else { &mut *into };
        unpack(codec, rest, streams, target)?;
        if is_bytes {
            into.copy_from_slice(&shuffle::unshuffle(&scratch[..len], size));
        } else if is_bits {
            let whole = len / size / 8 * 8 * size;
            bitshuffle::untranspose(&scratch[..whole], size, &mut into[..whole]);
            into[whole..].copy_from_slice(&scratch[whole..len]);
        }
    }
    Ok(out)
}

/// Unpacks the consecutive streams of a block.
fn unpack(codec: u8, mut rest: &[u8], streams: usize, into: &mut [u8]) -> Result<()> {
    let early = || damaged("Blosc", "it ends early");
    let len = into.len() / streams;
    for into in into[..len * streams].chunks_mut(len.max(1)) {
        let (size, after) = rest.split_first_chunk().ok_or_else(early)?;
        let (packed, after) = after.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or_else(early)?;
        rest = after;
        if packed.len() == into.len() {
            into.copy_from_slice(packed);
            continue;
        }
        match codec {
            0 => blosclz::decode(packed, into)?,
            1 => lz4::block_into(packed, into)?,
            2 => return Err(unsupported("filter 32001 (blosc) with Snappy")),
            3 => {
                let bytes = deflate::inflate(packed, into.len(), true)?;
                if bytes.len() != into.len() {
                    return Err(damaged("Blosc", "a stream of another length than declared"));
                }
                into.copy_from_slice(&bytes);
            }
            4 if zstd::frame_into(packed, into)? == into.len() => {}
            4 => return Err(damaged("Blosc", "a stream of another length than declared")),
            codec => return Err(unsupported(format!("filter 32001 (blosc) with codec {codec}"))),
        }
    }
    Ok(())
}
