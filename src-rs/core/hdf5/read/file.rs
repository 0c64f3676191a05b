//! A file as a tree of names.

use super::committed;
use super::dataset::Dataset;
use super::header::{DATATYPE, Header, Message, SHARED};
use super::heap::Heap;
use super::links::{Target, Widths, dense, links};
use super::source::{Metadata, Replaced, Source};
use super::values::{Column, columns};
use crate::fault::{malformed, parsed, unsupported};
use crate::types::{Type, check_numbers};
use hdf5_reader::Hdf5File;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::attribute::AttributeMessage;
use hdf5_reader::messages::dataspace::DataspaceType;
use hdf5_reader::messages::datatype::DatatypeMessage;
use hdf5_reader::object_header::ObjectHeader;
use hdf5_reader::storage::Storage;
use lapicque_base::limits::Limits;
use lapicque_base::{Error, Result};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Maximum bytes of an object header, which may contain many links of one group.
const HEADER_BYTES: usize = 16 << 20;

/// Maximum number of links along one path.
const MAX_SOFT_LINKS: usize = 64;

/// The kind of object that a name refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Group,
    Dataset,
    /// A named type that several datasets share.
    Type,
    /// A link to another file, which is not followed.
    External,
    /// A soft link without a target.
    Dangling,
    /// An object of an unsupported kind or version; opening it returns the reason.
    Unreadable,
}

/// A member of a group.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub kind: Kind,
}

/// An attribute with its value.
#[derive(Debug, Clone)]
pub struct Attribute {
    pub name: String,
    pub shape: Vec<u64>,
    pub of: Type,
    pub columns: Vec<Column>,
}

type Links = Vec<(String, Target)>;

/// An open file.
pub struct File {
    pub(super) source: Arc<Source>,
    pub(super) metadata: Arc<dyn Storage>,
    pub(super) parser: Hdf5File,
    pub(super) limits: Limits,
    pub(super) heap: Heap,
    groups: Mutex<HashMap<u64, Arc<Links>>>,
    /// Object headers that the parser sees without some of their attributes, and those attributes by the header's address.
    replaced: Arc<Replaced>,
    committed: Mutex<HashMap<u64, Vec<Vec<u8>>>>,
}

impl File {
    /// # Errors
    /// `io`, `malformed-file`, `unsupported`.
    pub fn open(path: &Path, limits: Limits) -> Result<File> {
        File::of(Source::open(path)?, limits)
    }

    /// Opens a file in memory. Errors: `malformed-file`, `unsupported`.
    pub fn of_bytes(bytes: Vec<u8>, limits: Limits) -> Result<File> {
        File::of(Source::in_memory(bytes), limits)
    }

    fn of(source: Source, limits: Limits) -> Result<File> {
        let source = Arc::new(source);
        let options = hdf5_reader::OpenOptions::default()
            .with_chunk_cache_bytes(0)
            .with_max_object_header_bytes(HEADER_BYTES);
        let replaced = Arc::<Replaced>::default();
        let storage = || Metadata { source: source.clone(), replaced: replaced.clone() };
        let parser = Hdf5File::from_storage_with_options(Arc::new(storage()), options).map_err(parsed)?;
        let superblock = parser.superblock();
        let widths = [superblock.offset_size, superblock.length_size];
        if widths.iter().any(|width| ![2, 4, 8].contains(width)) {
            return Err(malformed(format!("addresses of {} bytes and lengths of {}", widths[0], widths[1])));
        }
        // Counted from the beginning of the file, including a user block.
        let end = superblock.eof_address;
        if end > source.length() {
            let reason = format!(
                "it is truncated: its superblock declares {end} bytes, {} are there",
                source.length()
            );
            return Err(malformed(reason));
        }
        let base = superblock.base_address;
        let metadata: Arc<dyn Storage> = Arc::new(Based { inner: storage(), base });
        Ok(File {
            source,
            metadata,
            parser,
            limits,
            heap: Heap::default(),
            groups: Mutex::default(),
            replaced,
            committed: Mutex::default(),
        })
    }

    pub(super) fn base(&self) -> u64 {
        self.parser.superblock().base_address
    }

    pub(super) fn widths(&self) -> Widths {
        let superblock = self.parser.superblock();
        Widths { offset: superblock.offset_size, length: superblock.length_size }
    }

    pub(super) fn offset_size(&self) -> usize {
        usize::from(self.widths().offset)
    }

    /// Maximum bytes of the data of a read.
    pub fn allowed(&self) -> u64 {
        self.limits.allowed(self.source.length())
    }

    /// Bytes of the file.
    pub fn length(&self) -> u64 {
        self.source.length()
    }

    fn header(&self, address: u64) -> Result<Arc<ObjectHeader>> {
        let read = || self.parser.get_or_parse_header(address).map_err(parsed);
        match read() {
            Err(Error::Unsupported { .. }) if self.hide_committed(address)? => read(),
            result => result,
        }
    }

    fn messages(&self, address: u64) -> Result<Header> {
        Header::read(self.metadata.as_ref(), address, self.widths(), HEADER_BYTES)
    }

    /// Hides the attributes of an object whose types are committed ones from the parser, which would refuse the whole object.
    /// Returns whether there are any.
    fn hide_committed(&self, address: u64) -> Result<bool> {
        let header = self.messages(address)?;
        let attributes = committed::hidden(&header);
        let is_any = !attributes.is_empty();
        if let (true, Ok(mut all)) = (is_any, self.committed.lock()) {
            for (at, bytes) in header.without(committed::is_committed) {
                self.replaced.insert(self.base() + at, bytes);
            }
            all.insert(address, attributes);
        }
        Ok(is_any)
    }

    /// The type that an object has, or is.
    fn datatype_at(&self, address: u64) -> Result<DatatypeMessage> {
        let header = self.header(address)?;
        let found = header.messages.iter().find_map(|message| match message {
            HdfMessage::Datatype(datatype) => Some(datatype.clone()),
            _ => None,
        });
        found.ok_or_else(|| malformed("a committed type without a type"))
    }

    /// The bytes of an object's type, also of a committed one.
    fn raw_datatype(&self, address: u64) -> Result<Option<Vec<u8>>> {
        let of = |address| -> Result<Option<Message>> {
            let messages = self.messages(address)?.messages;
            Ok(messages.into_iter().find(|message| message.kind == DATATYPE))
        };
        match of(address)? {
            Some(own) if own.flags & SHARED != 0 => Ok(match committed::address(&own.data, self.widths())? {
                Some(address) => of(address)?.map(|message| message.data),
                None => None,
            }),
            own => Ok(own.map(|message| message.data)),
        }
    }

    fn members(&self, address: u64) -> Result<Arc<Links>> {
        if let Some(found) = self.groups.lock().ok().and_then(|groups| groups.get(&address).cloned()) {
            return Ok(found);
        }
        let found = Arc::new(links(self.metadata.as_ref(), self.widths(), &*self.header(address)?)?);
        if let Ok(mut groups) = self.groups.lock() {
            groups.insert(address, found.clone());
        }
        Ok(found)
    }

    /// The address of a path, and the path with links resolved.
    fn find(&self, path: &str) -> Result<(u64, String)> {
        let missing = |name: &str, known: &Links| {
            Error::unknown("HDF5 object", name, known.iter().map(|(name, _)| name.as_str()))
        };
        let root = self.parser.superblock().root_object_header_address().map_err(parsed)?;
        let mut remaining: Vec<String> = parts(path);
        let mut resolved: Vec<(String, u64)> = Vec::new();
        let mut followed = 0;
        while let Some(name) = remaining.pop() {
            let here = resolved.last().map_or(root, |(_, address)| *address);
            let members = self.members(here)?;
            let Some((_, target)) = members.iter().find(|(member, _)| *member == name) else {
                let at: Vec<&str> =
                    resolved.iter().map(|(name, _)| name.as_str()).chain([name.as_str()]).collect();
                return Err(missing(&at.join("/"), &members));
            };
            match target {
                Target::Address(address) => resolved.push((name, *address)),
                Target::External(file) => {
                    return Err(unsupported(format!(
                        "the link \"{name}\" to another file ({})",
                        printable(file)
                    )));
                }
                Target::Soft(to) => {
                    followed += 1;
                    if followed > MAX_SOFT_LINKS {
                        return Err(malformed(format!(
                            "the soft link \"{name}\" leads through others without an end"
                        )));
                    }
                    if to.starts_with('/') {
                        resolved.clear();
                    }
                    remaining.extend(parts(to));
                }
            }
        }
        let address = resolved.last().map_or(root, |(_, address)| *address);
        let path: Vec<String> = resolved.into_iter().map(|(name, _)| name).collect();
        Ok((address, path.join("/")))
    }

    fn kind(&self, address: u64) -> Kind {
        let Ok(header) = self.header(address) else { return Kind::Unreadable };
        let has = |test: fn(&HdfMessage) -> bool| header.messages.iter().any(test);
        if has(|m| {
            matches!(
                m,
                HdfMessage::SymbolTable(_)
                    | HdfMessage::Link(_)
                    | HdfMessage::LinkInfo(_)
                    | HdfMessage::GroupInfo(_)
            )
        }) {
            Kind::Group
        } else if has(|m| matches!(m, HdfMessage::DataLayout(_) | HdfMessage::Dataspace(_))) {
            Kind::Dataset
        } else if has(|m| matches!(m, HdfMessage::Datatype(_))) {
            Kind::Type
        } else {
            Kind::Unreadable
        }
    }

    /// The kind of a path's object. Errors: `unknown-name`, `unsupported` for a link to another file, `malformed-file`.
    pub fn kind_of(&self, path: &str) -> Result<Kind> {
        self.source.restart_meter();
        let (address, _) = self.find(path)?;
        Ok(self.kind(address))
    }

    /// The members of a group, links followed. Errors: `unknown-name`, `malformed-file`, `unsupported`.
    pub fn list(&self, path: &str) -> Result<Vec<Entry>> {
        self.source.restart_meter();
        let (address, at) = self.find(path)?;
        if self.kind(address) != Kind::Group {
            // Determines whether it is readable.
            self.header(address)?;
            return Err(Error::invalid("path", path, "a group"));
        }
        let members = self.members(address)?;
        let entries = members.iter().map(|(name, target)| {
            let kind = match target {
                Target::Address(address) => self.kind(*address),
                Target::External(_) => Kind::External,
                Target::Soft(_) => match self.find(&format!("{at}/{name}")) {
                    Ok((address, _)) => self.kind(address),
                    Err(Error::Unsupported { .. }) => Kind::External,
                    Err(_) => Kind::Dangling,
                },
            };
            Entry { name: name.clone(), kind }
        });
        Ok(entries.collect())
    }

    /// The attributes of a group or dataset. Errors: `unknown-name`, `malformed-file`, `unsupported`, `too-large`.
    pub fn attributes(&self, path: &str) -> Result<Vec<Attribute>> {
        self.source.restart_meter();
        let (address, _) = self.find(path)?;
        let header = self.header(address)?;
        let mut found: Vec<AttributeMessage> = Vec::new();
        let hidden = self.committed.lock().ok().and_then(|all| all.get(&address).cloned());
        let mut raw = hidden.unwrap_or_default();
        let widths = self.widths();
        for message in &header.messages {
            match message {
                HdfMessage::Attribute(attribute) => found.push(attribute.clone()),
                HdfMessage::AttributeInfo(info)
                    if !Cursor::is_undefined_offset(info.fractal_heap_address, widths.offset) =>
                {
                    let metadata = self.metadata.as_ref();
                    let (heap, index) = (info.fractal_heap_address, info.btree_name_index_address);
                    raw.extend(dense(metadata, widths, heap, index)?);
                }
                _ => {}
            }
        }
        for bytes in raw {
            found.push(committed::parse_attribute(&bytes, widths, |address| self.datatype_at(address))?);
        }
        found.into_iter().map(|message| self.attribute(message)).collect()
    }

    fn attribute(&self, message: AttributeMessage) -> Result<Attribute> {
        let AttributeMessage { name, datatype, dataspace, raw_data } = message;
        let of = Type::of(&datatype, self.offset_size())
            .map_err(|error| named(error, &format!("the attribute \"{}\"", printable(&name))))?;
        let is_null = dataspace.dataspace_type == DataspaceType::Null;
        let count = if is_null {
            0
        } else {
            dataspace.num_elements().map_err(|error| malformed(error.to_string()))?
        };
        let size = of.size(self.offset_size());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let bytes = count.checked_mul(size).and_then(|len| raw_data.get(..len));
        let bytes = bytes.ok_or_else(|| {
            malformed(format!("the attribute \"{}\" is larger than its message", printable(&name)))
        })?;
        let columns = columns(self, &of, bytes, count, &name)?;
        let shape = if is_null { vec![0] } else { dataspace.dims };
        Ok(Attribute { name, shape, of, columns })
    }

    /// # Errors
    /// `unknown-name`, `unsupported` with the name of the filter, type or layout, `malformed-file`.
    pub fn dataset(self: &Arc<Self>, path: &str) -> Result<Dataset> {
        self.source.restart_meter();
        let (address, _) = self.find(path)?;
        let header = self.header(address).map_err(|error| named(error, path))?;
        match self.kind(address) {
            Kind::Dataset => {}
            Kind::Group => return Err(Error::invalid("path", path, "a dataset, not a group")),
            _ => return Err(Error::invalid("path", path, "a dataset")),
        }
        let dataset = Dataset::of(self.clone(), path, &header)?;
        if let Some(raw) = self.raw_datatype(address)? {
            check_numbers(&raw).map_err(|error| named(error, path))?;
        }
        Ok(dataset)
    }
}

/// The components of a path in reverse order.
fn parts(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").rev().map(str::to_string).collect()
}

/// A name from the file, shortened for a message.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// The same error, with the name of the dataset.
pub(super) fn named(error: Error, path: &str) -> Error {
    match error {
        Error::Unsupported { feature, format } => {
            Error::Unsupported { feature: format!("{feature} ({})", printable(path)), format }
        }
        Error::MalformedFile { format, offset, reason } => {
            Error::MalformedFile { format, offset, reason: format!("{}: {reason}", printable(path)) }
        }
        other => other,
    }
}

/// The part of a file after its user block, to which addresses are relative.
struct Based {
    inner: Metadata,
    base: u64,
}

impl Storage for Based {
    fn len(&self) -> u64 {
        self.inner.len().saturating_sub(self.base)
    }

    fn read_range(&self, offset: u64, len: usize) -> hdf5_reader::error::Result<hdf5_reader::StorageBuffer> {
        let at = offset.checked_add(self.base).ok_or(hdf5_reader::error::Error::OffsetOutOfBounds(offset))?;
        self.inner.read_range(at, len)
    }
}
