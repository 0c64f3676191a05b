//! The JSON header of a safetensors file. The safetensors crate, which checks offsets and sizes, reads it after a check
//! for duplicate keys, which the crate accepts. It is written here, because the crate writes metadata in a varying
//! order.

use crate::tensor::{Dtype, MAX_DIMENSIONS, TensorView};
use lapicque_base::error::{Error, Result};
use safetensors::tensor::Metadata;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;

/// Above this a header is an attack: one of ten thousand tensors has about a megabyte.
pub const MAX_HEADER_BYTES: u64 = 16 << 20;

/// Where the header's JSON begins, after its length.
pub const START: u64 = 8;

const METADATA: &str = "__metadata__";

/// What the header says of one tensor; `bytes` counts from the end of the header.
pub struct Entry {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Range<usize>,
}

pub fn malformed(offset: u64, reason: impl fmt::Display) -> Error {
    Error::MalformedFile { format: "safetensors".into(), offset, reason: reason.to_string() }
}

/// The metadata, and the tensors in the order of their bytes. Errors: `malformed-file`; `unsupported`
/// for element types that we do not have.
pub fn parse(json: &[u8]) -> Result<(BTreeMap<String, String>, Vec<Entry>)> {
    refuse_duplicates(json)?;
    let header: Metadata = serde_json::from_slice(json).map_err(|error| malformed(START, error))?;
    let mut entries = Vec::new();
    for (name, info) in header.tensors() {
        if info.shape.len() > MAX_DIMENSIONS {
            let count = info.shape.len();
            return Err(malformed(
                START,
                format!("{name:?} has {count} dimensions; {MAX_DIMENSIONS} are allowed"),
            ));
        }
        entries.push(Entry {
            dtype: Dtype::from_name(&info.dtype.to_string())?,
            name,
            shape: info.shape.clone(),
            bytes: info.data_offsets.0..info.data_offsets.1,
        });
    }
    // Empty tensors share an offset: the name decides.
    entries.sort_by(|a, b| (a.bytes.start, a.bytes.end, &a.name).cmp(&(b.bytes.start, b.bytes.end, &b.name)));
    let metadata = header.metadata().clone().unwrap_or_default();
    Ok((metadata.into_iter().collect(), entries))
}

/// The header's bytes, padded to a multiple of 8, for tensors that follow one another in this order.
pub fn render(metadata: &BTreeMap<String, String>, tensors: &[TensorView]) -> Vec<u8> {
    let mut header = Map::new();
    header.insert(METADATA.into(), json!(metadata));
    let mut offset = 0;
    for tensor in tensors {
        let end = offset + tensor.bytes.len();
        let info =
            json!({ "dtype": tensor.dtype.name(), "shape": tensor.shape, "data_offsets": [offset, end] });
        header.insert(tensor.name.into(), info);
        offset = end;
    }
    let mut bytes = Value::Object(header).to_string().into_bytes();
    bytes.resize(bytes.len().next_multiple_of(8), b' ');
    bytes
}

/// A name that no tensor can have.
pub fn is_reserved(name: &str) -> bool {
    name == METADATA
}

fn refuse_duplicates(json: &[u8]) -> Result<()> {
    let mut json = serde_json::Deserializer::from_slice(json);
    json.deserialize_map(UniqueKeys { inner: false }).map_err(|error| malformed(START, error))
}

/// Visits an object and the object under `__metadata__`.
struct UniqueKeys {
    inner: bool,
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == METADATA && !self.inner {
                map.next_value_seed(UniqueKeys { inner: true })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if let Some(twice) = seen.replace(key) {
                return Err(serde::de::Error::custom(format!("the name {twice:?} stands twice")));
            }
        }
        Ok(())
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for UniqueKeys {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}
