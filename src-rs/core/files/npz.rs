//! Numpy's `.npz`: a zip archive of `.npy` arrays, stored or deflated.

use crate::npy;
use crate::reading::Reading;
use crate::tensor::{Dtype, Tensor, TensorView};
use lapicque_base::error::{Error, Result};
use lapicque_base::limits::Limits;
use std::io::{self, Read, Seek, SeekFrom, Write};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Deflate cannot do better than this, so an array that claims to is a bomb or damaged.
const MAX_RATIO: u64 = 1032;

/// What a member takes while it is read, beside its name: about twice what the zip crate keeps of one.
const MEMBER_BYTES: u64 = 512;

/// Each array is in memory twice for a moment: here, and where it goes.
const COPIES: u64 = 2;

/// Reads all arrays of an archive of `len` bytes, in its order, named without `.npy`. Errors: `malformed-file`
/// (also for names that stand twice and parts that overlap); `unsupported` for encryption, other
/// compression or members that are no arrays; `too-large`, before anything is unpacked, for more than the limits allow; `aborted`.
pub fn read_from(source: impl Read + Seek, len: u64, reading: Reading) -> Result<Vec<Tensor>> {
    let what = "the archive's arrays";
    let mut archive = archive(source, len, reading.limits)?;
    let mut unpacked = 0_u64;
    for index in 0..archive.len() {
        reading.check()?;
        let member = archive.by_index_raw(index).map_err(zip_error)?;
        let (size, packed) = (member.size(), member.compressed_size());
        if size > packed.saturating_mul(MAX_RATIO).saturating_add(MAX_RATIO) {
            let name = member.name().map_err(zip_error)?;
            let reason = format!("{name:?}: {size} bytes cannot come of {packed}");
            return Err(malformed(member.header_start(), reason));
        }
        unpacked = unpacked.saturating_add(size);
    }
    reading.limits.check(what, unpacked.saturating_mul(COPIES), len)?;
    let mut tensors = Vec::new();
    for index in 0..archive.len() {
        reading.check()?;
        let member = archive.by_index(index).map_err(zip_error)?;
        let file_name = member.name().map_err(zip_error)?.into_owned();
        let Some(name) = file_name.strip_suffix(".npy").map(str::to_owned) else {
            let feature = match file_name.ends_with("data.pkl") {
                true => "what torch.save pickled; safetensors.torch.save_file writes what can be read".into(),
                false => format!("the member {file_name:?} of an .npz, which is no .npy"),
            };
            return Err(Error::Unsupported { feature, format: "lapicque".into() });
        };
        let size = member.size();
        let start = member.header_start();
        let mut bytes = member.take(size);
        let tensor = npy::read_from(&mut bytes, size, name.clone());
        // One more byte makes the archive's checksum be looked at.
        let ended = tensor.and_then(|tensor| match bytes.into_inner().read(&mut [0]) {
            Ok(0) => Ok(tensor),
            Ok(_) => Err(malformed(start, format!("more than the {size} bytes declared"))),
            Err(error) => Err(malformed(start, error)),
        });
        let tensor = ended.map_err(|error| match error {
            // Offsets inside a member mean nothing to someone who looks at the archive.
            Error::MalformedFile { offset, reason, .. } if offset != start => {
                malformed(start, format!("{name:?}, byte {offset}: {reason}"))
            }
            other => other,
        })?;
        if tensor.dtype.bytes() == 2 && !matches!(tensor.dtype, Dtype::I16 | Dtype::U16) {
            // Halves are widened.
            unpacked = unpacked.saturating_add(size / COPIES);
            reading.limits.check(what, unpacked.saturating_mul(COPIES), len)?;
        }
        tensors.push(tensor);
    }
    Ok(tensors)
}

/// The directory of an archive of `len` bytes. Errors: `malformed-file`, also where it and the members do not say the same; `too-large` for more
/// members than the limits allow.
pub fn archive<R: Read + Seek>(mut source: R, len: u64, limits: Limits) -> Result<ZipArchive<R>> {
    let members = members(&mut source, len).map_err(|error| malformed(0, error))?;
    limits.check("the archive's directory", members.saturating_mul(MEMBER_BYTES), len)?;
    let mut archive = ZipArchive::new(source).map_err(zip_error)?;
    archive.validate_header_consistency().map_err(zip_error)?;
    Ok(archive)
}

/// Number of members that the end record of the archive declares. The record is found by its signature; only a comment
/// of declared length may follow it. If several match, the last one counts.
fn members(source: &mut (impl Read + Seek), len: u64) -> io::Result<u64> {
    const END: u64 = 22;
    let tail = len.min(END + 0xffff);
    source.seek(SeekFrom::Start(len - tail))?;
    let mut bytes = Vec::new();
    source.take(tail).read_to_end(&mut bytes)?;
    source.rewind()?;
    let Some(end) = bytes.windows(4).rposition(|four| four == b"PK\x05\x06") else { return Ok(0) };
    Ok(match bytes.get(end + 10..end + 12) {
        // Larger directories say it elsewhere; an entry has at least 46 bytes.
        Some([0xff, 0xff]) => len / 46,
        Some(&[low, high]) => u64::from(u16::from_le_bytes([low, high])),
        _ => 0,
    })
}

/// Errors: `invalid-parameter` for names that stand twice.
pub fn check(tensors: &[TensorView]) -> Result<()> {
    let mut names: Vec<_> = tensors.iter().map(|tensor| tensor.name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => {
            let got = format!("the name {:?} twice", twice[0]);
            Err(Error::invalid("tensors", got, "names that are free"))
        }
        None => Ok(()),
    }
}

/// Writes arrays uncompressed, with names that [`check`] has passed. The bytes depend on the arguments alone.
pub fn write_to(out: &mut dyn Write, tensors: &[TensorView]) -> io::Result<()> {
    let mut archive = ZipWriter::new_stream(out);
    // The default time is 1980-01-01: no clock in a recording.
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).large_file(true);
    for tensor in tensors {
        archive.start_file(format!("{}.npy", tensor.name), options).map_err(io::Error::other)?;
        npy::write_to(&mut archive, *tensor)?;
    }
    archive.finish().map(|_| ()).map_err(io::Error::other)
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
