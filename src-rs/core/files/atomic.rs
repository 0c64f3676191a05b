//! Atomic writing: after a crash, a kill or a full disk, the path contains either the complete old file or the complete
//! new one.

use lapicque_base::error::{Error, Result};
use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes the file through a temporary one in the same folder: write, fsync, rename, fsync of the
/// folder. A symbolic link stays, and its target is written. Errors: `io` with the path; the old file is then unchanged.
/// A path that is not a file (a device, a pipe) is refused, because the rename would replace it by a file.
pub fn write_atomic(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut pending = PendingFile::create(path)?;
    pending.write(|out| content(out))?;
    pending.commit()
}

/// A file that is being written: a commit replaces the one at its path; it is deleted if it is dropped before.
pub struct PendingFile {
    path: PathBuf,
    temporary: PathBuf,
    out: Option<BufWriter<File>>,
}

impl PendingFile {
    /// Errors: `io`, also for a path that is no regular file.
    pub fn create(path: &Path) -> Result<Self> {
        let path = behind_links(path);
        if fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            return Err(io_error(&path, &io::Error::other("not a regular file")));
        }
        let created = parts(&path).and_then(|(folder, name)| create_beside(folder, name));
        let (temporary, file) = created.map_err(|error| io_error(&path, &error))?;
        if let Ok(old) = fs::metadata(&path) {
            // Who may read the old file may read the new one, and nobody else. Not every file system knows of that.
            let _ = file.set_permissions(old.permissions());
        }
        Ok(PendingFile { path, temporary, out: Some(BufWriter::with_capacity(1 << 20, file)) })
    }

    /// Errors: `io` with the path.
    pub fn write(&mut self, content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<()> {
        let gone = || io::Error::other("the file has been committed");
        let written = self.out.as_mut().ok_or_else(gone).and_then(content);
        written.map_err(|error| io_error(&self.path, &error))
    }

    /// Errors: `io` with the path; the old file is then as it was.
    pub fn commit(mut self) -> Result<()> {
        let Some(out) = self.out.take() else { return Ok(()) };
        let renamed = out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| {
            file.sync_all()?;
            drop(file);
            fs::rename(&self.temporary, &self.path)
        });
        if renamed.is_err() {
            // Ours: its name was free when it was made.
            let _ = fs::remove_file(&self.temporary);
        }
        let synced = renamed.and_then(|()| sync_folder(parts(&self.path)?.0));
        synced.map_err(|error| io_error(&self.path, &error))
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if self.out.take().is_some() {
            let _ = fs::remove_file(&self.temporary);
        }
    }
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

/// A new file `.name.RANDOM.tmp`. Random, because in containers every process has the same number; one that is there
/// already is somebody else's and stays, whoever has left it.
fn create_beside(folder: &Path, name: &OsStr) -> io::Result<(PathBuf, File)> {
    /// Of names of 64 random bits two are never the same, unless somebody means them to be.
    const TRIES: usize = 16;
    let mut tried = 1;
    loop {
        let temporary = folder.join(temporary_name(name));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tried < TRIES => tried += 1,
            Err(error) => return Err(error),
        }
    }
}

fn temporary_name(name: &OsStr) -> OsString {
    // Keys from the operating system's random numbers, others each time.
    let random = RandomState::new().build_hasher().finish();
    let mut temporary = prefix(name);
    temporary.push(format!("{random:016x}.tmp"));
    temporary
}

/// File systems commonly limit names to 255 bytes; a long name is not part of the temporary one.
fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(if name.len() > 200 { OsStr::new("lapicque") } else { name });
    prefix.push(".");
    prefix
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

    /// In a container every process is number 1, and counts from 0.
    #[test]
    fn what_others_have_left_is_in_nobodys_way_and_stays() {
        let folder = Folder::new("left");
        let path = folder.0.join("model.safetensors");
        let theirs = (0..100).map(|count| format!(".model.safetensors.{}-{count}.tmp", std::process::id()));
        let theirs: Vec<_> = theirs
            .chain([".model.safetensors.0123456789abcdef.tmp".into()])
            .map(|name| folder.0.join(name))
            .collect();
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
        for file in &theirs {
            fs::write(file, "theirs").unwrap();
            File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
        }
        for content in [b"first", b"again"] {
            write_atomic(&path, |out| out.write_all(content)).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
        }
        assert!(theirs.iter().all(|file| fs::read(file).is_ok_and(|left| left == b"theirs")));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), theirs.len() + 1);
    }

    #[test]
    fn no_two_temporary_names_are_the_same_in_any_thread() {
        let names = |_| (0..1000).map(|_| temporary_name(OsStr::new("n"))).collect::<Vec<_>>();
        let threads = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|thread| scope.spawn(move || names(thread))).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        let distinct: std::collections::HashSet<_> = threads.concat().into_iter().collect();
        assert_eq!(distinct.len(), 8000);
    }

    #[test]
    fn writers_of_one_file_at_a_time_leave_the_whole_of_one_of_them() {
        let folder = Folder::new("together");
        let path = folder.0.join("model.safetensors");
        std::thread::scope(|scope| {
            for thread in 0..8_u8 {
                let path = &path;
                scope.spawn(move || {
                    (0..20).for_each(|_| write_atomic(path, |out| out.write_all(&[thread; 5000])).unwrap());
                });
            }
        });
        let content = fs::read(&path).unwrap();
        assert!(content.len() == 5000 && content.iter().all(|&byte| byte == content[0]));
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
