//! Blocks of LZ4. Source: Y. Collet, LZ4 block format description.
//!
//! Packets of events are some two short sequences an event, so that what counts is the time from one token to the next. Not lz4_flex's decoder, which
//! writes them and reads HDF5: a recording of 11 million events takes it 115 ms of CPU where this takes 68, and it is the largest part of reading AEDAT 4.
//! The tests hold both to the same content and the same refusals.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The content is longer than `out`.
    OutputTooSmall,
    Malformed(&'static str),
}

const MIN_MATCH: usize = 4;
/// Bytes of a register; a merged sequence has at most two of them.
const HALF: usize = 8;
/// What a merged sequence reads from the token on: the token, the literals in a register of their own or the offset behind them.
const READ: usize = 1 + HALF + 2;

/// Of each token the length of literals and match together, where they are merged: fewer than 8 literals, at most 16 bytes. Else 0.
const MERGED: [u8; 256] = {
    let mut lengths = [0; 256];
    let mut token = 0;
    while token < lengths.len() {
        let (literals, length) = (token >> 4, (token & 15) + MIN_MATCH);
        if literals < HALF && literals + length <= 2 * HALF {
            lengths[token] = (literals + length) as u8;
        }
        token += 1;
    }
    lengths
};

/// The bytes of a register that are literals, by their number.
const LITERALS: [u64; 16] = [
    0,
    (1 << 8) - 1,
    (1 << 16) - 1,
    (1 << 24) - 1,
    (1 << 32) - 1,
    (1 << 40) - 1,
    (1 << 48) - 1,
    (1 << 56) - 1,
    // Are not merged.
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
];

/// Decodes a block to `out` from `at` on, where matches may lie at `floor` or later, and gives where the content ends. Content of `out`
/// behind it is of no meaning.
pub fn decode(block: &[u8], out: &mut [u8], at: usize, floor: usize) -> Result<usize, Failure> {
    assert!(floor <= at && at <= out.len());
    let (mut i, mut o) = (0, at);
    loop {
        (i, o) = merged(block, i, out, o, floor);
        (i, o) = match sequence(block, i, out, o, floor)? {
            Sequence::Next(i, o) => (i, o),
            Sequence::Last(o) => return Ok(o),
        };
    }
}

/// Decodes short sequences as far as they reach: those of [`MERGED`] whose match is 16 bytes back or more, far enough from both ends.
///
/// Literals and match are written together, in halves of 8 bytes as fields of events are: the next sequence often reads these bytes
/// before they are in the cache, and gets them from the store only if one store has written all that one load reads.
fn merged(block: &[u8], mut i: usize, out: &mut [u8], mut o: usize, floor: usize) -> (usize, usize) {
    let (Some(last_i), Some(last_o)) = (block.len().checked_sub(READ), out.len().checked_sub(2 * HALF))
    else {
        return (i, o);
    };
    let (from, to) = (block.as_ptr(), out.as_mut_ptr());
    let nearest = floor + 2 * HALF;
    while i <= last_i && o <= last_o && o >= nearest {
        // SAFETY: READ bytes from `i` on are in the block: the token, then 8 bytes of literals, or at most 7 and the offset. 16 bytes from
        // `o` on are in `out`. The match is 16 bytes or more before `o`, and at `floor` or later.
        unsafe {
            let token = usize::from(*from.add(i));
            let (total, literals) = (usize::from(MERGED[token]), token >> 4);
            if total == 0 {
                break;
            }
            let offset = usize::from(u16::from_le_bytes(from.add(i + 1 + literals).cast::<[u8; 2]>().read()));
            if offset.wrapping_sub(2 * HALF) > o - nearest {
                break;
            }
            let into = to.add(o);
            let match_bytes = into.sub(offset).cast::<[u8; HALF]>();
            let first = u64::from_le_bytes(match_bytes.read());
            let second = match_bytes.add(1).read();
            let literal = u64::from_le_bytes(from.add(i + 1).cast::<[u8; HALF]>().read());
            let first = first ^ (first ^ literal) & LITERALS[literals];
            into.cast::<[u8; HALF]>().write(first.to_le_bytes());
            into.add(HALF).cast::<[u8; HALF]>().write(second);
            (i, o) = (i + literals + 3, o + total);
        }
    }
    (i, o)
}

enum Sequence {
    /// Where the next one begins in the block and in the content.
    Next(usize, usize),
    /// Where the content ends.
    Last(usize),
}

/// A sequence of any length, anywhere.
fn sequence(
    block: &[u8],
    mut i: usize,
    out: &mut [u8],
    mut o: usize,
    floor: usize,
) -> Result<Sequence, Failure> {
    let ended = Failure::Malformed("it ends within a sequence");
    let token = usize::from(*block.get(i).ok_or(ended)?);
    i += 1;
    let literals = length(token >> 4, block, &mut i).ok_or(ended)?;
    let from = block.get(i..).and_then(|rest| rest.get(..literals)).ok_or(ended)?;
    let into = out[o..].get_mut(..literals).ok_or(Failure::OutputTooSmall)?;
    into.copy_from_slice(from);
    (i, o) = (i + literals, o + literals);
    // The last sequence has literals only.
    if i == block.len() {
        return Ok(Sequence::Last(o));
    }
    let &[low, high] = block[i..].first_chunk().ok_or(ended)?;
    let offset = usize::from(u16::from_le_bytes([low, high]));
    i += 2;
    let length = length(token & 15, block, &mut i).ok_or(ended)? + MIN_MATCH;
    if offset == 0 || offset > o - floor {
        return Err(Failure::Malformed("a match lies outside of the content"));
    }
    if length > out.len() - o {
        return Err(Failure::OutputTooSmall);
    }
    // A match may read what it writes: then it is copied in pieces that are there, each twice as long as the one before.
    let (from, until) = (o - offset, o + length);
    while o < until {
        let piece = (until - o).min(o - from);
        out.copy_within(from..from + piece, o);
        o += piece;
    }
    Ok(Sequence::Next(i, o))
}

/// A length whose four bits in the token may be followed by bytes that add to it.
fn length(bits: usize, block: &[u8], i: &mut usize) -> Option<usize> {
    let mut length = bits;
    if bits == 15 {
        loop {
            let more = *block.get(*i)?;
            *i += 1;
            length += usize::from(more);
            if more != 255 {
                break;
            }
        }
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same numbers each time.
    fn random(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn blocks_are_those_of_another_encoder() {
        let mut state = 1;
        for round in 0..300 {
            // Runs, repeats at short and long distances, and noise.
            let mut content: Vec<u8> = Vec::new();
            while content.len() < 40 * round {
                let count = 1 + random(&mut state) as usize % 60;
                let back = 1 + random(&mut state) as usize % [3, 17, 70, 5000][round % 4];
                match random(&mut state) % 3 {
                    0 => content.extend((0..count).map(|_| random(&mut state) as u8)),
                    _ if content.len() >= back => {
                        (0..count).for_each(|_| content.push(content[content.len() - back]))
                    }
                    _ => content.extend(vec![7; count]),
                }
            }
            let block = lz4_flex::block::compress(&content);
            let mut out = vec![9; content.len() + 64];
            // In exactly as much room, in more, and in less.
            assert_eq!(decode(&block, &mut out[..content.len()], 0, 0), Ok(content.len()));
            assert_eq!(out[..content.len()], content);
            out.fill(9);
            assert_eq!(decode(&block, &mut out, 0, 0), Ok(content.len()));
            assert_eq!(out[..content.len()], content);
            if !content.is_empty() {
                let short = &mut out[..content.len() - 1];
                assert_eq!(decode(&block, short, 0, 0), Err(Failure::OutputTooSmall));
            }
            // Damaged, it decodes to something or fails, and what stands before it stays.
            for _ in 0..20 {
                let mut bad = block.clone();
                let at = random(&mut state) as usize % bad.len();
                bad[at] = random(&mut state) as u8;
                bad.truncate(1 + random(&mut state) as usize % bad.len());
                out[..32].fill(5);
                let ours = decode(&bad, &mut out, 32, 32);
                assert_eq!(out[..32], [5; 32]);
                let mut theirs = vec![0; out.len() - 32];
                let expected = lz4_flex::block::decompress_into(&bad, &mut theirs);
                assert_eq!(ours.is_ok(), expected.is_ok(), "{ours:?} {expected:?}");
                if let (Ok(end), Ok(len)) = (ours, expected) {
                    assert_eq!(out[32..end], theirs[..len]);
                }
            }
        }
    }

    #[test]
    fn matches_reach_back_to_the_floor_and_no_further() {
        // Two literals, then a match of 6 bytes at a distance of 10, then one literal.
        let block = [0x22, b'x', b'y', 10, 0, 0x10, b'z'];
        let mut out = *b"..abcdefgh..................................................................";
        assert_eq!(decode(&block, &mut out, 10, 2), Ok(19));
        assert_eq!(&out[..19], b"..abcdefghxyabcdefz");
        assert!(matches!(decode(&block, &mut out, 10, 3), Err(Failure::Malformed(_))));
    }
}
