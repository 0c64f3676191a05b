//! The lock of a journal's writer. It is a lock of the operating system on a separate file, so it ends with the process,
//! however that ends; the file stays. It is not on the journal itself, because Windows would then refuse readers.

use crate::io_error;
use lapicque_base::error::{Error, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

/// The lock is held until the value is dropped.
pub struct Lock(File);

impl Drop for Lock {
    /// Closing the file would not do: a process that is being started at this moment has copies of all files until it runs its program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// [`is_locked`] briefly takes a shared lock, which must not make a writer fail.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(5);

/// # Errors
/// `io` if another writer holds the lock (the error names it), or if the folder cannot be written.
pub fn lock(journal: &Path, owner: &str) -> Result<Lock> {
    let path = lock_path(journal);
    let failed = |error: &io::Error| io_error(&path, error);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| failed(&error))?;
    let mut tried = 1;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
            Err(TryLockError::WouldBlock) if tried < TRIES => tried += 1,
            Err(TryLockError::WouldBlock) => return Err(in_use(journal, &path)),
        }
        sleep(PAUSE);
    }
    // The name is for the errors of other writers; the lock does not depend on it.
    let _ = file.set_len(0).and_then(|()| file.write_all(owner.as_bytes()));
    Ok(Lock(file))
}

fn in_use(journal: &Path, lock: &Path) -> Error {
    let owner = fs::read_to_string(lock).unwrap_or_default();
    let by = if owner.is_empty() { "another process" } else { &owner };
    Error::Io {
        path: journal.display().to_string(),
        reason: format!("in use by {by}; a journal has one writer at a time"),
    }
}

/// Whether the journal has a writer at the moment.
///
/// # Errors
/// `io`
pub fn is_locked(journal: &Path) -> Result<bool> {
    let path = lock_path(journal);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io_error(&path, &error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(io_error(&path, &error)),
    }
}

fn lock_path(journal: &Path) -> PathBuf {
    journal.with_extension("lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_the_file_does_not_hold_the_lock() {
        let journal = std::env::temp_dir().join(format!("lapicque-lock-{}.log", std::process::id()));
        let lock_file = lock(&journal, "a test").unwrap();
        let copy = lock_file.0.try_clone().unwrap();
        assert!(is_locked(&journal).unwrap());
        drop(lock_file);
        assert!(!is_locked(&journal).unwrap());
        drop(copy);
        fs::remove_file(lock_path(&journal)).unwrap();
    }
}
