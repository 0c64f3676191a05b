//! Reading a file at an offset, for threads that share it.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};

/// Fills a part of `into` or all of it with the bytes from `offset` on; 0 at the end of the file.
#[cfg(unix)]
pub fn read_at(file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
pub fn read_at(file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

/// Where the standard library only has a position (WebAssembly), one thread after the other moves it.
#[cfg(not(any(unix, windows)))]
pub fn read_at(mut file: &File, into: &mut [u8], offset: u64) -> Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::{Mutex, PoisonError};
    static POSITION: Mutex<()> = Mutex::new(());
    let _moved = POSITION.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read(into)
}

/// Fills `into` with the bytes from `offset` on.
///
/// # Errors
/// `UnexpectedEof` where the file ends before.
pub fn read_exact_at(file: &File, mut into: &mut [u8], mut offset: u64) -> Result<()> {
    while !into.is_empty() {
        match read_at(file, into, offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                into = &mut into[n..];
                offset += n as u64;
            }
            Err(error) if is_interrupted(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_interrupted(error: &Error) -> bool {
    error.kind() == ErrorKind::Interrupted
}
