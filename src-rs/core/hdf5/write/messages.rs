//! The messages of object headers, as bytes.

use crate::types::{Padding, Text, Type};
use hdf5_reader::checksum::jenkins_lookup3;
use lapicque_base::{Error, Result};

pub(super) const UNDEFINED: u64 = u64::MAX;

/// Maximum bytes of a message.
const LARGEST: usize = u16::MAX as usize;

/// A message with the number of its kind.
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

pub(super) fn message(kind: u8, body: Vec<u8>) -> Message {
    Message { kind, body }
}

/// A header of version 2 with its checksum. Errors: `unsupported` for a message that does not fit.
pub(super) fn header(messages: &[Message]) -> Result<Vec<u8>> {
    let size: usize = messages.iter().map(|message| 4 + message.body.len()).sum();
    let mut out = b"OHDR\x02\x02".to_vec();
    out.extend_from_slice(&(size as u32).to_le_bytes());
    for Message { kind, body } in messages {
        if body.len() > LARGEST {
            let feature = format!(
                "a description of {} bytes (at most {LARGEST}); attributes this large are datasets",
                body.len()
            );
            return Err(Error::Unsupported { feature, format: "writing HDF5".into() });
        }
        out.push(*kind);
        out.extend_from_slice(&(body.len() as u16).to_le_bytes());
        out.push(0);
        out.extend_from_slice(body);
    }
    let checksum = jenkins_lookup3(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    Ok(out)
}

pub(super) fn superblock(root: u64, end: u64) -> Vec<u8> {
    let mut out = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
    for address in [0, UNDEFINED, end, root] {
        out.extend_from_slice(&address.to_le_bytes());
    }
    let checksum = jenkins_lookup3(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// `None` for no value (a null dataspace); no axes for a scalar.
pub(super) fn dataspace(shape: Option<&[u64]>, max_shape: Option<&[u64]>) -> Vec<u8> {
    let axes = shape.unwrap_or_default();
    let kind = match shape {
        None => 2,
        Some([]) => 0,
        Some(_) => 1,
    };
    let mut out = vec![2, axes.len() as u8, u8::from(max_shape.is_some()), kind];
    for length in axes.iter().chain(max_shape.unwrap_or_default()) {
        out.extend_from_slice(&length.to_le_bytes());
    }
    out
}

/// A type as HDF5 describes it, little-endian.
pub(super) fn datatype(of: &Type) -> Vec<u8> {
    let head = |class: u8, version: u8, flags: u32, size: usize| {
        let mut out = (u32::from(class | version << 4) | flags << 8).to_le_bytes().to_vec();
        out.extend_from_slice(&(size as u32).to_le_bytes());
        out
    };
    let size = of.size(8);
    match of {
        Type::Int { size, signed, .. } => {
            let mut out = head(0, 1, if *signed { 8 } else { 0 }, *size);
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&(8 * *size as u16).to_le_bytes());
            out
        }
        Type::Float { size, .. } => {
            let (exponent, mantissa, bias) = match size {
                2 => (5_u8, 10_u8, 15_u32),
                4 => (8, 23, 127),
                _ => (11, 52, 1023),
            };
            // The highest bit of the mantissa is implicit, and the sign is the last bit.
            let mut out = head(1, 1, 0x20 | (8 * *size as u32 - 1) << 8, *size);
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&(8 * *size as u16).to_le_bytes());
            out.extend_from_slice(&[mantissa, exponent, 0, mantissa]);
            out.extend_from_slice(&bias.to_le_bytes());
            out
        }
        Type::Text(Text::Fixed(size, padding)) => {
            let padding = if *padding == Padding::Space { 2 } else { 1 };
            head(3, 1, padding | 1 << 4, *size)
        }
        Type::Text(Text::Variable) => {
            let mut out = head(9, 1, 1 | 1 << 8, size);
            out.extend_from_slice(&datatype(&Type::Int { size: 1, signed: false, big: false }));
            out
        }
        Type::Rows(row) => {
            let mut out = head(9, 1, 0, size);
            out.extend_from_slice(&datatype(row));
            out
        }
        Type::Enum { of: base, names } => {
            let mut out = head(8, 3, names.len() as u32, size);
            out.extend_from_slice(&datatype(base));
            for (name, _) in names {
                out.extend_from_slice(name.as_bytes());
                out.push(0);
            }
            for (_, value) in names {
                out.extend_from_slice(&value.to_le_bytes()[..size]);
            }
            out
        }
        Type::Compound { fields, .. } => {
            let width = match size {
                0..=0xff => 1,
                0x100..=0xffff => 2,
                0x1_0000..=0xff_ffff => 3,
                _ => 4,
            };
            let mut out = head(6, 3, fields.len() as u32, size);
            for field in fields {
                out.extend_from_slice(field.name.as_bytes());
                out.push(0);
                out.extend_from_slice(&(field.offset as u32).to_le_bytes()[..width]);
                out.extend_from_slice(&datatype(&field.of));
            }
            out
        }
        Type::Array { shape, of } => {
            let mut out = head(10, 3, 0, size);
            out.push(shape.len() as u8);
            for length in shape {
                out.extend_from_slice(&(*length as u32).to_le_bytes());
            }
            out.extend_from_slice(&datatype(of));
            out
        }
        Type::Reference { .. } => head(7, 1, 0, size),
        Type::Opaque { .. } => head(5, 1, 0, size),
    }
}

/// The fill value is zero, for contiguous or chunked data.
pub(super) fn fill_value(is_chunked: bool) -> Vec<u8> {
    vec![3, if is_chunked { 0x0b } else { 0x0a }]
}

pub(super) fn contiguous(address: u64, size: u64) -> Vec<u8> {
    let mut out = vec![3, 1];
    out.extend_from_slice(&address.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out
}

pub(super) fn chunked(index: u64, chunk: &[u64], size: usize) -> Vec<u8> {
    let mut out = vec![3, 2, chunk.len() as u8 + 1];
    out.extend_from_slice(&index.to_le_bytes());
    for length in chunk.iter().copied().chain([size as u64]) {
        out.extend_from_slice(&(length as u32).to_le_bytes());
    }
    out
}

/// Filters with their parameters, in the order of their application.
pub(super) fn filters(filters: &[(u16, Vec<u32>)]) -> Vec<u8> {
    let mut out = vec![2, filters.len() as u8];
    for (id, numbers) in filters {
        let name: &[u8] = if *id == crate::filters::ECF { b"ECF\0" } else { b"" };
        out.extend_from_slice(&id.to_le_bytes());
        if *id >= 256 {
            out.extend_from_slice(&(name.len() as u16).to_le_bytes());
        }
        out.extend_from_slice(&0_u16.to_le_bytes());
        out.extend_from_slice(&(numbers.len() as u16).to_le_bytes());
        if *id >= 256 {
            out.extend_from_slice(name);
        }
        for number in numbers {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    out
}

pub(super) fn link(name: &str, address: u64) -> Vec<u8> {
    // The length of the name in two bytes, and the flag for UTF-8.
    let mut out = vec![1, 0x11, 1];
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&address.to_le_bytes());
    out
}

/// Links are stored in the header itself.
pub(super) fn link_info() -> Vec<u8> {
    let mut out = vec![0, 0];
    out.extend_from_slice(&UNDEFINED.to_le_bytes());
    out.extend_from_slice(&UNDEFINED.to_le_bytes());
    out
}

pub(super) fn attribute(name: &str, of: &Type, shape: Option<&[u64]>, data: &[u8]) -> Vec<u8> {
    let (of, space) = (datatype(of), dataspace(shape, None));
    let mut out = vec![3, 0];
    for size in [name.len() + 1, of.len(), space.len()] {
        out.extend_from_slice(&(size as u16).to_le_bytes());
    }
    out.push(1);
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.extend_from_slice(&of);
    out.extend_from_slice(&space);
    out.extend_from_slice(data);
    out
}
