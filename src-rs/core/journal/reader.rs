//! Reading a journal, also while a writer appends to it.

use crate::batch::{self, FRAME, Found, HEADER, MAX_BATCH};
use crate::{io_error, malformed};
use lapicque_base::error::{Error, Result};
use lapicque_base::read_at::open_regular;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Bytes read at a time.
const AT_ONCE: usize = 1 << 20;

/// Some records of a journal.
#[derive(Debug, Default, PartialEq)]
pub struct Chunk {
    pub records: Vec<Vec<u8>>,
    /// Offset of the next batch.
    pub next: u64,
    /// Whether reading stopped at the requested size, not at the end of the journal.
    pub more: bool,
}

/// The records from offset `from` on (0: the first), until their batches take `enough` bytes. A batch that is being written,
/// or that was left torn, is not included.
///
/// # Errors
/// `io`; `malformed-file` if whole batches follow a damaged one, for another kind of file, or if no batch begins at `from`;
/// `unsupported` for a newer version.
pub fn read(path: &Path, from: u64, enough: usize) -> Result<Chunk> {
    // Some network file systems show the end of a write before its beginning, so reading is retried.
    let mut again = [5, 20, 80].into_iter();
    loop {
        match (read_once(path, from, enough), again.next()) {
            (Err(Error::MalformedFile { .. }), Some(pause)) => sleep(Duration::from_millis(pause)),
            (result, _) => return result,
        }
    }
}

/// As `read`, if no other process can be writing.
pub fn read_once(path: &Path, from: u64, enough: usize) -> Result<Chunk> {
    let failed = |error| io_error(path, &error);
    let (mut file, length) = open_regular(path).map_err(failed)?;
    let mut bytes = Vec::new();
    fill(&mut file, &mut bytes, HEADER).map_err(failed)?;
    if !batch::check_header(path, &bytes)? {
        return Ok(Chunk::default());
    }
    let from = from.max(HEADER as u64);
    if from > length {
        return Err(malformed(path, from, "it has become shorter"));
    }
    file.seek(SeekFrom::Start(from)).map_err(failed)?;
    bytes.clear();
    let mut chunk = Chunk { next: from, ..Chunk::default() };
    let (mut start, mut taken) = (0, 0);
    loop {
        // Bytes that are needed to decide, or 0 if more bytes would not help.
        let needed = match batch::decode(&bytes[start..]) {
            Found::Batch(content) => {
                let records = batch::records(content);
                let records =
                    records.ok_or_else(|| malformed(path, chunk.next, "a batch's lengths do not add up"))?;
                chunk.records.extend(records.into_iter().map(<[u8]>::to_vec));
                let size = FRAME + content.len();
                (start, taken) = (start + size, taken + size);
                chunk.next += size as u64;
                if taken >= enough {
                    chunk.more = true;
                    return Ok(chunk);
                }
                continue;
            }
            Found::Short(whole) => whole - (bytes.len() - start),
            Found::Nothing => 0,
        };
        bytes.drain(..start);
        start = 0;
        // A damaged part may be as long as a batch; the next batch begins after it.
        let more = if needed > 0 { needed.max(AT_ONCE) } else { 2 * (FRAME + MAX_BATCH) };
        let read = fill(&mut file, &mut bytes, more).map_err(failed)?;
        if needed == 0 || read == 0 {
            let damaged = batch::holds_batch(&bytes);
            let reason =
                "a batch of records is damaged, and whole ones follow it; restore the file from a copy";
            return if damaged { Err(malformed(path, chunk.next, reason)) } else { Ok(chunk) };
        }
    }
}

fn fill(file: &mut File, bytes: &mut Vec<u8>, more: usize) -> io::Result<usize> {
    file.take(more as u64).read_to_end(bytes)
}
