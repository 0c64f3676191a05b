//! The container of models, checkpoints and recordings: a `.safetensors` file whose metadata contain a schema version,
//! the caller's entries, and checksums. Files of other programs can be read too, without checks.

use crate::digest::{Fields, sha256_of_each};
use crate::header::{self, Entry, MAX_HEADER_BYTES, START, malformed};
use crate::reading::Reading;
use crate::tensor::{Tensor, TensorView};
use lapicque_base::error::{Error, Result, try_vec};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};

/// Raised when files that an older lapicque would misread are written.
pub const SCHEMA: u64 = 1;

/// Keys that begin so are the container's own.
const OWN: &str = "lapicque.";
const SCHEMA_KEY: &str = "lapicque.schema";
/// Of the metadata, and of the tensors' names, types and shapes.
const CHECKSUM_KEY: &str = "lapicque.checksum";
/// JSON object: the checksum of each tensor's bytes, so that an error can name the tensor.
const CHECKSUMS_KEY: &str = "lapicque.checksums";

/// A file's content.
#[derive(Debug)]
pub struct Container {
    /// Without the container's own keys.
    pub metadata: BTreeMap<String, String>,
    /// The version of the schema; `None` for a file that lapicque has not written.
    pub schema: Option<u64>,
    /// In the order of the file.
    pub tensors: Vec<Tensor>,
}

impl Container {
    /// Errors: `unknown-name`.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        self.tensors
            .iter()
            .find(|tensor| tensor.name == name)
            .ok_or_else(|| Error::unknown("tensor", name, self.tensors.iter().map(|tensor| &tensor.name)))
    }

    /// Checks and takes out the container's own keys; the tensors begin at byte `start`.
    fn verify(&mut self, start: u64, reading: Reading) -> Result<()> {
        let everything = std::mem::take(&mut self.metadata).into_iter();
        let (own, rest): (BTreeMap<_, _>, _) = everything.partition(|(key, _)| key.starts_with(OWN));
        self.metadata = rest;
        if own.is_empty() {
            return Ok(());
        }
        let value =
            |key: &str| own.get(key).ok_or_else(|| malformed(START, format!("no \"{key}\" in the metadata")));
        let schema_text = value(SCHEMA_KEY)?;
        let schema =
            schema_text.parse().map_err(|_| malformed(START, format!("schema version \"{schema_text}\"")))?;
        if schema > SCHEMA {
            return Err(Error::Unsupported {
                feature: format!(
                    "schema version {schema} (it reads up to {SCHEMA}; a newer lapicque wrote this file)"
                ),
                format: format!("lapicque {}", env!("CARGO_PKG_VERSION")),
            });
        }
        let checksums = value(CHECKSUMS_KEY)?;
        let own_text = [schema_text.as_str(), checksums];
        if *value(CHECKSUM_KEY)?
            != description_checksum(&self.metadata, own_text, self.tensors.iter().map(Tensor::view))
        {
            return Err(malformed(START, "the description does not match its checksum"));
        }
        // The checksum has verified this part.
        let checksums: BTreeMap<String, String> =
            serde_json::from_str(checksums).map_err(|error| malformed(START, error))?;
        let found =
            sha256_of_each(&self.tensors.iter().map(|tensor| &tensor.bytes[..]).collect::<Vec<_>>(), || {
                reading.check()
            })?;
        let mut offset = start;
        for (tensor, found) in self.tensors.iter().zip(&found) {
            if checksums.get(&tensor.name) != Some(found) {
                return Err(malformed(
                    offset,
                    format!("tensor {:?} does not match its checksum", tensor.name),
                ));
            }
            offset += tensor.bytes.len() as u64;
        }
        self.schema = Some(schema);
        Ok(())
    }
}

/// Reads and checks a file's content, of `len` bytes. Errors: `malformed-file`; `unsupported` for a newer
/// schema; `too-large`; `aborted`.
pub fn read_from(mut source: impl Read, len: u64, reading: Reading) -> Result<Container> {
    let failed = |error| malformed(len, error);
    if len < START {
        return Err(malformed(len, format!("{len} bytes are too few for the length of a header")));
    }
    let mut header_len = [0; START as usize];
    source.read_exact(&mut header_len).map_err(failed)?;
    let header_len = u64::from_le_bytes(header_len);
    if header_len > MAX_HEADER_BYTES {
        return Err(malformed(0, format!("a header of {header_len} bytes; {MAX_HEADER_BYTES} are allowed")));
    }
    let Some(data_len) = (len - START).checked_sub(header_len) else {
        return Err(malformed(0, format!("a header of {header_len} bytes in a file of {len}")));
    };
    let mut take = |what: &str, len: u64| -> Result<Vec<u8>> {
        let mut bytes = try_vec(what, usize::try_from(len).unwrap_or(usize::MAX), 0)?;
        source.read_exact(&mut bytes).map_err(failed)?;
        Ok(bytes)
    };
    let (metadata, entries) = header::parse(&take("the header", header_len)?)?;
    let declared = entries.iter().map(|entry| entry.bytes.end).max().unwrap_or(0) as u64;
    if declared != data_len {
        let reason = format!("tensors of {declared} bytes, but {data_len} follow the header");
        return Err(malformed(START + header_len, reason));
    }
    let mut tensors = Vec::new();
    for Entry { name, dtype, shape, bytes } in entries {
        let bytes = take("a tensor", bytes.len() as u64)?;
        tensors.push(Tensor { name, dtype, shape, bytes });
    }
    let mut container = Container { metadata, schema: None, tensors };
    container.verify(START + header_len, reading)?;
    Ok(container)
}

/// A file's content, checked and with its checksums, that `read_from` gives back bit for bit. The bytes depend on the
/// arguments alone, and not on the tensors' order.
pub struct Encoded<'a> {
    header: Vec<u8>,
    tensors: Vec<TensorView<'a>>,
}

impl<'a> Encoded<'a> {
    /// Errors: `invalid-parameter` for names that stand twice or are reserved and for bytes that are not
    /// those of the shape; `too-large` for descriptions above 16 MiB.
    pub fn new(metadata: &BTreeMap<String, String>, tensors: &[TensorView<'a>]) -> Result<Self> {
        let (header, tensors) = full_header(metadata, tensors)?;
        Ok(Encoded { header, tensors })
    }

    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&(self.header.len() as u64).to_le_bytes())?;
        out.write_all(&self.header)?;
        self.tensors.iter().try_for_each(|tensor| out.write_all(tensor.bytes))
    }
}

fn full_header<'a>(
    metadata: &BTreeMap<String, String>,
    tensors: &[TensorView<'a>],
) -> Result<(Vec<u8>, Vec<TensorView<'a>>)> {
    if let Some(key) = metadata.keys().find(|key| key.starts_with(OWN)) {
        return Err(Error::invalid(
            "metadata",
            format!("the key {key:?}"),
            format!("keys that do not begin with {OWN}"),
        ));
    }
    let mut tensors = tensors.to_vec();
    // Wide elements first keeps each aligned to its size, for readers that map the file.
    tensors.sort_by(|a, b| (b.dtype.bytes(), a.name).cmp(&(a.dtype.bytes(), b.name)));
    let digests = sha256_of_each(&tensors.iter().map(|tensor| tensor.bytes).collect::<Vec<_>>(), || Ok(()))?;
    let mut checksums = BTreeMap::new();
    for (tensor, digest) in tensors.iter().zip(digests) {
        let expected = tensor.dtype.bytes_of(tensor.shape);
        if expected != Some(tensor.bytes.len()) {
            let got = format!("{} bytes", tensor.bytes.len());
            let expected = format!("an array of {} {:?}", tensor.dtype.name(), tensor.shape);
            return Err(Error::invalid(format!("tensor {:?}", tensor.name), got, expected));
        }
        let taken = checksums.insert(tensor.name, digest).is_some();
        if taken || header::is_reserved(tensor.name) {
            return Err(Error::invalid(
                "tensors",
                format!("the name {:?}", tensor.name),
                "names that are free",
            ));
        }
    }
    let mut metadata = metadata.clone();
    let checksums =
        serde_json::to_string(&checksums).map_err(|error| Error::Internal { reason: error.to_string() })?;
    let schema = SCHEMA.to_string();
    let checksum = description_checksum(&metadata, [&schema, &checksums], tensors.iter().copied());
    metadata.insert(SCHEMA_KEY.into(), schema);
    metadata.insert(CHECKSUM_KEY.into(), checksum);
    metadata.insert(CHECKSUMS_KEY.into(), checksums);
    let json = header::render(&metadata, &tensors);
    if json.len() as u64 > MAX_HEADER_BYTES {
        let needed = json.len() as u64;
        return Err(Error::TooLarge {
            what: "the file's description".into(),
            needed,
            allowed: MAX_HEADER_BYTES,
        });
    }
    Ok((json, tensors))
}

/// Of the meaning, not of the JSON text: another program may write the same description again.
fn description_checksum<'a>(
    metadata: &BTreeMap<String, String>,
    [schema, checksums]: [&str; 2],
    tensors: impl Iterator<Item = TensorView<'a>>,
) -> String {
    let mut fields = Fields::default();
    for (key, value) in metadata {
        fields.add(key);
        fields.add(value);
    }
    fields.add(schema);
    fields.add(checksums);
    let mut tensors: Vec<_> = tensors.collect();
    tensors.sort_by_key(|tensor| tensor.name);
    for tensor in tensors {
        fields.add(tensor.name);
        fields.add(tensor.dtype.name());
        fields.add(format!("{:?}", tensor.shape));
    }
    fields.finish()
}
