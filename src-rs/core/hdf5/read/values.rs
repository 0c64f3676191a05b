//! Elements as they are returned: one array of numbers or strings for each member of the type.

use super::file::File;
use super::heap::Reference;
use crate::fault::{malformed, unsupported};
use crate::types::{Padding, Text, Type, heap_reference};
use half::f16;
use lapicque_base::{Error, Result, memory};

/// The element types of arrays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

impl Number {
    pub fn size(self) -> usize {
        match self {
            Number::I8 | Number::U8 => 1,
            Number::I16 | Number::U16 => 2,
            Number::I32 | Number::U32 | Number::F32 => 4,
            Number::I64 | Number::U64 | Number::F64 => 8,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Number::I8 => "int8",
            Number::U8 => "uint8",
            Number::I16 => "int16",
            Number::U16 => "uint16",
            Number::I32 => "int32",
            Number::U32 => "uint32",
            Number::I64 => "int64",
            Number::U64 => "uint64",
            Number::F32 => "float32",
            Number::F64 => "float64",
        }
    }
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// In the byte order of the machine.
    Numbers {
        of: Number,
        bytes: Vec<u8>,
    },
    Texts(Vec<String>),
    /// Consecutive rows of numbers, and the length of each.
    Rows {
        of: Number,
        bytes: Vec<u8>,
        lengths: Vec<u32>,
    },
    /// Rows of strings.
    TextRows {
        texts: Vec<String>,
        lengths: Vec<u32>,
    },
    /// Bytes without a known meaning.
    Opaque {
        size: usize,
        bytes: Vec<u8>,
    },
}

/// One member of a compound type, or the elements themselves for other types.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The names of the enclosing members and the member itself, the outermost first.
    pub path: Vec<String>,
    /// The shape of the array, if each element is an array.
    pub shape: Vec<usize>,
    pub values: Values,
}

/// The encoding of a number in the file.
#[derive(Debug, Clone, Copy)]
struct Stored {
    of: Number,
    size: usize,
    big: bool,
    is_half: bool,
}

fn stored(of: &Type) -> Option<Stored> {
    let number = |of, size, big| Some(Stored { of, size, big, is_half: false });
    match of {
        Type::Int { size, signed, big } => {
            let of = match (size, signed) {
                (1, true) => Number::I8,
                (1, false) => Number::U8,
                (2, true) => Number::I16,
                (2, false) => Number::U16,
                (4, true) => Number::I32,
                (4, false) => Number::U32,
                (8, true) => Number::I64,
                _ => Number::U64,
            };
            number(of, *size, *big)
        }
        Type::Float { size: 2, big } => Some(Stored { of: Number::F32, size: 2, big: *big, is_half: true }),
        Type::Float { size: 4, big } => number(Number::F32, 4, *big),
        Type::Float { big, .. } => number(Number::F64, 8, *big),
        Type::Enum { of, .. } => stored(of),
        Type::Reference { size: 8 } => number(Number::U64, 8, false),
        _ => None,
    }
}

/// An empty vector with capacity for this number of bytes.
pub(crate) fn buffer_for(what: &str, bytes: usize) -> Result<Vec<u8>> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(bytes).map_err(|_| memory::refused::<u8>(what, bytes))?;
    Ok(buffer)
}

impl Stored {
    /// Appends numbers to `into`, in the byte order of the machine.
    fn append(self, raw: &[u8], into: &mut Vec<u8>) {
        let swaps = self.size > 1 && self.big != cfg!(target_endian = "big");
        if self.is_half {
            for two in raw.chunks_exact(2) {
                let bits = if self.big {
                    u16::from_be_bytes([two[0], two[1]])
                } else {
                    u16::from_le_bytes([two[0], two[1]])
                };
                into.extend_from_slice(&f16::from_bits(bits).to_f32().to_ne_bytes());
            }
        } else if swaps {
            for number in raw.chunks_exact(self.size) {
                into.extend(number.iter().rev());
            }
        } else {
            into.extend_from_slice(raw);
        }
    }

    fn is_native(self) -> bool {
        !self.is_half && (self.size == 1 || self.big == cfg!(target_endian = "big"))
    }
}

/// Counts the memory of strings and rows of variable length, which does not follow from the shape.
struct Budget<'a> {
    name: &'a str,
    taken: u64,
    allowed: u64,
}

impl Budget<'_> {
    fn take(&mut self, bytes: usize) -> Result<()> {
        self.taken += bytes as u64;
        if self.taken > self.allowed {
            let what = format!("{} of an HDF5 file", self.name);
            return Err(Error::OverLimit { what, needed: self.taken, allowed: self.allowed });
        }
        Ok(())
    }
}

/// Converts `count` elements of a type to columns.
pub(super) fn columns(file: &File, of: &Type, raw: &[u8], count: usize, name: &str) -> Result<Vec<Column>> {
    let mut found = Vec::new();
    let mut budget = Budget { name, taken: 0, allowed: file.allowed() };
    let stride = of.size(file.offset_size());
    let member = StridedMember { raw, stride, offset: 0, count };
    gather(file, of, member, &mut Vec::new(), &mut budget, &mut found)?;
    Ok(found)
}

/// As `columns`, for owned bytes, which may be returned without a copy.
pub(super) fn columns_of(
    file: &File,
    of: &Type,
    raw: Vec<u8>,
    count: usize,
    name: &str,
) -> Result<Vec<Column>> {
    match stored(of) {
        Some(stored) if stored.is_native() => {
            let values = Values::Numbers { of: stored.of, bytes: raw };
            Ok(vec![Column { path: Vec::new(), shape: Vec::new(), values }])
        }
        _ => columns(file, of, &raw, count, name),
    }
}

/// The location of one member in all elements.
#[derive(Clone, Copy)]
struct StridedMember<'a> {
    raw: &'a [u8],
    stride: usize,
    offset: usize,
    count: usize,
}

impl<'a> StridedMember<'a> {
    /// The bytes of the member in each element.
    fn each(self, size: usize) -> impl Iterator<Item = &'a [u8]> {
        (0..self.count).filter_map(move |i| {
            let from = i * self.stride + self.offset;
            self.raw.get(from..from + size)
        })
    }

    /// Appends the numbers of a member, one of `N` bytes per element.
    fn numbers<const N: usize>(self, swaps: bool, into: &mut Vec<u8>) {
        into.resize(self.count * N, 0);
        let (numbers, _) = into.as_chunks_mut::<N>();
        for (record, number) in self.raw.chunks_exact(self.stride).zip(numbers) {
            if let Some(bytes) = record[self.offset..].first_chunk::<N>() {
                *number = *bytes;
                if swaps {
                    number.reverse();
                }
            }
        }
    }
}

fn gather(
    file: &File,
    of: &Type,
    member: StridedMember,
    path: &mut Vec<String>,
    budget: &mut Budget,
    found: &mut Vec<Column>,
) -> Result<()> {
    if let Type::Compound { fields, .. } = of {
        for field in fields {
            path.push(field.name.clone());
            gather(
                file,
                &field.of,
                StridedMember { offset: member.offset + field.offset, ..member },
                path,
                budget,
                found,
            )?;
            path.pop();
        }
        return Ok(());
    }
    let (mut shape, mut leaf) = (Vec::new(), of);
    while let Type::Array { shape: inner, of } = leaf {
        shape.extend_from_slice(inner);
        leaf = of;
    }
    let offset_size = file.offset_size();
    let size = of.size(offset_size);
    let element = leaf.size(offset_size);
    let values = match leaf {
        Type::Text(text) => {
            let mut texts = Vec::new();
            for bytes in member.each(size) {
                for one in bytes.chunks_exact(element.max(1)) {
                    texts.push(text_of(file, *text, one, budget)?);
                }
            }
            Values::Texts(texts)
        }
        Type::Rows(row) => rows(file, row, member, size, budget)?,
        Type::Opaque { size: one } => {
            let mut bytes = buffer_for(budget.name, member.count.saturating_mul(size))?;
            member.each(size).for_each(|one| bytes.extend_from_slice(one));
            Values::Opaque { size: *one, bytes }
        }
        Type::Compound { .. } => return Err(unsupported("arrays of compound types")),
        _ => {
            let stored =
                stored(leaf).ok_or_else(|| unsupported(format!("elements of type {}", leaf.name())))?;
            let total = member.count.saturating_mul(size) / stored.size * stored.of.size();
            budget.take(total)?;
            let mut bytes = buffer_for(budget.name, total)?;
            if member.stride == size {
                stored.append(member.raw, &mut bytes);
            } else if size == stored.size && !stored.is_half {
                match size {
                    1 => member.numbers::<1>(!stored.is_native(), &mut bytes),
                    2 => member.numbers::<2>(!stored.is_native(), &mut bytes),
                    4 => member.numbers::<4>(!stored.is_native(), &mut bytes),
                    _ => member.numbers::<8>(!stored.is_native(), &mut bytes),
                }
            } else {
                member.each(size).for_each(|one| stored.append(one, &mut bytes));
            }
            Values::Numbers { of: stored.of, bytes }
        }
    };
    found.push(Column { path: path.clone(), shape, values });
    Ok(())
}

/// Approximate overhead of a string, here and in JavaScript.
const TEXT_BYTES: usize = 64;

fn text_of(file: &File, text: Text, bytes: &[u8], budget: &mut Budget) -> Result<String> {
    match text {
        Text::Fixed(_, padding) => {
            let end = match padding {
                Padding::Null => bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()),
                Padding::Space => {
                    bytes.iter().rposition(|byte| *byte != b' ' && *byte != 0).map_or(0, |last| last + 1)
                }
            };
            budget.take(TEXT_BYTES + 2 * end)?;
            Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
        }
        Text::Variable => {
            let reference = Reference::of(bytes, file.offset_size());
            file.row(&reference, 1, |bytes| {
                let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
                budget.take(TEXT_BYTES + 2 * end)?;
                Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
            })
        }
    }
}

fn rows(file: &File, of: &Type, member: StridedMember, size: usize, budget: &mut Budget) -> Result<Values> {
    let offset_size = file.offset_size();
    let one = heap_reference(offset_size);
    let references = member.each(size).flat_map(|bytes| bytes.chunks_exact(one));
    let mut lengths = Vec::new();
    let length =
        |count: usize| u32::try_from(count).map_err(|_| malformed("a row of more than 4294967295 elements"));
    if let Type::Text(text) = of {
        let mut texts = Vec::new();
        for reference in references {
            let reference = Reference::of(reference, offset_size);
            let size = of.size(offset_size);
            let row = file.row(&reference, size, |bytes| Ok(bytes.to_vec()))?;
            let before = texts.len();
            for text_bytes in row.chunks_exact(size.max(1)) {
                texts.push(text_of(file, *text, text_bytes, budget)?);
            }
            lengths.push(length(texts.len() - before)?);
        }
        return Ok(Values::TextRows { texts, lengths });
    }
    let stored = stored(of).ok_or_else(|| unsupported(format!("rows of elements of type {}", of.name())))?;
    let mut bytes = Vec::new();
    for reference in references {
        let reference = Reference::of(reference, offset_size);
        file.row(&reference, stored.size, |row| {
            let count = row.len() / stored.size;
            budget.take(count * stored.of.size() + 4)?;
            bytes
                .try_reserve(count * stored.of.size())
                .map_err(|_| memory::refused::<u8>(budget.name, row.len()))?;
            stored.append(row, &mut bytes);
            lengths.push(length(count)?);
            Ok(())
        })?;
    }
    Ok(Values::Rows { of: stored.of, bytes, lengths })
}
