//! Attributes whose type is a committed one: the attribute refers to a named type elsewhere in the file.

use super::header::{ATTRIBUTE, DATATYPE, Header, Message, SHARED};
use super::links::Widths;
use crate::fault::{malformed, parsed, unsupported};
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::attribute::{self, AttributeMessage};
use hdf5_reader::messages::dataspace;
use hdf5_reader::messages::datatype::DatatypeMessage;
use hdf5_reader::messages::shared::{self, SharedMessage};
use lapicque_base::Result;

/// Bits of an attribute's flags.
const SHARED_TYPE: u8 = 0x01;
const SHARED_SPACE: u8 = 0x02;

/// Whether the parser refuses this message, because its attribute has a committed type.
pub(crate) fn is_committed(message: &Message) -> bool {
    message.kind == ATTRIBUTE && message.flags & SHARED == 0 && has_committed_type(&message.data)
}

/// Whether an attribute message of version 2 or 3 has a committed type.
fn has_committed_type(bytes: &[u8]) -> bool {
    matches!(bytes, [2 | 3, flags, ..] if flags & (SHARED_TYPE | SHARED_SPACE) == SHARED_TYPE)
}

/// The attributes of a header that the parser refuses.
pub(crate) fn hidden(header: &Header) -> Vec<Vec<u8>> {
    header.messages.iter().filter(|message| is_committed(message)).map(|m| m.data.clone()).collect()
}

/// The address in a reference to a committed type; `None` if it is in a table of shared messages.
///
/// # Errors
/// `malformed-file`
pub(crate) fn address(reference: &[u8], Widths { offset, length }: Widths) -> Result<Option<u64>> {
    let mut cursor = Cursor::new(reference);
    match shared::parse(&mut cursor, DATATYPE, offset, length, reference.len()).map_err(parsed)? {
        SharedMessage::SharedInOhdr { address, .. } => Ok(Some(address)),
        SharedMessage::SharedInSohm { .. } => Ok(None),
    }
}

/// Parses an attribute; `datatype_at` reads the type at an address.
///
/// # Errors
/// `malformed-file`, `unsupported`
pub(crate) fn parse_attribute(
    bytes: &[u8],
    widths: Widths,
    datatype_at: impl FnOnce(u64) -> Result<DatatypeMessage>,
) -> Result<AttributeMessage> {
    let Widths { offset, length } = widths;
    let mut cursor = Cursor::new(bytes);
    if !has_committed_type(bytes) {
        return attribute::parse(&mut cursor, offset, length, bytes.len()).map_err(parsed);
    }
    let version = cursor.read_u8().map_err(parsed)?;
    let _flags = cursor.read_u8().map_err(parsed)?;
    let mut size = || cursor.read_u16_le().map(usize::from).map_err(parsed);
    let [name_size, type_size, space_size] = [size()?, size()?, size()?];
    if version == 3 {
        let _encoding = cursor.read_u8().map_err(parsed)?;
    }
    let name = cursor.read_fixed_string(name_size).map_err(parsed)?;
    let at = address(cursor.read_bytes(type_size).map_err(parsed)?, widths)?;
    let at = at.ok_or_else(|| unsupported("types of attributes in a table of shared messages"))?;
    let datatype = datatype_at(at)?;
    let space = cursor.read_bytes(space_size).map_err(parsed)?;
    let dataspace = dataspace::parse(&mut Cursor::new(space), offset, length, space_size).map_err(parsed)?;
    let count = dataspace.num_elements().map_err(|error| malformed(error.to_string()))?;
    let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(datatype.size as usize));
    let size = size.ok_or_else(|| malformed("an attribute is larger than memory"))?;
    let raw_data = cursor.read_bytes(size).map_err(parsed)?.to_vec();
    Ok(AttributeMessage { name, datatype: datatype.datatype, dataspace, raw_data })
}
