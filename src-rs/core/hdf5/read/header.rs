//! The messages of an object header as bytes. The parser reads headers too, but refuses a whole object if one of its
//! attributes has a committed type. Such messages are hidden from it here, and read in `committed`.

use super::links::Widths;
use crate::fault::{malformed, parsed};
use hdf5_reader::checksum::jenkins_lookup3;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::continuation;
use hdf5_reader::storage::Storage;
use lapicque_base::Result;
use std::collections::HashSet;

pub(crate) const DATATYPE: u16 = 0x03;
pub(crate) const ATTRIBUTE: u16 = 0x0C;
const CONTINUATION: u16 = 0x10;

/// Messages of this type are skipped by every reader.
const NIL: u8 = 0;

/// Bit of a message's flags: its content lies elsewhere.
pub(crate) const SHARED: u8 = 0x02;

pub(crate) struct Message {
    pub(crate) kind: u16,
    pub(crate) flags: u8,
    pub(crate) data: Vec<u8>,
    /// The chunk that contains it.
    chunk: usize,
    /// Offset of its type in the chunk.
    at: usize,
}

/// A contiguous piece of a header.
struct Chunk {
    address: u64,
    bytes: Vec<u8>,
}

/// The messages of a header, with the chunks that contain them.
pub(crate) struct Header {
    chunks: Vec<Chunk>,
    pub(crate) messages: Vec<Message>,
    /// Whether each chunk ends with a checksum.
    has_checksums: bool,
}

/// How the messages of a chunk are laid out.
#[derive(Clone, Copy)]
struct Layout {
    /// Bytes of a message before its data, after its type.
    kind_bytes: usize,
    /// Bytes between the flags and the data.
    padding: usize,
    /// Bytes of a continuation chunk before and after its messages.
    around: [usize; 2],
}

impl Header {
    /// # Errors
    /// `malformed-file`
    pub(crate) fn read(storage: &dyn Storage, address: u64, widths: Widths, limit: usize) -> Result<Header> {
        let prefix = storage.read_range(address, 16).map_err(parsed)?;
        let (layout, begin, length) = if &prefix[..4] == b"OHDR" {
            second_version(storage, address, prefix[5])?
        } else {
            let length = u32::from_le_bytes([prefix[8], prefix[9], prefix[10], prefix[11]]);
            (Layout { kind_bytes: 2, padding: 3, around: [0, 0] }, 16, u64::from(length))
        };
        let mut header = Header { chunks: vec![], messages: vec![], has_checksums: layout.around[1] > 0 };
        let mut visited = HashSet::new();
        let mut total = 0;
        // Each chunk: address, bytes before its messages, and bytes in all.
        let mut waiting = vec![(address, begin, begin as u64 + length + layout.around[1] as u64)];
        while let Some((address, begin, length)) = waiting.pop() {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            total = length.saturating_add(total);
            if total > limit || !visited.insert(address) {
                return Err(malformed("an object header is too large, or leads back to itself"));
            }
            let bytes = storage.read_range(address, length).map_err(parsed)?.to_vec();
            let end = length.saturating_sub(layout.around[1]);
            let first = header.messages.len();
            header.add(Chunk { address, bytes }, begin..end, layout)?;
            for message in header.messages[first..].iter().filter(|m| m.kind == CONTINUATION) {
                let mut cursor = Cursor::new(&message.data);
                let Widths { offset, length } = widths;
                let next = continuation::parse(&mut cursor, offset, length, message.data.len());
                let next = next.map_err(parsed)?;
                waiting.push((next.offset, layout.around[0], next.length));
            }
        }
        Ok(header)
    }

    fn add(&mut self, chunk: Chunk, within: std::ops::Range<usize>, layout: Layout) -> Result<()> {
        let Layout { kind_bytes, padding, .. } = layout;
        let (bytes, mut at) = (&chunk.bytes, within.start);
        // Less than a message's prefix may be left over.
        while at + kind_bytes + 3 + padding <= within.end {
            let kind = if kind_bytes == 1 { u16::from(bytes[at]) } else { u16_at(bytes, at) };
            let size = usize::from(u16_at(bytes, at + kind_bytes));
            let begin = at + kind_bytes + 3 + padding;
            let data = bytes[..within.end].get(begin..begin + size);
            let data = data.ok_or_else(|| malformed("a message is longer than its object header"))?;
            let flags = bytes[at + kind_bytes + 2];
            self.messages.push(Message { kind, flags, data: data.to_vec(), chunk: self.chunks.len(), at });
            at = begin + size;
        }
        self.chunks.push(chunk);
        Ok(())
    }

    /// The chunks with the messages that `is_hidden` selects turned into empty ones, as `(address, bytes)`.
    pub(crate) fn without(&self, is_hidden: impl Fn(&Message) -> bool) -> Vec<(u64, Vec<u8>)> {
        let mut changed: Vec<(u64, Vec<u8>)> =
            self.chunks.iter().map(|chunk| (chunk.address, chunk.bytes.clone())).collect();
        for message in self.messages.iter().filter(|message| is_hidden(message)) {
            let bytes = &mut changed[message.chunk].1;
            bytes[message.at] = NIL;
            if !self.has_checksums {
                bytes[message.at + 1] = NIL;
            }
        }
        if self.has_checksums {
            for ((_, bytes), original) in changed.iter_mut().zip(&self.chunks) {
                let end = bytes.len() - 4;
                // A chunk that is damaged stays damaged.
                if original.bytes[end..] == jenkins_lookup3(&original.bytes[..end]).to_le_bytes() {
                    let checksum = jenkins_lookup3(&bytes[..end]);
                    bytes[end..].copy_from_slice(&checksum.to_le_bytes());
                }
            }
        }
        changed
    }
}

/// The layout of a header of version 2, the offset of its first message, and the length of its first chunk's messages.
fn second_version(storage: &dyn Storage, address: u64, flags: u8) -> Result<(Layout, usize, u64)> {
    let times = if flags & 0x20 != 0 { 16 } else { 0 };
    let attribute_limits = if flags & 0x10 != 0 { 4 } else { 0 };
    let (at, width) = (6 + times + attribute_limits, 1usize << (flags & 0x03));
    let prefix = storage.read_range(address, at + width).map_err(parsed)?;
    let mut length = [0; 8];
    length[..width].copy_from_slice(&prefix[at..]);
    let length = u64::from_le_bytes(length);
    if length > storage.len() {
        return Err(malformed("an object header is longer than the file"));
    }
    let padding = if flags & 0x04 != 0 { 2 } else { 0 };
    Ok((Layout { kind_bytes: 1, padding, around: [4, 4] }, at + width, length))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
