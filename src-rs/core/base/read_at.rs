//! Reading a file at an offset, for threads that share it.

use std::fs::File;
use std::io::{ErrorKind, Result};

/// Reads up to `into.len()` bytes at `offset` and returns their number: 0 at the end of the file.
#[cfg(unix)]
pub fn read_at(file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
pub fn read_at(file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

/// On WebAssembly the standard library can only move the file's position, so one thread reads at a time.
#[cfg(not(any(unix, windows)))]
pub fn read_at(mut file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::{Mutex, PoisonError};
    static POSITION: Mutex<()> = Mutex::new(());
    let _guard = POSITION.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read(into)
}

/// Fills `into` with the bytes at `offset`.
///
/// # Errors
/// `UnexpectedEof` if the file ends before.
pub fn read_exact_at(file: &File, mut into: &mut [u8], mut offset: u64) -> Result<()> {
    while !into.is_empty() {
        match read_at(file, into, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                into = &mut into[n..];
                offset += n as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
