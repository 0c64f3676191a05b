//! Flatbuffers: reading with every offset checked, and the part of writing that AEDAT 4 needs.

/// A table. Every access is checked against the buffer's length.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Offset and length of its vtable.
    vtable: usize,
    vtable_len: usize,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// The root of a size-prefixed buffer; `None` for another identifier or an invalid buffer.
pub fn root<'a>(bytes: &'a [u8], identifier: &[u8; 4]) -> Option<Table<'a>> {
    (identifier_of(bytes)? == *identifier).then(|| unnamed_root(bytes)).flatten()
}

pub fn identifier_of(bytes: &[u8]) -> Option<[u8; 4]> {
    array(bytes, 8)
}

fn unnamed_root(bytes: &[u8]) -> Option<Table<'_>> {
    let size = u32::from_le_bytes(array(bytes, 0)?) as usize;
    let bytes = bytes.get(..size.checked_add(4)?)?;
    Table::at(bytes, offset(bytes, 4)?)
}

/// The target of the offset stored at `at`.
fn offset(bytes: &[u8], at: usize) -> Option<usize> {
    at.checked_add(u32::from_le_bytes(array(bytes, at)?) as usize)
}

impl<'a> Table<'a> {
    fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let back = i64::from(i32::from_le_bytes(array(bytes, at)?));
        let vtable = usize::try_from(at as i64 - back).ok()?;
        let vtable_len = usize::from(u16::from_le_bytes(array(bytes, vtable)?));
        bytes.get(vtable..vtable.checked_add(vtable_len)?)?;
        Some(Table { bytes, at, vtable, vtable_len })
    }

    /// The offset of a field, if the table has it.
    fn field(&self, index: usize) -> Option<usize> {
        let slot = 4 + 2 * index;
        let offset = u16::from_le_bytes(if slot + 2 <= self.vtable_len {
            array(self.bytes, self.vtable + slot)?
        } else {
            [0; 2]
        });
        (offset != 0).then_some(self.at + usize::from(offset))
    }

    /// A number's bytes; zeros if the table does not have it. `None` if they are outside the buffer.
    pub fn number<const N: usize>(&self, index: usize) -> Option<[u8; N]> {
        self.field(index).map_or(Some([0; N]), |at| array(self.bytes, at))
    }

    pub fn i64(&self, index: usize) -> Option<i64> {
        self.number(index).map(i64::from_le_bytes)
    }

    pub fn f32(&self, index: usize) -> Option<f32> {
        self.number(index).map(f32::from_le_bytes)
    }

    /// The elements of a vector of items of `size` bytes; empty if the table does not have it.
    pub fn vector(&self, index: usize, size: usize) -> Option<&'a [u8]> {
        let Some(field) = self.field(index) else { return Some(&[]) };
        let at = offset(self.bytes, field)?;
        let len = u32::from_le_bytes(array(self.bytes, at)?) as usize;
        self.bytes.get(at + 4..at.checked_add(4)?.checked_add(len.checked_mul(size)?)?)
    }

    /// The tables of a vector of tables.
    pub fn tables(&self, index: usize) -> Option<impl Iterator<Item = Option<Table<'a>>> + use<'a>> {
        let offsets = self.vector(index, 4)?;
        let bytes = self.bytes;
        let first = offsets.as_ptr() as usize - bytes.as_ptr() as usize;
        let count = offsets.len() / 4;
        Some((0..count).map(move |i| Table::at(bytes, offset(bytes, first + 4 * i)?)))
    }

    pub fn text(&self, index: usize) -> Option<&'a [u8]> {
        self.vector(index, 1)
    }
}

/// A field of a table to be written.
pub enum Field {
    /// A number or a struct, with its alignment.
    Number(Vec<u8>, usize),
    /// A vector of bytes or structs: its length and its bytes, aligned to 8.
    Vector(u32, Vec<u8>),
    /// A vector of tables that contain only numbers.
    Tables(Vec<Vec<Field>>),
}

/// A size-prefixed buffer: one table, followed by the data of its fields.
pub fn write(identifier: &[u8; 4], fields: &[Field]) -> Vec<u8> {
    let mut out = vec![0; 12];
    out[8..12].copy_from_slice(identifier);
    let (table, offsets) = write_table(&mut out, fields);
    out[4..8].copy_from_slice(&(table as u32 - 4).to_le_bytes());
    for (field, at) in fields.iter().zip(offsets) {
        let target = match field {
            Field::Vector(count, bytes) => {
                // The length precedes the elements, which are aligned.
                while !(out.len() + 4).is_multiple_of(8) {
                    out.push(0);
                }
                let target = out.len();
                out.extend(count.to_le_bytes());
                out.extend(bytes);
                target
            }
            Field::Tables(tables) => {
                out.resize(out.len().next_multiple_of(4), 0);
                let target = out.len();
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(out.len() + 4 * tables.len(), 0);
                for (i, fields) in tables.iter().enumerate() {
                    let (table, _) = write_table(&mut out, fields);
                    let slot = target + 4 + 4 * i;
                    out[slot..slot + 4].copy_from_slice(&((table - slot) as u32).to_le_bytes());
                }
                target
            }
            Field::Number(..) => continue,
        };
        out[at..at + 4].copy_from_slice(&((target - at) as u32).to_le_bytes());
    }
    out.resize(out.len().next_multiple_of(4), 0);
    let size = (out.len() - 4) as u32;
    out[..4].copy_from_slice(&size.to_le_bytes());
    out
}

/// Writes a vtable and its table; returns the offsets of the table and of each of its fields.
fn write_table(out: &mut Vec<u8>, fields: &[Field]) -> (usize, Vec<usize>) {
    // Offsets within the table, which is aligned to 8.
    let (mut len, mut offsets) = (4_usize, Vec::new());
    for field in fields {
        let (size, alignment) = match field {
            Field::Number(bytes, alignment) => (bytes.len(), *alignment),
            Field::Vector(..) | Field::Tables(_) => (4, 4),
        };
        len = len.next_multiple_of(alignment);
        offsets.push(len);
        len += size;
    }
    let vtable_len = 4 + 2 * fields.len();
    // The vtable directly precedes the table.
    let table = (out.len() + vtable_len).next_multiple_of(8);
    let vtable = table - vtable_len.next_multiple_of(2);
    out.resize(vtable, 0);
    out.extend((vtable_len as u16).to_le_bytes());
    out.extend((len as u16).to_le_bytes());
    for &offset in &offsets {
        out.extend((offset as u16).to_le_bytes());
    }
    out.extend(((table - vtable) as i32).to_le_bytes());
    out.resize(table + len, 0);
    for (field, &offset) in fields.iter().zip(&offsets) {
        if let Field::Number(bytes, _) = field {
            out[table + offset..table + offset + bytes.len()].copy_from_slice(bytes);
        }
    }
    (table, offsets.iter().map(|offset| table + offset).collect())
}
