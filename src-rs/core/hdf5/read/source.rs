//! The bytes of a file, read by ranges. Metadata reads are metered, because a damaged file can cause the same structure
//! to be read repeatedly.

use crate::fault::{malformed, malformed_at};
use hdf5_reader::error::{Error as Parse, Result as Parsed};
use hdf5_reader::storage::{Storage, StorageBuffer};
use lapicque_base::read_at::{open_regular, read_exact_at};
use lapicque_base::{Error, Result, memory};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

/// Limit of the metadata that one call may read, in addition to a multiple of the file's size.
const METERED_BYTES: u64 = 64 << 20;
const METERED_TIMES: u64 = 8;

/// Small reads of a file are served from cached blocks of this size.
const BLOCK: usize = 16 << 10;

enum Bytes {
    InMemory(Arc<Vec<u8>>),
    OnDisk(File),
}

pub(crate) struct Source {
    bytes: Bytes,
    len: u64,
    metered: AtomicU64,
    /// The last block: structures are close to each other.
    block: std::sync::Mutex<Option<(u64, Arc<Vec<u8>>)>>,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Source> {
        let io =
            |error: std::io::Error| Error::Io { path: path.display().to_string(), reason: error.to_string() };
        let (file, len) = open_regular(path).map_err(io)?;
        Ok(Source::new(Bytes::OnDisk(file), len))
    }

    pub(crate) fn in_memory(bytes: Vec<u8>) -> Source {
        let len = bytes.len() as u64;
        Source::new(Bytes::InMemory(Arc::new(bytes)), len)
    }

    fn new(bytes: Bytes, len: u64) -> Source {
        Source { bytes, len, metered: AtomicU64::new(0), block: Default::default() }
    }

    pub(crate) fn length(&self) -> u64 {
        self.len
    }

    /// Resets the meter at the start of a call.
    pub(crate) fn restart_meter(&self) {
        self.metered.store(0, Ordering::Relaxed);
    }

    /// Reads data, which are not metered: the caller has compared their size with a limit.
    pub(crate) fn data(&self, offset: u64, len: usize) -> Result<StorageBuffer> {
        let end = offset.checked_add(len as u64).filter(|end| *end <= self.len);
        if end.is_none() {
            let left = self.len.saturating_sub(offset);
            return Err(malformed_at(
                offset,
                format!("{len} bytes of data are declared where {left} are left"),
            ));
        }
        match &self.bytes {
            Bytes::InMemory(bytes) => StorageBuffer::from_shared_owner(bytes.clone(), offset as usize, len)
                .map_err(crate::fault::parsed),
            Bytes::OnDisk(file) => {
                let mut read = Vec::new();
                read.try_reserve_exact(len)
                    .map_err(|_| memory::refused::<u8>("data of an HDF5 file", len))?;
                read.resize(len, 0);
                read_exact_at(file, &mut read, offset)
                    .map_err(|error| malformed(format!("reading {len} bytes at {offset}: {error}")))?;
                Ok(StorageBuffer::from_vec(read))
            }
        }
    }

    /// As `data`, into existing memory.
    pub(crate) fn data_into(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        match &self.bytes {
            Bytes::InMemory(_) => {
                into.copy_from_slice(&self.data(offset, into.len())?);
                Ok(())
            }
            Bytes::OnDisk(file) => {
                let len = into.len();
                read_exact_at(file, into, offset)
                    .map_err(|error| malformed(format!("reading {len} bytes at {offset}: {error}")))
            }
        }
    }

    fn small(&self, offset: u64, len: usize) -> Result<StorageBuffer> {
        let first = offset / BLOCK as u64 * BLOCK as u64;
        let within = (offset - first) as usize;
        let cached = self.block.lock().ok().and_then(|block| block.clone()).filter(|(at, _)| *at == first);
        let block = match cached {
            Some((_, block)) => block,
            None => {
                let size = (self.len - first).min(2 * BLOCK as u64) as usize;
                let block = Arc::new(self.data(first, size)?.to_vec());
                if let Ok(mut slot) = self.block.lock() {
                    *slot = Some((first, block.clone()));
                }
                block
            }
        };
        StorageBuffer::from_shared_owner(block, within, len).map_err(crate::fault::parsed)
    }
}

/// The storage through which metadata are read.
pub(crate) struct Metadata {
    pub(crate) source: Arc<Source>,
    pub(crate) replaced: Arc<Replaced>,
}

/// Pieces of the file that a reader sees in another form, by offset.
#[derive(Default)]
pub(crate) struct Replaced(RwLock<BTreeMap<u64, Vec<u8>>>);

impl Replaced {
    pub(crate) fn insert(&self, offset: u64, bytes: Vec<u8>) {
        if let Ok(mut pieces) = self.0.write() {
            pieces.insert(offset, bytes);
        }
    }

    /// Replaces what was read at `offset`.
    fn apply(&self, offset: u64, read: StorageBuffer) -> StorageBuffer {
        let Ok(pieces) = self.0.read() else { return read };
        let end = offset + read.len() as u64;
        let overlapping = |(at, bytes): &(&u64, &Vec<u8>)| **at + bytes.len() as u64 > offset;
        let mut found = pieces.range(..end).rev().take_while(overlapping).peekable();
        if found.peek().is_none() {
            return read;
        }
        let mut bytes = read.to_vec();
        for (&at, piece) in found {
            let from = offset.max(at);
            let count = (end.min(at + piece.len() as u64) - from) as usize;
            let (to, from) = ((from - offset) as usize, (from - at) as usize);
            bytes[to..to + count].copy_from_slice(&piece[from..from + count]);
        }
        StorageBuffer::from_vec(bytes)
    }
}

impl Storage for Metadata {
    fn len(&self) -> u64 {
        self.source.len
    }

    fn read_range(&self, offset: u64, len: usize) -> Parsed<StorageBuffer> {
        let source = &self.source;
        let end = offset.checked_add(len as u64).ok_or(Parse::OffsetOutOfBounds(offset))?;
        if end > source.len {
            let available = source.len.saturating_sub(offset);
            return Err(Parse::UnexpectedEof { offset, needed: len as u64, available });
        }
        // Each read counts for some more bytes, so that empty reads cannot continue forever.
        let sum = source.metered.fetch_add(len as u64 + 32, Ordering::Relaxed);
        if sum > METERED_BYTES + METERED_TIMES * source.len {
            return Err(Parse::InvalidData(
                "its structures lead to one another more often than its size allows".into(),
            ));
        }
        let is_on_disk = matches!(source.bytes, Bytes::OnDisk(_));
        let read =
            if is_on_disk && len <= BLOCK { source.small(offset, len) } else { source.data(offset, len) };
        let read = read.map_err(|error| Parse::InvalidData(error.to_string()))?;
        Ok(self.replaced.apply(offset, read))
    }
}
