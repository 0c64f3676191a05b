//! Writing that is interrupted: by a kill, by a full disk, by a folder that takes no files.

use lapicque_core::Error;
use lapicque_core::files::atomic::write_atomic;
use lapicque_core::files::{Container, Dtype, Format, Reading, TensorView, any};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, io, thread};

fn read(path: &Path) -> Result<Container, Error> {
    any::read(path, Reading::default()).map(|(file, _)| file)
}

const FILE: &str = "LAPICQUE_TEST_CHECKPOINT";
const KILLS: u32 = 20;

/// One generation of a checkpoint: a megabyte of one value, which the metadata names.
fn write_generation(path: &Path, generation: u8) -> Result<(), Error> {
    let data = vec![generation; 1 << 20];
    let metadata = BTreeMap::from([("generation".to_string(), generation.to_string())]);
    let shape = [data.len()];
    let view = TensorView { name: "w", dtype: Dtype::U8, shape: &shape, bytes: &data };
    any::write(path, Format::Safetensors, &metadata, &[view])
}

/// Not a test of its own: the process that the next one kills.
#[test]
fn writes_for_ever_when_told_to() {
    let Ok(path) = env::var(FILE) else { return };
    for generation in 0_u8.. {
        write_generation(Path::new(&path), generation % 250).unwrap();
    }
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    write_generation(&path, 0).unwrap();
    for kill in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "writes_for_ever_when_told_to"])
            .env(FILE, &path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Primes spread the moments over the steps of a write.
        thread::sleep(Duration::from_millis(u64::from(20 + kill * 7 % 53)));
        child.kill().unwrap();
        child.wait().unwrap();
        let container = read(&path).unwrap_or_else(|error| panic!("after kill {kill}: {error}"));
        let generation: u8 = container.metadata["generation"].parse().unwrap();
        assert!(container.tensor("w").unwrap().bytes.iter().all(|&byte| byte == generation));
    }
}

#[test]
fn a_failed_write_leaves_the_old_file_alone_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    fs::write(&path, "old").unwrap();
    let error = write_atomic(&path, |file| {
        file.write_all(b"half of the new")?;
        Err(io::Error::from_raw_os_error(28))
    });
    let Err(Error::Io { path: named, reason }) = error else { panic!("{error:?}") };
    assert!(named.ends_with("model") && reason.contains("space"), "{named}: {reason}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn folders_that_take_no_file_are_named() {
    for path in ["/proc/lapicque/model", "/nowhere/model", "/dev/null/model", "/"] {
        let error = write_atomic(Path::new(path), |file| file.write_all(b"x"));
        assert!(matches!(&error, Err(Error::Io { path: named, .. }) if named == path), "{error:?}");
    }
}

#[test]
fn what_is_no_file_is_not_read() {
    for path in ["/", "/dev/zero", "/nowhere"] {
        assert!(matches!(read(Path::new(path)), Err(Error::Io { .. })), "{path}");
    }
}
