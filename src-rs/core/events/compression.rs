//! The compressed packets of AEDAT 4. The output never exceeds the caller's limit, whatever the packet declares.

use lapicque_base::error::{Error, Result};
use lz4_flex::block::DecompressError;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Read;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Lz4,
    Zstd,
}

impl Compression {
    /// As numbered in the header of AEDAT 4; the `high` variants differ only in writing.
    pub fn numbered(number: i32) -> Option<Self> {
        match number {
            0 => Some(Compression::None),
            1 | 2 => Some(Compression::Lz4),
            3 | 4 => Some(Compression::Zstd),
            _ => None,
        }
    }

    pub fn number(self) -> i32 {
        match self {
            Compression::None => 0,
            Compression::Lz4 => 1,
            Compression::Zstd => 3,
        }
    }

    /// Errors: `unknown-name`.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "none" => Ok(Compression::None),
            "lz4" => Ok(Compression::Lz4),
            "zstd" => Ok(Compression::Zstd),
            _ => Err(Error::unknown("compression", name, ["none", "lz4", "zstd"])),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "NONE",
            Compression::Lz4 => "LZ4",
            Compression::Zstd => "ZSTD",
        }
    }

    /// Unpacks to the beginning of `out` and returns the length; bytes after it are undefined, so a reused buffer need not be
    /// cleared. The error states what is wrong with the packet.
    pub fn unpack(
        self,
        packet: &[u8],
        limit: usize,
        out: &mut Vec<u8>,
    ) -> std::result::Result<usize, String> {
        match self {
            Compression::None => {
                out.clear();
                out.extend_from_slice(packet);
                Ok(out.len())
            }
            Compression::Lz4 => unpack_lz4(packet, limit, out),
            Compression::Zstd => {
                out.clear();
                unpack_zstd(packet, limit, out)
            }
        }
    }

    pub fn pack(self, content: &[u8]) -> Vec<u8> {
        match self {
            Compression::None => content.to_vec(),
            Compression::Lz4 => pack_lz4(content),
            Compression::Zstd => {
                sized_zstd(&compress_to_vec(content, CompressionLevel::Fastest), content.len())
            }
        }
    }
}

/// Adds the content size to the frame's header, without which dv-processing does not read the frame; the content then fits
/// into the window. Source: RFC 8878, 3.1.1.1.
fn sized_zstd(frame: &[u8], size: usize) -> Vec<u8> {
    let flags = frame[4];
    let is_single = flags & 0x20 != 0;
    let size_bytes = [usize::from(is_single), 2, 4, 8][usize::from(flags >> 6)];
    let dictionary_bytes = [0, 1, 2, 4][usize::from(flags & 3)];
    let blocks = 5 + usize::from(!is_single) + dictionary_bytes + size_bytes;
    let mut out = frame[..4].to_vec();
    out.push(0xe0 | flags & 4);
    out.extend((size as u64).to_le_bytes());
    out.extend(&frame[blocks..]);
    out
}

fn unpack_zstd(packet: &[u8], limit: usize, out: &mut Vec<u8>) -> std::result::Result<usize, String> {
    let mut decoder = FrameDecoder::new();
    // The decoder allocates the window that a frame declares, so windows larger than the allowed content are refused.
    decoder.set_max_window_size(limit.max(1 << 10) as u64);
    let decoder = StreamingDecoder::new_with_decoder(packet, decoder).map_err(|error| error.to_string())?;
    let mut content = decoder.take(limit as u64 + 1);
    content.read_to_end(out).map_err(|error| error.to_string())?;
    if out.len() > limit { Err(too_long(limit)) } else { Ok(out.len()) }
}

fn too_long(limit: usize) -> String {
    format!("it unpacks to more than the {limit} bytes that are allowed")
}

const LZ4_MAGIC: u32 = 0x184d_2204;
/// How far back a block may refer.
const LZ4_WINDOW: usize = 64 << 10;

fn unpack_lz4(packet: &[u8], limit: usize, out: &mut Vec<u8>) -> std::result::Result<usize, String> {
    let mut rest = Rest(packet);
    if rest.u32()? != LZ4_MAGIC {
        return Err("it is no LZ4 frame".into());
    }
    let header = rest.0;
    let [flags, block_size] = rest.take(2)?.try_into().map_err(|_| "unreachable")?;
    if flags >> 6 != 1 || flags & 2 != 0 || !matches!(block_size >> 4 & 7, 4..=7) || block_size & 0x8f != 0 {
        return Err("its LZ4 frame has a header that is not defined".into());
    }
    let (independent, has_block_sums) = (flags & 0x20 != 0, flags & 0x10 != 0);
    let (has_size, has_sum, has_dictionary) = (flags & 8 != 0, flags & 4 != 0, flags & 1 != 0);
    if has_dictionary {
        return Err("its LZ4 frame needs a dictionary".into());
    }
    let size = if has_size {
        Some(u64::from_le_bytes(rest.take(8)?.try_into().map_err(|_| "unreachable")?))
    } else {
        None
    };
    let described = header.len() - rest.0.len();
    if rest.take(1)?[0] != (xxh32(&header[..described]) >> 8) as u8 {
        return Err("the checksum of its LZ4 frame's header is wrong".into());
    }
    let max_block = 1_usize << (8 + 2 * (block_size >> 4 & 7));
    let mut at = 0;
    loop {
        let word = rest.u32()?;
        if word == 0 {
            break;
        }
        let block = rest.take((word & 0x7fff_ffff) as usize)?;
        if has_block_sums && rest.u32()? != xxh32(block) {
            return Err("the checksum of an LZ4 block is wrong".into());
        }
        if word >> 31 != 0 {
            if block.len() > max_block || at + block.len() > limit {
                return Err(too_long(limit));
            }
            grow(out, at + block.len());
            out[at..at + block.len()].copy_from_slice(block);
            at += block.len();
            continue;
        }
        // A byte expands to at most 255 bytes, and a block to at most the size in the frame's header. Typical ratios are about
        // four, and memory is zeroed first.
        let most = max_block.min(block.len().saturating_mul(255)).min(limit.saturating_sub(at));
        let mut capacity = most.min(4 * block.len() + 64);
        loop {
            grow(out, at + capacity);
            let (before, into) = out.split_at_mut(at);
            let window = if independent { &[][..] } else { &before[at.saturating_sub(LZ4_WINDOW)..] };
            match lz4_flex::block::decompress_into_with_dict(block, &mut into[..capacity], window) {
                Ok(unpacked) => {
                    at += unpacked;
                    break;
                }
                Err(DecompressError::OutputTooSmall { .. }) if capacity < most => {
                    capacity = most.min(4 * capacity)
                }
                Err(DecompressError::OutputTooSmall { .. }) => return Err(too_long(most)),
                Err(error) => return Err(format!("an LZ4 block cannot be unpacked: {error}")),
            }
        }
    }
    if size.is_some_and(|size| size != at as u64) {
        return Err(format!("its LZ4 frame declares another size than the {at} bytes it has"));
    }
    if has_sum && rest.u32()? != xxh32(&out[..at]) {
        return Err("the checksum of its LZ4 frame is wrong".into());
    }
    Ok(at)
}

fn grow(buffer: &mut Vec<u8>, len: usize) {
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> std::result::Result<&'a [u8], String> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or("its LZ4 frame ends early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> std::result::Result<u32, String> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| "unreachable")?))
    }
}

/// A frame of independent blocks of up to 4 MiB, with a checksum of its content.
fn pack_lz4(content: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 4 << 20;
    let described = [0x40 | 0x20 | 4, 7 << 4];
    let mut out = LZ4_MAGIC.to_le_bytes().to_vec();
    out.extend(described);
    out.push((xxh32(&described) >> 8) as u8);
    for block in content.chunks(BLOCK) {
        let packed = lz4_flex::block::compress(block);
        let (word, bytes) = if packed.len() < block.len() {
            (packed.len() as u32, &packed[..])
        } else {
            (1 << 31 | block.len() as u32, block)
        };
        out.extend(word.to_le_bytes());
        out.extend(bytes);
    }
    out.extend([0; 4]);
    out.extend(xxh32(content).to_le_bytes());
    out
}

/// XXH32 with seed 0, the checksum of LZ4 frames. Source: Y. Collet, xxHash specification.
fn xxh32(bytes: &[u8]) -> u32 {
    const P: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];
    let word = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let round =
        |sum: u32, word: u32| sum.wrapping_add(word.wrapping_mul(P[1])).rotate_left(13).wrapping_mul(P[0]);
    let stripes = bytes.chunks_exact(16);
    let rest = stripes.remainder();
    let mut sum = P[4];
    if bytes.len() >= 16 {
        let mut sums = [P[0].wrapping_add(P[1]), P[1], 0, 0_u32.wrapping_sub(P[0])];
        for stripe in stripes {
            for (sum, four) in sums.iter_mut().zip(stripe.chunks_exact(4)) {
                *sum = round(*sum, word(four));
            }
        }
        let rotated = sums.iter().zip([1, 7, 12, 18]).map(|(sum, by)| sum.rotate_left(by));
        sum = rotated.fold(0, u32::wrapping_add);
    }
    sum = sum.wrapping_add(bytes.len() as u32);
    let fours = rest.chunks_exact(4);
    let ones = fours.remainder();
    for four in fours {
        sum = sum.wrapping_add(word(four).wrapping_mul(P[2])).rotate_left(17).wrapping_mul(P[3]);
    }
    for &one in ones {
        sum = sum.wrapping_add(u32::from(one).wrapping_mul(P[4])).rotate_left(11).wrapping_mul(P[0]);
    }
    sum = (sum ^ sum >> 15).wrapping_mul(P[1]);
    sum = (sum ^ sum >> 13).wrapping_mul(P[2]);
    sum ^ sum >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_specification() {
        assert_eq!(xxh32(b""), 0x02cc_5d05);
        assert_eq!(xxh32(b"abc"), 0x32d1_53ff);
        assert_eq!(xxh32(b"Nobody inspects the spammish repetition"), 0xe229_3b2f);
    }

    #[test]
    fn what_is_packed_is_unpacked_and_never_to_more_than_is_allowed() {
        let content: Vec<u8> = (0..100_000_u32).flat_map(|i| (i / 7).to_le_bytes()).collect();
        let mut out = Vec::new();
        for how in [Compression::None, Compression::Lz4, Compression::Zstd] {
            let packed = how.pack(&content);
            assert_eq!(how.unpack(&packed, content.len(), &mut out), Ok(content.len()));
            assert_eq!(out[..content.len()], content);
            if how != Compression::None {
                assert!(how.unpack(&packed, content.len() - 1, &mut out).is_err());
                assert!(how.unpack(&packed[..packed.len() / 2], content.len(), &mut out).is_err());
            }
        }
    }
}
