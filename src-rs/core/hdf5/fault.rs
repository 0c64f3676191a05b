//! Errors of this crate, and the conversion of the parser's errors.

use hdf5_reader::error::Error as Parse;
use lapicque_base::Error;

const FORMAT: &str = "HDF5";

pub(crate) fn malformed(reason: impl Into<String>) -> Error {
    Error::MalformedFile { format: FORMAT.into(), offset: 0, reason: reason.into() }
}

pub(crate) fn malformed_at(offset: u64, reason: impl Into<String>) -> Error {
    Error::MalformedFile { format: FORMAT.into(), offset, reason: reason.into() }
}

/// The error for an HDF5 feature that this crate does not support.
pub(crate) fn unsupported(feature: impl Into<String>) -> Error {
    Error::Unsupported { feature: feature.into(), format: "reading HDF5".into() }
}

/// Names in the specification of the type classes that the parser refuses.
fn class_name(class: u8) -> &'static str {
    match class {
        2 => "time",
        7 => "reference",
        11 => "complex",
        _ => "unknown",
    }
}

pub(crate) fn parsed(error: Parse) -> Error {
    match error {
        Parse::Context { source, .. } => parsed(*source),
        Parse::UnsupportedDatatypeClass(class) => {
            unsupported(format!("type class {class} ({})", class_name(class)))
        }
        Parse::UnsupportedLayoutClass(3) => {
            unsupported("virtual datasets, whose data lie in other datasets or files")
        }
        Parse::UnsupportedFilter(name) => unsupported(name),
        Parse::UnsupportedEncoding(what) => unsupported(what),
        Parse::UnexpectedEof { offset, needed, available } => {
            malformed_at(offset, format!("{needed} bytes are declared where {available} are left"))
        }
        Parse::OffsetOutOfBounds(offset) => malformed_at(offset, "an address outside the file"),
        Parse::InvalidMagic => malformed("it does not begin as an HDF5 file"),
        // An unknown version may come from a newer file or from damage; the two cannot be distinguished.
        other => malformed(other.to_string()),
    }
}
