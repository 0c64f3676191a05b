//! Writing a journal: batches of records, each with one write and one fsync.

use crate::batch::{self, Batch, HEADER};
use crate::lock::{self, Lock};
use crate::medium::Medium;

use crate::{io_error, reader};
use lapicque_base::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes that are read at once when a journal is opened.
const AT_ONCE: usize = 8 << 20;

/// A journal open for writing.
pub struct Journal {
    path: PathBuf,
    medium: Box<dyn Medium>,
    /// End of the last acknowledged batch.
    end: u64,
    /// The error after which no more can be written.
    failed: Option<Error>,
    _lock: Option<Lock>,
}

impl Journal {
    /// Opens or creates the journal, and removes a batch that a kill left torn.
    ///
    /// # Errors
    /// `io`, also if the journal has another writer; `malformed-file` for another kind of file or a damaged one; `unsupported`
    /// for a newer version. The file does not change in these cases.
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

    /// As `open`, on a medium that contains only the header, for tests of failing disks.
    pub fn on(path: &Path, mut medium: Box<dyn Medium>) -> Result<Journal> {
        medium.write_all(&batch::header()).map_err(|error| io_error(path, &error))?;
        let end = HEADER as u64;
        Ok(Journal { path: path.to_owned(), medium, end, failed: None, _lock: None })
    }

    /// Appends records. When it returns, they are on disk. After an error none is acknowledged. After an error because the
    /// disk is full, appending works again once there is space.
    ///
    /// # Errors
    /// `io`; `too-large` for a record, in which case nothing is written. After a failed fsync every call fails, because the
    /// system has discarded the data in memory and a second fsync would report success.
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
            let reported = io_error(&self.path, &error);
            if self.cut(self.end).is_err() {
                // Batches after a torn one could not be read.
                self.failed = Some(reported.clone());
            }
            return Err(reported);
        }
        if let Err(error) = self.medium.sync() {
            let reported = io_error(&self.path, &error);
            self.failed = Some(reported.clone());
            return Err(reported);
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self, end: u64) -> Result<()> {
        self.end = end;
        self.medium.set_len(end).map_err(|error| io_error(&self.path, &error))
    }
}

/// End of the last whole batch; 0 without a header.
fn good_end(path: &Path, file: &mut File) -> Result<u64> {
    let mut head = Vec::new();
    // Longer than a header, to distinguish a file of zeros from a short one.
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

/// Makes the name of a new file survive a power cut.
#[cfg(unix)]
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// On other systems a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_file: &Path) -> std::io::Result<()> {
    Ok(())
}
