//! Writing that a crash, a kill or a full disk cannot break: whoever opens the path finds the whole
//! old file or the whole new one.

use lapicque_base::error::{Error, Result};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A temporary file untouched for so long belongs to a process that was killed.
const ABANDONED: Duration = Duration::from_secs(600);

/// Writes the file by way of a temporary one in the same folder: write, fsync, rename, fsync of the
/// folder. A symbolic link stays, and what it names is written. Errors: `io` with the path; the old file is then as it was.
/// What is no file (a device, a pipe) is refused: the rename would put a file in its place.
pub fn write_atomic(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let path = &behind_links(path);
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Err(io_error(path, &io::Error::other("not a regular file")));
    }
    let (folder, name) = parts(path).map_err(|error| io_error(path, &error))?;
    let temporary = temporary_path(folder, name);
    let written = write_and_rename(&temporary, path, content);
    if written.is_err() {
        // Best effort: what stays behind is removed by a later write.
        let _ = fs::remove_file(&temporary);
    }
    written.and_then(|()| sync_folder(folder)).map_err(|error| io_error(path, &error))?;
    remove_abandoned(folder, name);
    Ok(())
}

/// The file that a symbolic link names, whether it is there yet or not; otherwise the path itself.
fn behind_links(path: &Path) -> PathBuf {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return path.to_owned();
    }
    let named = || Some(path.parent()?.join(fs::read_link(path).ok()?));
    fs::canonicalize(path).ok().or_else(named).unwrap_or_else(|| path.to_owned())
}

pub fn io_error(path: &Path, error: &io::Error) -> Error {
    Error::Io { path: path.display().to_string(), reason: error.to_string() }
}

fn parts(path: &Path) -> io::Result<(&Path, &OsStr)> {
    let name = path.file_name().ok_or_else(|| io::Error::other("not the name of a file"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok((folder.unwrap_or(Path::new(".")), name))
}

fn write_and_rename(
    temporary: &Path,
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(temporary)?;
    if let Ok(old) = fs::metadata(path) {
        // Who may read the old file may read the new one, and nobody else. Not every file system knows of that.
        let _ = file.set_permissions(old.permissions());
    }
    let mut buffered = BufWriter::with_capacity(1 << 20, file);
    content(&mut buffered)?;
    let file = buffered.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)
}

/// Only then does the new name survive a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the rename is all there is.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// `.name.PID-COUNT.tmp`: no other writer of the same file, in this process or another, has it.
fn temporary_path(folder: &Path, name: &OsStr) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut temporary = prefix(name);
    temporary.push(format!("{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    folder.join(temporary)
}

/// Names of up to 255 bytes are usual; one that leaves no room for what is added is not part of the other.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(if name.len() > 200 { OsStr::new("lapicque") } else { name });
    prefix.push(".");
    prefix
}

fn remove_abandoned(folder: &Path, name: &OsStr) {
    let prefix = prefix(name);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let ours = file.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        let abandoned = || entry.metadata()?.modified()?.elapsed().map_err(io::Error::other);
        if ours.is_some_and(|rest| rest.ends_with(b".tmp")) && abandoned().is_ok_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A folder of its own, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("lapicque-atomic-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Folder(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_private_file_stays_private() {
        let folder = Folder::new("mode");
        let path = folder.0.join("model.safetensors");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        write_atomic(&path, |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_link_stays_and_what_it_names_is_written() {
        let folder = Folder::new("link");
        let (elsewhere, link) = (folder.0.join("elsewhere"), folder.0.join("link.safetensors"));
        fs::create_dir_all(&elsewhere).unwrap();
        std::os::unix::fs::symlink("elsewhere/model.safetensors", &link).unwrap();
        for content in [b"first", b"again"] {
            write_atomic(&link, |out| out.write_all(content)).unwrap();
            assert_eq!(fs::read(elsewhere.join("model.safetensors")).unwrap(), content);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_stays_what_it_is() {
        let folder = Folder::new("socket");
        let path = folder.0.join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = write_atomic(&path, |out| out.write_all(b"x")).unwrap_err();
        assert!(error.to_string().ends_with("not a regular file"), "{error}");
        assert!(!fs::metadata(&path).unwrap().is_file());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }

    #[test]
    fn every_name_that_the_system_takes_can_be_written() {
        let folder = Folder::new("long");
        for length in [200, 201, 250, 255] {
            let path = folder.0.join("n".repeat(length));
            write_atomic(&path, |out| out.write_all(b"x")).unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"x");
        }
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 4);
    }
}
