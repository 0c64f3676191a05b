//! The bytes of a recording, in a file or in memory, which any number of readers can read at any offset.

use lapicque_base::error::Result;
use lapicque_base::read_at::{open_regular, read_at};
use lapicque_files::atomic::io_error;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone)]
pub struct Source {
    inner: Arc<Inner>,
    len: u64,
}

enum Inner {
    File(File, PathBuf),
    Bytes(Vec<u8>),
}

impl Source {
    /// Errors: `io`, also if it is not a regular file, since its length is then unknown.
    pub fn open(path: &Path) -> Result<Self> {
        let (file, len) = open_regular(path).map_err(|error| io_error(path, &error))?;
        Ok(Source { inner: Arc::new(Inner::File(file, path.to_owned())), len })
    }

    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Source { inner: Arc::new(Inner::Bytes(bytes)), len }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn name(&self) -> Option<&Path> {
        match &*self.inner {
            Inner::File(_, path) => Some(path),
            Inner::Bytes(_) => None,
        }
    }

    /// Reads bytes from `offset` on into `into`; returns their number. Errors: `io`.
    pub fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize> {
        match &*self.inner {
            Inner::File(file, path) => {
                let mut filled = 0;
                while filled < into.len() {
                    match read_at(file, &mut into[filled..], offset + filled as u64) {
                        Ok(0) => break,
                        Ok(n) => filled += n,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(io_error(path, &error)),
                    }
                }
                Ok(filled)
            }
            Inner::Bytes(bytes) => {
                let rest = bytes.get(offset.min(self.len) as usize..).unwrap_or_default();
                let n = rest.len().min(into.len());
                into[..n].copy_from_slice(&rest[..n]);
                Ok(n)
            }
        }
    }

    /// A reader from the beginning on.
    pub fn cursor(&self) -> Cursor {
        Cursor { source: self.clone(), at: 0 }
    }
}

/// An independent read position in a source.
#[derive(Clone)]
pub struct Cursor {
    source: Source,
    at: u64,
}

impl Read for Cursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(self.at, into).map_err(io::Error::other)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.source.len, by),
            SeekFrom::Current(by) => (self.at, by),
        };
        let at = base.checked_add_signed(by).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.at = at;
        Ok(at)
    }
}
