//! Limits and canceling of readers. Files are untrusted, so declared sizes are compared with the file's size and with
//! a limit before memory is allocated.

use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result};
use lapicque_base::limits::Limits;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes read between two looks at the cancel flag: about a millisecond.
const AT_ONCE: usize = 1 << 20;

/// The limits and the cancellation of a read.
#[derive(Default, Clone, Copy)]
pub struct Reading<'a> {
    pub limits: Limits,
    /// `None`: never canceled.
    pub control: Option<&'a Control>,
}

impl Reading<'_> {
    /// # Errors
    /// `aborted`
    pub fn check(&self) -> Result<()> {
        self.control.map_or(Ok(()), Control::check)
    }
}

/// A file or bytes in memory that are read in pieces, so that reading can be canceled.
pub struct Source<'a, R> {
    inner: R,
    /// Length in bytes.
    pub len: u64,
    pub reading: Reading<'a>,
    /// The error of the operating system, if a read failed.
    failed: Option<io::Error>,
}

impl<'a, R> Source<'a, R> {
    pub fn new(inner: R, len: u64, reading: Reading<'a>) -> Self {
        Source { inner, len, reading, failed: None }
    }

    /// The error of a reader, or what was behind it: `aborted`, or what `refused` makes of a system's refusal.
    pub fn behind(&mut self, error: Error, refused: impl FnOnce(&io::Error) -> Error) -> Error {
        match (self.reading.check(), self.failed.take()) {
            (Err(aborted), _) => aborted,
            (Ok(()), Some(failed)) => refused(&failed),
            (Ok(()), None) => error,
        }
    }
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.reading.check().map_err(io::Error::other)?;
        let size = bytes.len().min(AT_ONCE);
        let read = self.inner.read(&mut bytes[..size]);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.failed = Some(io::Error::new(error.kind(), error.to_string()));
        }
        read
    }
}

impl<R: Seek> Seek for Source<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_source_stops_when_it_is_told_to() {
        let flag = Arc::new(AtomicBool::new(false));
        let control = Control::new(Arc::clone(&flag), None);
        let bytes = vec![7; 3 * AT_ONCE];
        let reading = Reading { control: Some(&control), ..Reading::default() };
        let mut source = Source::new(&bytes[..], bytes.len() as u64, reading);
        let mut piece = vec![0; bytes.len()];
        assert_eq!(source.read(&mut piece).unwrap(), AT_ONCE);
        flag.store(true, Ordering::Relaxed);
        assert!(source.read(&mut piece).is_err());
        assert_eq!(source.behind(Error::Disposed { what: "it".into() }, |_| unreachable!()), Error::Aborted);
    }
}
