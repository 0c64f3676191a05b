//! Numpy's `.npz`: a zip archive of `.npy` arrays, stored or deflated.

use crate::any::open;
use crate::atomic::write_atomic;
use crate::npy;
use crate::tensor::{Tensor, TensorView};
use lapicque_base::error::{Error, Result};
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What all arrays of an archive may take once unpacked.
pub const MAX_UNPACKED_BYTES: u64 = 4 << 30;

/// Deflate cannot do better than this, so an array that claims to is a bomb or damaged.
const MAX_RATIO: u64 = 1032;

/// Reads all arrays, in the archive's order, named without `.npy`. Errors: `io`; `malformed-file`
/// (also for names that stand twice and parts that overlap); `unsupported` for encryption, other
/// compression or members that are no arrays; `too-large` above 4 GiB.
pub fn read(path: &Path) -> Result<Vec<Tensor>> {
    let (file, _) = open(path)?;
    read_from(BufReader::new(file))
}

/// Reads all arrays of an archive. Errors: as `read`.
pub fn read_from(source: impl Read + Seek) -> Result<Vec<Tensor>> {
    let mut archive = ZipArchive::new(source).map_err(zip_error)?;
    archive.validate_header_consistency().map_err(zip_error)?;
    let mut tensors = Vec::new();
    let mut unpacked = 0_u64;
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(zip_error)?;
        let file_name = member.name().map_err(zip_error)?.into_owned();
        let Some(name) = file_name.strip_suffix(".npy").map(str::to_owned) else {
            let feature = match file_name.ends_with("data.pkl") {
                true => "what torch.save pickled; safetensors.torch.save_file writes what can be read".into(),
                false => format!("the member {file_name:?} of an .npz, which is no .npy"),
            };
            return Err(Error::Unsupported { feature, format: "lapicque".into() });
        };
        let (size, packed) = (member.size(), member.compressed_size());
        if size > packed.saturating_mul(MAX_RATIO).saturating_add(MAX_RATIO) {
            let reason = format!("{name:?}: {size} bytes cannot come of {packed}");
            return Err(malformed(member.header_start(), reason));
        }
        unpacked = unpacked.saturating_add(size);
        if unpacked > MAX_UNPACKED_BYTES {
            let what = "the archive's arrays".into();
            return Err(Error::TooLarge { what, needed: unpacked, allowed: MAX_UNPACKED_BYTES });
        }
        let start = member.header_start();
        let mut bytes = member.take(size);
        let tensor = npy::read_from(&mut bytes, size, name.clone());
        // One more byte makes the archive's checksum be looked at.
        let ended = tensor.and_then(|tensor| match bytes.into_inner().read(&mut [0]) {
            Ok(0) => Ok(tensor),
            Ok(_) => Err(malformed(start, format!("more than the {size} bytes declared"))),
            Err(error) => Err(malformed(start, error)),
        });
        tensors.push(ended.map_err(|error| match error {
            // Offsets inside a member mean nothing to someone who looks at the archive.
            Error::MalformedFile { offset, reason, .. } if offset != start => {
                malformed(start, format!("{name:?}, byte {offset}: {reason}"))
            }
            other => other,
        })?);
    }
    Ok(tensors)
}

/// Writes arrays uncompressed, by way of a temporary file. The bytes depend on the arguments alone.
/// Errors: `io`; `invalid-parameter` for names that stand twice.
pub fn write(path: &Path, tensors: &[TensorView]) -> Result<()> {
    let mut names: Vec<_> = tensors.iter().map(|tensor| tensor.name).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Error::invalid(
            "tensors",
            format!("the name {:?} twice", twice[0]),
            "names that are free",
        ));
    }
    write_atomic(path, |file| {
        let mut archive = ZipWriter::new_stream(file);
        // The default time is 1980-01-01: no clock in a recording.
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
        for tensor in tensors {
            archive.start_file(format!("{}.npy", tensor.name), options).map_err(io::Error::other)?;
            npy::write_to(&mut archive, *tensor)?;
        }
        archive.finish().map(|_| ()).map_err(io::Error::other)
    })
}

fn malformed(offset: u64, reason: impl std::fmt::Display) -> Error {
    Error::MalformedFile { format: "npz".into(), offset, reason: reason.to_string() }
}

fn zip_error(error: ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(feature) => {
            Error::Unsupported { feature: feature.to_string(), format: "npz".into() }
        }
        other => malformed(0, other),
    }
}
