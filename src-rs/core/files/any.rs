//! Files of tensors in any of the supported formats.

use crate::atomic::{io_error, write_atomic};
use crate::reading::{Reading, Source};
use crate::tensor::{Dtype, TensorView};
use crate::{Container, container, npy, npz};
use lapicque_base::error::{Error, Result};
use lapicque_base::read_at::open_regular;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, Write};
use std::path::Path;

/// Opens what may be read: a regular file. A pipe would wait for a writer, a device never end.
/// Gives the file's length with it. Errors: `io`.
fn open(path: &Path) -> Result<(File, u64)> {
    open_regular(path).map_err(|error| io_error(path, &error))
}

/// Reads `.safetensors`, `.npy` or `.npz`, detected by the first bytes; numpy's files have
/// no metadata. Also returns the length of the file. Errors: `io`, `aborted`, `too-large`, those of the format with the path in the reason.
pub fn read(path: &Path, reading: Reading) -> Result<(Container, u64)> {
    let (file, len) = open(path)?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut source = Source::new(BufReader::new(file), len, reading);
    let read = read_source(&mut source, name);
    read.map_err(|error| located(source.behind(error, |failed| io_error(path, failed)), path))
}

/// The same of bytes in memory. The array of an `.npy` is called `name`. Errors: as `read`.
pub fn read_bytes(bytes: &[u8], name: String, reading: Reading) -> Result<(Container, u64)> {
    let mut source = Source::new(Cursor::new(bytes), bytes.len() as u64, reading);
    let read = read_source(&mut source, name);
    read.map_err(|error| source.behind(error, |failed| io_error(Path::new("bytes"), failed)))
}

fn read_source<R: Read + Seek>(source: &mut Source<R>, name: String) -> Result<(Container, u64)> {
    let failed = |error: io::Error| Error::Io { path: name.clone(), reason: error.to_string() };
    let mut start = Vec::new();
    source.by_ref().take(6).read_to_end(&mut start).map_err(failed)?;
    source.rewind().map_err(failed)?;
    let (reading, len) = (source.reading, source.len);
    let of_numpy = |tensors| Container { metadata: BTreeMap::new(), schema: None, tensors };
    let file = match &start[..] {
        b"\x93NUMPY" => npy::read_from(source, len, name).map(|tensor| of_numpy(vec![tensor])),
        // An archive's first member, or the end of an empty archive.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => npz::read_from(source, len, reading).map(of_numpy),
        _ => container::read_from(source, len, reading),
    };
    Ok((file?, len))
}

fn located(error: Error, path: &Path) -> Error {
    match error {
        Error::MalformedFile { format, offset, reason } => {
            Error::MalformedFile { format, offset, reason: format!("{reason} ({})", path.display()) }
        }
        Error::OverLimit { what, needed, allowed } => {
            Error::OverLimit { what: format!("{}: {what}", path.display()), needed, allowed }
        }
        other => other,
    }
}

/// What a file of tensors can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Safetensors,
    Npy,
    Npz,
}

impl Format {
    pub const ALL: [Format; 3] = [Format::Safetensors, Format::Npy, Format::Npz];

    pub fn name(self) -> &'static str {
        match self {
            Format::Safetensors => "safetensors",
            Format::Npy => "npy",
            Format::Npz => "npz",
        }
    }

    /// Errors: `unknown-name`.
    pub fn from_name(name: &str) -> Result<Self> {
        let known = || Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| Error::unknown("format of tensors", name, known()))
    }

    /// The one that a name ends in, safetensors unless it is `.npy` or `.npz`.
    pub fn of(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("npy") => Format::Npy,
            Some("npz") => Format::Npz,
            _ => Format::Safetensors,
        }
    }
}

/// What writes a file's content.
type Content<'a> = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + 'a>;

/// Checks what is to be written before any of it is. Errors: those of the format; `unsupported` for what
/// it cannot hold.
fn content<'a>(
    format: Format,
    metadata: &BTreeMap<String, String>,
    tensors: &'a [TensorView<'a>],
) -> Result<Content<'a>> {
    let unsupported =
        |feature: &str| Err(Error::Unsupported { feature: feature.into(), format: format.name().into() });
    Ok(match (format, tensors) {
        (Format::Safetensors, _) => {
            let file = container::Encoded::new(metadata, tensors)?;
            Box::new(move |out| file.write_to(out))
        }
        _ if !metadata.is_empty() => return unsupported("metadata"),
        _ if tensors.iter().any(|tensor| tensor.dtype == Dtype::Bf16) => {
            return unsupported("elements of type BF16");
        }
        (Format::Npz, _) => {
            npz::check(tensors)?;
            Box::new(move |out| npz::write_to(out, tensors))
        }
        (Format::Npy, [tensor]) => Box::new(move |out| npy::write_to(out, *tensor)),
        (Format::Npy, _) => return unsupported("more or fewer than one array"),
    })
}

/// Writes a file, atomically. Errors: those of the format, `unsupported` for what it cannot hold, `io`.
pub fn write(
    path: &Path,
    format: Format,
    metadata: &BTreeMap<String, String>,
    tensors: &[TensorView],
) -> Result<()> {
    let content = content(format, metadata, tensors)?;
    write_atomic(path, content)
}

/// The bytes that `write` gives a file. Errors: as `write`, and `too-large`.
pub fn to_bytes(
    format: Format,
    metadata: &BTreeMap<String, String>,
    tensors: &[TensorView],
) -> Result<Vec<u8>> {
    let content = content(format, metadata, tensors)?;
    let mut bytes = Growing(Vec::new());
    content(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::OutOfMemory => {
            lapicque_base::memory::refused::<u8>("the bytes of the file", 2 * bytes.0.len())
        }
        _ => Error::Io { path: "bytes".into(), reason: error.to_string() },
    })?;
    Ok(bytes.0)
}

/// A vector whose growth fails where memory ends; `Vec` itself would abort.
struct Growing(Vec<u8>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_reserve(bytes.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
