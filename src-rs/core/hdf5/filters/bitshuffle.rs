//! Bitshuffle, filter 32008: bits reordered by their position in the element, in blocks, alone or with LZ4 or
//! Zstandard.

use super::checked::{damaged, zeros};
use super::{lz4, zstd};
use crate::fault::unsupported;
use lapicque_base::Result;

/// Blocks have a multiple of this number of elements; the remaining elements are stored unchanged.
const GROUP: usize = 8;

/// Default size of a block in bytes.
const TARGET: usize = 8192;

/// The number of elements of a block if the file does not state it.
fn default_block(size: usize) -> usize {
    (TARGET / size / GROUP * GROUP).max(128)
}

pub(super) fn decode(client: &[u32], bytes: &[u8], size: usize, most: usize) -> Result<Vec<u8>> {
    let size = client.get(2).map_or(size, |size| *size as usize);
    if size == 0 {
        return Err(damaged("bitshuffle", "elements of no bytes"));
    }
    let declared = client.get(3).map_or(0, |block| *block as usize);
    match client.get(4).copied().unwrap_or(0) {
        0 => {
            let block = if declared == 0 { default_block(size) } else { declared };
            let mut out = zeros(bytes.len().min(most))?;
            let mut source = bytes;
            let mut target = &mut out[..];
            for len in blocks(bytes.len().min(most), size, block) {
                let (from, rest) = source.split_at(len);
                let (into, behind) = target.split_at_mut(len);
                untranspose(from, size, into);
                (source, target) = (rest, behind);
            }
            let left = target.len();
            target.copy_from_slice(&source[..left]);
            Ok(out)
        }
        codec @ (2 | 3) => packed(bytes, size, most, codec),
        codec => Err(unsupported(format!("filter 32008 (bitshuffle) with codec {codec}"))),
    }
}

/// The lengths of the blocks into which `total` bytes are divided, without the remainder.
fn blocks(total: usize, size: usize, block: usize) -> impl Iterator<Item = usize> {
    let elements = total / size;
    let (whole, last) = (elements / block.max(1), elements % block.max(1) / GROUP * GROUP);
    std::iter::repeat_n(block * size, whole).chain((last > 0).then_some(last * size))
}

fn packed(bytes: &[u8], size: usize, most: usize, codec: u32) -> Result<Vec<u8>> {
    let early = || damaged("bitshuffle", "it ends early");
    let (head, mut rest) = bytes.split_at_checked(12).ok_or_else(early)?;
    let total = head.first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight));
    let total = usize::try_from(total).ok().filter(|total| *total <= most);
    let total = total.ok_or_else(|| damaged("bitshuffle", "it declares more than its chunk"))?;
    let block = head.last_chunk().map_or(0, |four| u32::from_be_bytes(*four)) as usize / size;
    if block == 0 || !block.is_multiple_of(GROUP) {
        return Err(damaged("bitshuffle", "blocks of no multiple of 8 elements"));
    }
    let mut out = zeros(total)?;
    let mut scratch = Vec::new();
    let mut target = &mut out[..];
    for len in blocks(total, size, block) {
        let (packed, after) = rest.split_first_chunk().ok_or_else(early)?;
        let (packed, after) =
            after.split_at_checked(u32::from_be_bytes(*packed) as usize).ok_or_else(early)?;
        if scratch.len() < len {
            scratch = zeros(len)?;
        }
        let from = &mut scratch[..len];
        if codec == 2 {
            lz4::block_into(packed, from)?;
        } else if zstd::frame_into(packed, from)? != len {
            return Err(damaged("bitshuffle", "a block of another length than declared"));
        }
        let (into, behind) = target.split_at_mut(len);
        untranspose(from, size, into);
        (rest, target) = (after, behind);
    }
    let left = rest.get(..target.len()).ok_or_else(early)?;
    target.copy_from_slice(left);
    Ok(out)
}

/// Converts bit planes (the lowest bit of the first byte of all elements first) to elements; their number is a multiple of 8.
pub(super) fn untranspose(from: &[u8], size: usize, into: &mut [u8]) {
    let elements = from.len() / size;
    let row = elements / 8;
    for byte in 0..size {
        for group in 0..row {
            let planes: [u8; 8] = std::array::from_fn(|bit| from[(byte * 8 + bit) * row + group]);
            let transposed = transpose_8x8(u64::from_le_bytes(planes)).to_le_bytes();
            for (i, value) in transposed.into_iter().enumerate() {
                into[(group * 8 + i) * size + byte] = value;
            }
        }
    }
}

/// Transposes a matrix of 8 by 8 bits.
fn transpose_8x8(mut x: u64) -> u64 {
    let mut t = (x ^ (x >> 7)) & 0x00aa_00aa_00aa_00aa;
    x = x ^ t ^ (t << 7);
    t = (x ^ (x >> 14)) & 0x0000_cccc_0000_cccc;
    x = x ^ t ^ (t << 14);
    t = (x ^ (x >> 28)) & 0x0000_0000_f0f0_f0f0;
    x ^ t ^ (t << 28)
}
