//! Opening a regular file, and reading it at an offset, for threads that share it.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Opens a regular file for reading, and returns its length with it. Anything else is refused without waiting: a pipe
/// would wait for a writer, and a device may never end.
///
/// # Errors
/// Those of the system; `InvalidInput` for what is no regular file.
pub fn open_regular(path: &Path) -> Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // What the path names is known only after opening, and opening must not wait. Regular files ignore the flag.
        options.custom_flags(libc::O_NONBLOCK);
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    Ok((file, metadata.len()))
}

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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let name = std::ffi::CString::new(pipe.to_str().unwrap()).unwrap();
        // SAFETY: the path is a string that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        let began = Instant::now();
        for path in [pipe.as_path(), &socket, folder.path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert!(open_regular(path).is_err(), "{}", path.display());
        }
        assert!(began.elapsed() < Duration::from_secs(1));
        let file = folder.path().join("file");
        std::fs::write(&file, [1, 2, 3]).unwrap();
        assert_eq!(open_regular(&file).unwrap().1, 3);
    }
}
