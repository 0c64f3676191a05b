//! Append-only journals, one file per writer. The caller defines the content of records.
//!
//! A batch of records is one write and one fsync. When [`Journal::append`] returns, the batch survives a kill and a power cut.
//! A kill during a write leaves a torn batch, which the next writer removes and a reader ignores. A damaged batch before
//! others is an error, because it had been acknowledged.

mod batch;
mod lock;
mod medium;
mod reader;
mod writer;

pub use batch::{MAX_RECORD, VERSION};
pub use lock::is_locked;
pub use medium::Medium;
pub use reader::{Chunk, read};
pub use writer::Journal;

use lapicque_base::error::Error;
use std::io;
use std::path::Path;

fn io_error(path: &Path, error: &io::Error) -> Error {
    Error::Io { path: path.display().to_string(), reason: error.to_string() }
}

fn malformed(path: &Path, offset: u64, reason: &str) -> Error {
    Error::MalformedFile {
        format: "study journal".into(),
        offset,
        reason: format!("{}: {reason}", path.display()),
    }
}
