//! LZF, h5py's own fast codec, filter 32000. A control byte below 32 is followed by that number plus one literals. Any
//! other is a copy of earlier output: the upper three bits are its length minus 2 (7: a byte with more follows), the
//! lower five and the next byte its distance minus 1.

use super::checked::damaged;
use lapicque_base::{Result, memory};

pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(most).map_err(|_| memory::refused::<u8>("a chunk of an HDF5 file", most))?;
    let early = || damaged("LZF", "it ends early");
    let long = || damaged("LZF", "it has more than its chunk");
    let mut rest = bytes;
    while let Some((&control, after)) = rest.split_first() {
        let control = usize::from(control);
        if control < 32 {
            let (literals, after) = after.split_at_checked(control + 1).ok_or_else(early)?;
            if out.len() + literals.len() > most {
                return Err(long());
            }
            out.extend_from_slice(literals);
            rest = after;
            continue;
        }
        let (mut length, mut after) = (control >> 5, after);
        if length == 7 {
            let (&more, behind) = after.split_first().ok_or_else(early)?;
            length += usize::from(more);
            after = behind;
        }
        let (&low, behind) = after.split_first().ok_or_else(early)?;
        let distance = ((control & 0x1f) << 8 | usize::from(low)) + 1;
        let from = out
            .len()
            .checked_sub(distance)
            .ok_or_else(|| damaged("LZF", "a copy from before its beginning"))?;
        if out.len() + length + 2 > most {
            return Err(long());
        }
        // Byte by byte, because source and destination of a copy may overlap.
        for i in from..from + length + 2 {
            out.push(out[i]);
        }
        rest = behind;
    }
    Ok(out)
}
