//! The storage of a journal: a file, or in tests a disk that fails.

use std::fs::File;
use std::io::{self, Write};

pub trait Medium: Send {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes everything written so far survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
}

/// Opened in append mode: writes go to the end, also after [`Medium::set_len`].
impl Medium for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        File::set_len(self, bytes)
    }
}
