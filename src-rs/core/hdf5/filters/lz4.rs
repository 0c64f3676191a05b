//! LZ4, filter 32004: the total size and the size of a block, big-endian, then blocks with their packed sizes.

use super::checked::{damaged, zeros};
use lapicque_base::Result;

pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let early = || damaged("LZ4", "it ends early");
    let (head, mut rest) = bytes.split_at_checked(12).ok_or_else(early)?;
    let total = head.first_chunk().map_or(0, |eight| u64::from_be_bytes(*eight));
    let block = head.last_chunk().map_or(0, |four| u32::from_be_bytes(*four)) as usize;
    let total = usize::try_from(total).ok().filter(|total| *total <= most);
    let total = total.ok_or_else(|| damaged("LZ4", "it declares more than its chunk"))?;
    if block == 0 && total > 0 {
        return Err(damaged("LZ4", "blocks of no bytes"));
    }
    let mut out = zeros(total)?;
    for into in out.chunks_mut(block.max(1)) {
        let (size, after) = rest.split_first_chunk().ok_or_else(early)?;
        let (packed, after) = after.split_at_checked(u32::from_be_bytes(*size) as usize).ok_or_else(early)?;
        if packed.len() == into.len() {
            into.copy_from_slice(packed);
        } else {
            block_into(packed, into)?;
        }
        rest = after;
    }
    Ok(out)
}

/// Unpacks one block of `into.len()` bytes.
pub(super) fn block_into(packed: &[u8], into: &mut [u8]) -> Result<()> {
    match lz4_flex::block::decompress_into(packed, into) {
        Ok(written) if written == into.len() => Ok(()),
        Ok(written) => {
            Err(damaged("LZ4", &format!("a block of {written} bytes, where {} are declared", into.len())))
        }
        Err(error) => Err(damaged("LZ4", &error.to_string())),
    }
}
