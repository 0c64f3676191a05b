//! Writing a journal: batches of records, each with one write and one fsync.

use crate::batch::{self, Batch, HEADER};
use crate::lock::{self, Lock};
use crate::medium::Medium;

use crate::{io_error, reader};
use lapicque_base::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes looked at together when a journal is opened.
const AT_ONCE: usize = 8 << 20;

/// A journal open for writing.
pub struct Journal {
    path: PathBuf,
    medium: Box<dyn Medium>,
    /// Where the last acknowledged batch ends.
    end: u64,
    /// Why nothing more can be written.
    failed: Option<Error>,
    _lock: Option<Lock>,
}

impl Journal {
    /// Opens the journal, or creates it, and cuts off what a kill left torn.
    ///
    /// # Errors
    /// `io`, also where somebody else writes it; `malformed-file` for another file or a damaged one; `unsupported` for a newer version. The
    /// file is then as it was.
    pub fn open(path: &Path, owner: &str) -> Result<Journal> {
        let failed = |error| io_error(path, &error);
        let lock = lock::lock(path, owner)?;
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let len = file.metadata().map_err(failed)?.len();
        let end = good_end(path, &mut file)?;
        let mut journal =
            Journal { path: path.to_owned(), medium: Box::new(file), end, failed: None, _lock: Some(lock) };
        if end < HEADER as u64 {
            journal.cut(0)?;
            journal.write(&batch::header())?;
            sync_folder(path).map_err(failed)?;
        } else if len > end {
            journal.cut(end)?;
            journal.medium.sync().map_err(failed)?;
        }
        Ok(journal)
    }

    /// The same on a medium that has only the header, for tests of failing disks.
    pub fn on(path: &Path, mut medium: Box<dyn Medium>) -> Result<Journal> {
        medium.write_all(&batch::header()).map_err(|error| io_error(path, &error))?;
        let end = HEADER as u64;
        Ok(Journal { path: path.to_owned(), medium, end, failed: None, _lock: None })
    }

    /// Appends records. When it returns, they are on disk; after an error none is acknowledged, and after a full disk the journal can be
    /// written again once there is room.
    ///
    /// # Errors
    /// `io`; `too-large` for a record, of which nothing is written then. After an fsync that failed every call fails: what the system kept in
    /// memory is lost, and a second fsync would say that all is well.
    pub fn append<'a>(&mut self, records: impl IntoIterator<Item = &'a [u8]>) -> Result<()> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let records: Vec<&[u8]> = records.into_iter().collect();
        records.iter().try_for_each(|record| batch::check_record(&self.path, record))?;
        let mut batch = Batch::new();
        for record in records {
            if !batch.fits(record) {
                self.write(&std::mem::replace(&mut batch, Batch::new()).framed())?;
            }
            batch.push(&self.path, record)?;
        }
        if batch.is_empty() { Ok(()) } else { self.write(&batch.framed()) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if let Err(error) = self.medium.write_all(bytes) {
            let said = io_error(&self.path, &error);
            if self.cut(self.end).is_err() {
                // A torn batch would hide whatever came behind it.
                self.failed = Some(said.clone());
            }
            return Err(said);
        }
        if let Err(error) = self.medium.sync() {
            let said = io_error(&self.path, &error);
            self.failed = Some(said.clone());
            return Err(said);
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self, end: u64) -> Result<()> {
        self.end = end;
        self.medium.set_len(end).map_err(|error| io_error(&self.path, &error))
    }
}

/// Where the last whole batch ends; 0 without a header.
fn good_end(path: &Path, file: &mut File) -> Result<u64> {
    let mut head = Vec::new();
    // More than a header, so that a file of zeros is told from a short one.
    file.take(AT_ONCE as u64).read_to_end(&mut head).map_err(|error| io_error(path, &error))?;
    if !batch::check_header(path, &head)? {
        return Ok(0);
    }
    let mut end = HEADER as u64;
    loop {
        let chunk = reader::read_once(path, end, AT_ONCE)?;
        end = chunk.next;
        if !chunk.more {
            return Ok(end);
        }
    }
}

/// Only then does the name of a new file survive a power cut.
#[cfg(unix)]
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_file: &Path) -> std::io::Result<()> {
    Ok(())
}
