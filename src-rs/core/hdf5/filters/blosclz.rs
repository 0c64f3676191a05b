//! BloscLZ, a descendant of FastLZ: runs of literals, and copies of earlier output with lengths and distances in one or
//! more bytes.

use super::checked::damaged;
use lapicque_base::Result;

/// Distances beyond this are written in two further bytes.
const NEAR: usize = 8191;

pub(super) fn decode(packed: &[u8], into: &mut [u8]) -> Result<()> {
    let early = || damaged("BloscLZ", "it ends early");
    let long = || damaged("BloscLZ", "it has more than its block");
    let mut at = 0;
    let next = |at: &mut usize| {
        let byte = packed.get(*at).copied().ok_or_else(early)?;
        *at += 1;
        Ok::<usize, lapicque_base::Error>(usize::from(byte))
    };
    let mut written: usize = 0;
    // The first instruction is always a literal run, whatever its upper bits.
    let mut control = next(&mut at)? & 31;
    loop {
        if control >= 32 {
            let mut length = (control >> 5) - 1;
            let mut distance = (control & 31) << 8;
            if length == 6 {
                loop {
                    let more = next(&mut at)?;
                    length += more;
                    if more != 255 {
                        break;
                    }
                }
            }
            let low = next(&mut at)?;
            distance += low;
            if low == 255 && distance == NEAR {
                distance = (next(&mut at)? << 8 | next(&mut at)?) + NEAR;
            }
            let (length, distance) = (length + 3, distance + 1);
            let from = written
                .checked_sub(distance)
                .ok_or_else(|| damaged("BloscLZ", "a copy from before its beginning"))?;
            if written + length > into.len() {
                return Err(long());
            }
            for i in 0..length {
                into[written + i] = into[from + i];
            }
            written += length;
        } else {
            let literals = packed.get(at..at + control + 1).ok_or_else(early)?;
            into.get_mut(written..written + literals.len()).ok_or_else(long)?.copy_from_slice(literals);
            at += literals.len();
            written += literals.len();
        }
        if at >= packed.len() {
            break;
        }
        control = next(&mut at)?;
    }
    if written == into.len() { Ok(()) } else { Err(damaged("BloscLZ", "it has less than its block")) }
}
