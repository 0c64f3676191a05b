//! The types of elements, as readers and writers of data use them.

use crate::fault::{malformed, unsupported};
use hdf5_reader::{Datatype, StringPadding, StringSize, VarLenKind};
use lapicque_base::Result;

/// Maximum nesting depth of types.
const DEEPEST: usize = 16;

/// The padding of a fixed-length string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    Null,
    Space,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// Bytes per string.
    Fixed(usize, Padding),
    Variable,
}

/// A member of a compound type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub offset: usize,
    pub of: Type,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// 1, 2, 4 or 8 bytes.
    Int {
        size: usize,
        signed: bool,
        big: bool,
    },
    /// 2, 4 or 8 bytes, IEEE 754.
    Float {
        size: usize,
        big: bool,
    },
    /// An integer type whose values have names.
    Enum {
        of: Box<Type>,
        names: Vec<(String, i64)>,
    },
    Text(Text),
    Compound {
        size: usize,
        fields: Vec<Field>,
    },
    Array {
        shape: Vec<usize>,
        of: Box<Type>,
    },
    /// Rows of variable length in the global heap.
    Rows(Box<Type>),
    /// The address of an object in the file.
    Reference {
        size: usize,
    },
    Opaque {
        size: usize,
    },
}

/// Bytes of a reference to the global heap: length, address, index.
pub(crate) fn heap_reference(offset_size: usize) -> usize {
    4 + offset_size + 4
}

impl Type {
    /// Bytes of an element in the file.
    pub fn size(&self, offset_size: usize) -> usize {
        match self {
            Type::Int { size, .. } | Type::Float { size, .. } | Type::Compound { size, .. } => *size,
            Type::Reference { size } | Type::Opaque { size } => *size,
            Type::Enum { of, .. } => of.size(offset_size),
            Type::Text(Text::Fixed(size, _)) => *size,
            Type::Text(Text::Variable) | Type::Rows(_) => heap_reference(offset_size),
            Type::Array { shape, of } => {
                shape.iter().fold(of.size(offset_size), |size, n| size.saturating_mul(*n))
            }
        }
    }

    /// Whether each value is -1, 0 or 1, with the names that h5py gives to booleans.
    pub fn is_bool(&self) -> bool {
        let Type::Enum { of, names } = self else { return false };
        let names: Vec<(&str, i64)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        of.size(8) == 1 && names == [("FALSE", 0), ("TRUE", 1)]
    }

    /// The name for messages and listings: `uint16`, `float32`, `string`, `compound`.
    pub fn name(&self) -> String {
        match self {
            Type::Int { size, signed, .. } => format!("{}int{}", if *signed { "" } else { "u" }, 8 * size),
            Type::Float { size, .. } => format!("float{}", 8 * size),
            Type::Enum { .. } if self.is_bool() => "bool".into(),
            Type::Enum { .. } => "enum".into(),
            Type::Text(_) => "string".into(),
            Type::Compound { .. } => "compound".into(),
            Type::Array { .. } => "array".into(),
            Type::Rows(_) => "rows".into(),
            Type::Reference { .. } => "reference".into(),
            Type::Opaque { .. } => "opaque".into(),
        }
    }

    pub(crate) fn of(parsed: &Datatype, offset_size: usize) -> Result<Type> {
        read(parsed, offset_size, 0)
    }
}

fn is_big(order: hdf5_reader::ByteOrder) -> bool {
    order == hdf5_reader::ByteOrder::BigEndian
}

fn read(parsed: &Datatype, offset_size: usize, depth: usize) -> Result<Type> {
    if depth > DEEPEST {
        return Err(malformed(format!("types within types, more than {DEEPEST} of them")));
    }
    let inner = |parsed: &Datatype| read(parsed, offset_size, depth + 1);
    Ok(match parsed {
        Datatype::FixedPoint { size, signed, byte_order } if [1, 2, 4, 8].contains(size) => {
            Type::Int { size: usize::from(*size), signed: *signed, big: is_big(*byte_order) }
        }
        Datatype::FixedPoint { size, .. } => {
            return Err(unsupported(format!("whole numbers of {size} bytes")));
        }
        Datatype::Bitfield { size, byte_order } if [1, 2, 4, 8].contains(size) => {
            Type::Int { size: usize::from(*size), signed: false, big: is_big(*byte_order) }
        }
        Datatype::Bitfield { size, .. } => return Err(unsupported(format!("bit fields of {size} bytes"))),
        Datatype::FloatingPoint { size, byte_order } if [2, 4, 8].contains(size) => {
            Type::Float { size: usize::from(*size), big: is_big(*byte_order) }
        }
        Datatype::FloatingPoint { size, .. } => {
            return Err(unsupported(format!("floating-point numbers of {size} bytes")));
        }
        Datatype::String { size: StringSize::Fixed(size), padding, .. } => {
            Type::Text(Text::Fixed(*size as usize, padding_of(*padding)))
        }
        Datatype::String { size: StringSize::Variable, .. } => Type::Text(Text::Variable),
        Datatype::VarLen { kind: VarLenKind::String, .. } => Type::Text(Text::Variable),
        Datatype::VarLen { base, .. } => match inner(base)? {
            Type::Rows(_) => return Err(unsupported("rows of rows (nested variable-length types)")),
            of => Type::Rows(Box::new(of)),
        },
        Datatype::Enum { base, members } => {
            let of = inner(base)?;
            let Type::Int { size, signed, big } = of else {
                return Err(malformed("an enumeration of no whole numbers"));
            };
            let value = |bytes: &[u8]| {
                let mut bytes: Vec<u8> = bytes.get(..size).map(<[u8]>::to_vec).unwrap_or_default();
                if big {
                    bytes.reverse();
                }
                let is_negative = signed && bytes.last().is_some_and(|last| last & 0x80 != 0);
                bytes.resize(8, if is_negative { 0xff } else { 0 });
                i64::from_le_bytes(bytes.try_into().unwrap_or_default())
            };
            let names = members.iter().map(|member| (member.name.clone(), value(&member.value))).collect();
            Type::Enum { of: Box::new(of), names }
        }
        Datatype::Compound { size, fields } => {
            let size = *size as usize;
            let fields = fields.iter().map(|field| {
                let of = inner(&field.datatype)?;
                let offset = field.byte_offset as usize;
                if offset.saturating_add(of.size(offset_size)) > size {
                    return Err(malformed(format!(
                        "the member \"{}\" lies outside its compound type",
                        field.name
                    )));
                }
                Ok(Field { name: field.name.clone(), offset, of })
            });
            Type::Compound { size, fields: fields.collect::<Result<_>>()? }
        }
        Datatype::Array { base, dims } => {
            let shape: Vec<usize> = dims.iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
            let of = inner(base)?;
            let size = shape.iter().try_fold(of.size(offset_size), |size, n| size.checked_mul(*n));
            if size.is_none_or(|size| size > u32::MAX as usize) {
                return Err(malformed("an array type larger than 4 GiB"));
            }
            Type::Array { shape, of: Box::new(of) }
        }
        Datatype::Reference { ref_type: hdf5_reader::ReferenceType::Object, size } => {
            Type::Reference { size: usize::from(*size) }
        }
        Datatype::Reference { .. } => return Err(unsupported("references to regions of datasets")),
        Datatype::Opaque { size, .. } => Type::Opaque { size: *size as usize },
    })
}

fn padding_of(padding: StringPadding) -> Padding {
    match padding {
        StringPadding::SpacePad => Padding::Space,
        StringPadding::NullTerminate | StringPadding::NullPad => Padding::Null,
    }
}

/// Checks what the parser ignores about a number: refused unless it has the IEEE 754 layout and uses all of its bits.
pub(crate) fn check_numbers(raw: &[u8]) -> Result<()> {
    let word = |at: usize| raw.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let (Some(&class), Some(size)) = (raw.first(), word(4)) else { return Ok(()) };
    match class & 0xf {
        0 => match (word(8), word(10)) {
            (Some(0), Some(bits)) if u32::from(bits) == 8 * u32::from(size) => Ok(()),
            (Some(_), Some(bits)) => {
                Err(unsupported(format!("whole numbers of {bits} bits in {size} bytes")))
            }
            _ => Ok(()),
        },
        1 => {
            let Some(&[exponent_at, exponent, mantissa_at, mantissa]) = raw.get(12..16) else {
                return Ok(());
            };
            let bias =
                raw.get(16..20).map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
            match (size, exponent_at, exponent, mantissa_at, mantissa, bias) {
                (2, 10, 5, 0, 10, 15) | (4, 23, 8, 0, 23, 127) | (8, 52, 11, 0, 52, 1023) => Ok(()),
                _ => Err(unsupported(format!(
                    "floating-point numbers of {size} bytes with {exponent} bits of exponent and {mantissa} of mantissa"
                ))),
            }
        }
        _ => Ok(()),
    }
}
