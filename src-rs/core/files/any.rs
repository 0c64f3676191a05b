//! Files of tensors in whichever of our formats they are.

use crate::atomic::{io_error, write_atomic};
use crate::tensor::TensorView;
use crate::{Container, container, npy, npz};
use lapicque_base::error::{Error, Result};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Opens what may be read: a regular file. A pipe would wait for a writer, a device never end.
/// Gives the file's length with it. Errors: `io`.
pub(crate) fn open(path: &Path) -> Result<(File, u64)> {
    let io = |error| io_error(path, &error);
    // Before opening, which is what waits.
    if !std::fs::metadata(path).map_err(io)?.is_file() {
        return Err(Error::Io { path: path.display().to_string(), reason: "not a regular file".into() });
    }
    let file = File::open(path).map_err(io)?;
    let len = file.metadata().map_err(io)?.len();
    Ok((file, len))
}

/// Reads `.safetensors`, `.npy` or `.npz`, told apart by how the content begins; numpy's files have
/// no metadata. Errors: those of the format.
pub fn read(path: &Path) -> Result<Container> {
    let (file, _) = open(path)?;
    let mut start = Vec::new();
    file.take(6).read_to_end(&mut start).map_err(|error| io_error(path, &error))?;
    let of_numpy = |tensors| Container { metadata: BTreeMap::new(), schema: None, tensors };
    match &start[..] {
        b"\x93NUMPY" => npy::read(path).map(|tensor| of_numpy(vec![tensor])),
        // An archive's first member, or the end of an empty archive.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => npz::read(path).map(of_numpy),
        _ => container::read(path),
    }
}

/// Writes the format that the name ends in, safetensors unless it is `.npy` or `.npz`. Errors: those
/// of the format; `unsupported` for what it cannot hold.
pub fn write(path: &Path, metadata: &BTreeMap<String, String>, tensors: &[TensorView]) -> Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if ending != "npy" && ending != "npz" {
        return container::write(path, metadata, tensors);
    }
    let unsupported =
        |feature: &str| Err(Error::Unsupported { feature: feature.into(), format: ending.into() });
    match tensors {
        _ if !metadata.is_empty() => unsupported("metadata"),
        _ if ending == "npz" => npz::write(path, tensors),
        [tensor] => write_atomic(path, |file| npy::write_to(file, *tensor)),
        _ => unsupported("more or fewer than one array"),
    }
}
