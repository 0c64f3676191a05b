//! The bytes of a journal: a header, then batches of records. Each batch is stored by one write and one fsync.
//!
//! ```text
//! header   magic [8]  version u32  crc32 of both u32
//! batch    marker [4]  length u32  crc32 of length and content u32  content [length]
//! content  of each record its length u32 and its bytes
//! ```
//! Numbers are little-endian. The checksum covers a whole batch, because a power cut may keep the end of a write and lose its
//! beginning. A batch after a damaged one was acknowledged later, so the damaged one was too, and data are lost; damage within
//! the last batch is expected after a power cut.

use crate::{io_error, malformed};
use lapicque_base::error::{Error, Result};
use std::path::Path;

/// Version of the file format and of the records that a study stores in it.
pub const VERSION: u32 = 1;

/// Maximum number of bytes in the content of a batch.
pub const MAX_BATCH: usize = 16 << 20;

/// Maximum number of bytes of a record.
pub const MAX_RECORD: usize = MAX_BATCH - 4;

pub const HEADER: usize = 16;
pub const FRAME: usize = 12;
const MAGIC: [u8; 8] = *b"lpqstudy";
const MARKER: [u8; 4] = *b"\xf5rec";

pub fn header() -> [u8; HEADER] {
    header_of(VERSION)
}

fn header_of(version: u32) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&version.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..12]);
    bytes[12..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Whether a header is present. `false`: the writer ended while it created the file.
///
/// # Errors
/// `malformed-file` for another file, `unsupported` for a newer version.
pub fn check_header(path: &Path, bytes: &[u8]) -> Result<bool> {
    let found = &bytes[..bytes.len().min(HEADER)];
    if let Ok(whole) = <[u8; HEADER]>::try_from(found) {
        let version = u32_at(&whole, 8);
        if whole == header_of(version) {
            return if version <= VERSION { Ok(true) } else { Err(newer(path, version)) };
        }
    }
    // An interrupted write leaves a prefix of the header, and zeros.
    let begun = bytes.iter().zip(header()).take_while(|(found, expected)| **found == *expected).count();
    let torn = begun < HEADER && bytes[begun..].iter().all(|&byte| byte == 0);
    if torn { Ok(false) } else { Err(malformed(path, 0, "it is not the journal of a study")) }
}

fn newer(path: &Path, version: u32) -> Error {
    Error::Unsupported {
        feature: format!(
            "studies stored with schema version {version}, as {} is (it reads version {VERSION}); a newer lapicque does",
            path.display()
        ),
        format: "this version of lapicque".into(),
    }
}

/// A batch under construction, with space for its frame at the beginning.
pub struct Batch(Vec<u8>);

impl Batch {
    pub fn new() -> Batch {
        Batch(vec![0; FRAME])
    }

    pub fn is_empty(&self) -> bool {
        self.0.len() == FRAME
    }

    /// Whether the record fits into the batch.
    pub fn fits(&self, record: &[u8]) -> bool {
        self.0.len() - FRAME + 4 + record.len() <= MAX_BATCH
    }

    /// # Errors
    /// `io` if memory does not suffice
    pub fn push(&mut self, path: &Path, record: &[u8]) -> Result<()> {
        let refused = |_| io_error(path, &std::io::ErrorKind::OutOfMemory.into());
        self.0.try_reserve(4 + record.len()).map_err(refused)?;
        self.0.extend_from_slice(&(record.len() as u32).to_le_bytes());
        self.0.extend_from_slice(record);
        Ok(())
    }

    /// All bytes of the batch, including the frame.
    pub fn framed(mut self) -> Vec<u8> {
        let length = ((self.0.len() - FRAME) as u32).to_le_bytes();
        let crc = checksum(&length, &self.0[FRAME..]).to_le_bytes();
        self.0[..4].copy_from_slice(&MARKER);
        self.0[4..8].copy_from_slice(&length);
        self.0[8..FRAME].copy_from_slice(&crc);
        self.0
    }
}

/// # Errors
/// `too-large`, or `invalid-parameter` for an empty record
pub fn check_record(path: &Path, record: &[u8]) -> Result<()> {
    let what = || format!("a record of {}", path.display());
    match record.len() {
        0 => Err(Error::invalid(what(), "no bytes", "at least one byte")),
        1..=MAX_RECORD => Ok(()),
        more => Err(Error::TooLarge { what: what(), needed: more as u64, allowed: MAX_RECORD as u64 }),
    }
}

/// The records of a batch's content; `None` if their lengths do not add up.
pub fn records(mut content: &[u8]) -> Option<Vec<&[u8]>> {
    let mut records = Vec::new();
    while !content.is_empty() {
        let length = u32_at(content.get(..4)?, 0) as usize;
        records.push(content.get(4..4 + length)?);
        content = &content[4 + length..];
    }
    Some(records)
}

fn checksum(length: &[u8], content: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(length);
    hasher.update(content);
    hasher.finalize()
}

/// The result of decoding at the start of some bytes.
pub enum Found<'a> {
    /// The content of a batch.
    Batch(&'a [u8]),
    /// The bytes end before the batch does; the number is its length including the frame.
    Short(usize),
    /// There is no valid batch.
    Nothing,
}

pub fn decode(bytes: &[u8]) -> Found<'_> {
    if bytes.len() < FRAME {
        return if MARKER.starts_with(&bytes[..bytes.len().min(4)]) {
            Found::Short(FRAME)
        } else {
            Found::Nothing
        };
    }
    let length = u32_at(bytes, 4) as usize;
    if bytes[..4] != MARKER || length == 0 || length > MAX_BATCH {
        return Found::Nothing;
    }
    match bytes.get(FRAME..FRAME + length) {
        None => Found::Short(FRAME + length),
        Some(content) if checksum(&bytes[4..8], content) == u32_at(bytes, 8) => Found::Batch(content),
        Some(_) => Found::Nothing,
    }
}

/// Whether a whole batch begins anywhere after the first byte. The work is bounded: bytes crafted to look like many batches
/// count as one.
pub fn holds_batch(bytes: &[u8]) -> bool {
    let mut budget = 4 * bytes.len() + MAX_BATCH;
    for start in markers(bytes) {
        match decode(&bytes[start..]) {
            Found::Batch(_) => return true,
            Found::Short(_) => {}
            Found::Nothing => {
                let length = bytes[start..].get(4..8).map_or(0, |length| u32_at(length, 0) as usize);
                match budget.checked_sub(FRAME + length.min(MAX_BATCH)) {
                    Some(rest) => budget = rest,
                    None => return true,
                }
            }
        }
    }
    false
}

fn markers(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    (1..bytes.len()).filter(|&start| bytes[start] == MARKER[0] && bytes[start..].starts_with(&MARKER))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-32/ISO-HDLC in the catalog of parametrized CRC algorithms.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_newer_version_is_named() {
        let message = check_header(Path::new("here"), &header_of(2)).unwrap_err().to_string();
        assert!(message.contains("schema version 2") && message.contains("here"), "{message}");
    }

    #[test]
    fn bytes_made_to_look_like_batches_take_bounded_work() {
        let mut bytes = Vec::new();
        while bytes.len() < 4 << 20 {
            bytes.extend_from_slice(&MARKER);
            bytes.extend_from_slice(&(2u32 << 20).to_le_bytes());
            bytes.extend_from_slice(&[0; 4]);
        }
        let began = std::time::Instant::now();
        holds_batch(&bytes);
        assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    }
}
