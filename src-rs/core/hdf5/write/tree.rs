//! The tree of a file during writing, and the file itself.

use super::chunks::{self, Chunk};
use super::data::{Data, DatasetId, Layout, Spec, invalid};
use super::heap::Heap;
use super::messages::{self, Message, UNDEFINED, message};
use crate::types::{Text, Type};
use lapicque_base::{Error, Result};
use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom, Write};

/// The destination of a file.
pub trait Sink: Write + Seek + Send {}

impl<T: Write + Seek + Send> Sink for T {}

const SUPERBLOCK: u64 = 48;

struct Attribute {
    name: String,
    of: Type,
    shape: Option<Vec<u64>>,
    data: Vec<u8>,
}

/// A group or dataset of the tree.
#[derive(Default)]
struct Node {
    /// In the order of names, as readers list them.
    members: BTreeMap<String, Node>,
    dataset: Option<usize>,
    /// In the order of creation.
    attributes: Vec<Attribute>,
}

impl Node {
    fn at(&mut self, path: &str) -> Result<&mut Node> {
        let mut node = self;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if node.dataset.is_some() {
                return Err(invalid(path, "a dataset on the way", "a path through groups"));
            }
            if name == "." || name.contains('\0') || name.len() > 1024 {
                return Err(invalid(path, format!("\"{name}\""), "names of 1 to 1024 bytes, not \".\""));
            }
            node = node.members.entry(name.to_string()).or_default();
        }
        Ok(node)
    }
}

/// Writes one file. It cannot be read before `finish`.
pub struct Writer {
    sink: Box<dyn Sink>,
    path: String,
    at: u64,
    root: Node,
    data: Vec<Data>,
    heap: Heap,
}

impl Writer {
    /// `path` is for messages. Errors: `io`.
    pub fn new(sink: Box<dyn Sink>, path: &str) -> Result<Writer> {
        let mut writer = Writer {
            sink,
            path: path.into(),
            at: 0,
            root: Node::default(),
            data: Vec::new(),
            heap: Heap::default(),
        };
        writer.append_bytes(&[0; SUPERBLOCK as usize])?;
        Ok(writer)
    }

    fn io(&self, error: std::io::Error) -> Error {
        Error::Io { path: self.path.clone(), reason: error.to_string() }
    }

    /// Appends bytes at an address that is a multiple of 8.
    fn append_bytes(&mut self, bytes: &[u8]) -> Result<u64> {
        let at = self.at;
        self.sink.write_all(bytes).map_err(|error| self.io(error))?;
        let padding = bytes.len().next_multiple_of(8) - bytes.len();
        self.sink.write_all(&[0; 8][..padding]).map_err(|error| self.io(error))?;
        self.at += (bytes.len() + padding) as u64;
        Ok(at)
    }

    /// Creates a group and its parents. An existing group stays unchanged.
    pub fn group(&mut self, path: &str) -> Result<()> {
        let node = self.root.at(path)?;
        if node.dataset.is_some() { Err(invalid(path, "a dataset", "a group")) } else { Ok(()) }
    }

    /// An attribute with numbers, of an existing group or dataset, encoded as its type. Errors: `invalid-parameter`.
    pub fn attribute(
        &mut self,
        path: &str,
        name: &str,
        of: Type,
        shape: Option<Vec<u64>>,
        data: Vec<u8>,
    ) -> Result<()> {
        let count = shape
            .as_ref()
            .map_or(Some(0), |shape| shape.iter().try_fold(1_u64, |product, n| product.checked_mul(*n)));
        let needed = count.and_then(|count| count.checked_mul(of.size(8) as u64));
        if needed != Some(data.len() as u64) {
            return Err(invalid(
                name,
                format!("{} bytes", data.len()),
                format!("the bytes of shape {shape:?}"),
            ));
        }
        if name.is_empty() || name.contains('\0') || name.len() > 1024 {
            return Err(invalid(path, format!("the attribute \"{name}\""), "names of 1 to 1024 bytes"));
        }
        let node = self.root.at(path)?;
        node.attributes.retain(|attribute| attribute.name != name);
        node.attributes.push(Attribute { name: name.into(), of, shape, data });
        Ok(())
    }

    /// An attribute that is a string or a list of strings.
    pub fn text_attribute(
        &mut self,
        path: &str,
        name: &str,
        shape: Vec<u64>,
        texts: &[String],
    ) -> Result<()> {
        let data = self.references(texts.iter().map(|text| (text.as_bytes(), text.len())))?;
        self.attribute(path, name, Type::Text(Text::Variable), Some(shape), data)
    }

    /// Starts a dataset, whose elements follow. Errors: `invalid-parameter` for a path that exists, or a type that cannot be
    /// written.
    pub fn dataset(&mut self, path: &str, spec: Spec) -> Result<DatasetId> {
        spec.check(path)?;
        let id = self.data.len();
        let node = self.root.at(path)?;
        if node.dataset.is_some() || !node.members.is_empty() || path.split('/').all(str::is_empty) {
            return Err(invalid(path, "a path that exists already", "a unique path for each dataset"));
        }
        node.dataset = Some(id);
        self.data.push(Data::new(path.to_string(), spec));
        Ok(DatasetId(id))
    }

    fn dataset_mut(&mut self, id: DatasetId) -> Result<&mut Data> {
        self.data.get_mut(id.0).ok_or_else(|| invalid("dataset", id.0, "a dataset of this writer"))
    }

    /// Appends elements to a dataset, encoded as its type, in whole rows. Errors: `io`, `invalid-parameter`.
    pub fn append(&mut self, id: DatasetId, bytes: &[u8]) -> Result<()> {
        let data = self.dataset_mut(id)?;
        let row = data.row_bytes();
        let path = data.path.clone();
        if matches!(data.spec.layout, Layout::Chunked { .. }) {
            if row == 0 || !bytes.len().is_multiple_of(row) {
                return Err(invalid(&path, format!("{} bytes", bytes.len()), format!("whole rows of {row}")));
            }
            let chunks = data.take(bytes)?;
            return self.write_chunks(id, chunks);
        }
        // Contiguous data must not be interleaved with others.
        let address = data.address;
        let end = data.written + bytes.len() as u64;
        let start = match address {
            Some(start) if start + data.written == self.at => start,
            Some(_) => {
                return Err(invalid(
                    &path,
                    "elements after those of another dataset",
                    "all elements of a dataset without chunks in one go",
                ));
            }
            None => {
                self.align()?;
                self.at
            }
        };
        self.sink.write_all(bytes).map_err(|error| self.io(error))?;
        self.at += bytes.len() as u64;
        let data = self.dataset_mut(id)?;
        (data.address, data.written) = (Some(start), end);
        Ok(())
    }

    /// Appends elements by columns: one for each member of a compound type, with the same number of values.
    pub fn append_columns(&mut self, id: DatasetId, columns: &[&[u8]]) -> Result<()> {
        let data = self.dataset_mut(id)?;
        let Type::Compound { size, fields } = &data.spec.of else {
            return match columns {
                [all] => self.append(id, all),
                _ => {
                    Err(invalid(&data.path.clone(), format!("{} columns", columns.len()), "one, of numbers"))
                }
            };
        };
        let widths: Vec<(usize, usize)> =
            fields.iter().map(|field| (field.offset, field.of.size(8))).collect();
        let counts: Vec<usize> =
            columns.iter().zip(&widths).map(|(column, (_, width))| column.len() / width).collect();
        let count = counts.first().copied().unwrap_or(0);
        let fits = columns.len() == widths.len()
            && columns.iter().zip(&widths).all(|(column, (_, width))| column.len() == count * width);
        if !fits {
            let expected = format!("as many values in each of the {} members", widths.len());
            return Err(invalid(&data.path.clone(), format!("columns of {counts:?} values"), expected));
        }
        let mut records = lapicque_base::error::try_vec(&data.path, count.saturating_mul(*size), 0_u8)?;
        for (column, (offset, width)) in columns.iter().zip(&widths) {
            for (record, value) in records.chunks_exact_mut(*size).zip(column.chunks_exact(*width)) {
                record[*offset..offset + width].copy_from_slice(value);
            }
        }
        self.append(id, &records)
    }

    /// Appends strings.
    pub fn append_texts(&mut self, id: DatasetId, texts: &[String]) -> Result<()> {
        match self.dataset_mut(id)?.spec.of {
            Type::Text(Text::Variable) => {
                let references = self.references(texts.iter().map(|text| (text.as_bytes(), text.len())))?;
                self.append(id, &references)
            }
            Type::Text(Text::Fixed(size, _)) => {
                let mut bytes = Vec::new();
                for text in texts {
                    if text.len() > size {
                        let path = self.dataset_mut(id)?.path.clone();
                        return Err(invalid(
                            &path,
                            format!("a text of {} bytes", text.len()),
                            format!("texts of at most {size}"),
                        ));
                    }
                    bytes.extend_from_slice(text.as_bytes());
                    bytes.resize(bytes.len() + size - text.len(), 0);
                }
                self.append(id, &bytes)
            }
            _ => Err(invalid("texts", "texts", "elements of the dataset's type")),
        }
    }

    /// Appends rows of numbers, which are consecutive in `bytes`.
    pub fn append_rows(&mut self, id: DatasetId, bytes: &[u8], lengths: &[u32]) -> Result<()> {
        let data = self.dataset_mut(id)?;
        let Type::Rows(row) = &data.spec.of else {
            return Err(invalid(&data.path.clone(), "rows", "elements of the dataset's type"));
        };
        let size = row.size(8);
        let needed: u64 = lengths.iter().map(|length| u64::from(*length) * size as u64).sum();
        if needed != bytes.len() as u64 {
            return Err(invalid(
                &data.path.clone(),
                format!("{} bytes", bytes.len()),
                format!("{needed} for these lengths"),
            ));
        }
        let mut rest = bytes;
        let rows = lengths.iter().map(|length| {
            let (row, behind) = rest.split_at(*length as usize * size);
            rest = behind;
            (row, *length as usize)
        });
        let references = self.references(rows)?;
        self.append(id, &references)
    }

    /// Adds objects to the heap; each has a number of elements for its reference.
    fn references<'a>(&mut self, objects: impl Iterator<Item = (&'a [u8], usize)>) -> Result<Vec<u8>> {
        let mut references = Vec::new();
        for (bytes, count) in objects {
            let count =
                u32::try_from(count).map_err(|_| invalid("a row", count, "at most 4294967295 elements"))?;
            if bytes.is_empty() {
                // Empty rows need no object.
                references.extend_from_slice(&[0; 16]);
                continue;
            }
            if !self.heap.fits(bytes.len()) {
                self.flush_heap()?;
                let capacity = self.heap.begin(self.at, bytes.len());
                self.move_to(self.at + capacity as u64)?;
            }
            let index = self.heap.push(bytes);
            references.extend_from_slice(&count.to_le_bytes());
            references.extend_from_slice(&self.heap.address.to_le_bytes());
            references.extend_from_slice(&index.to_le_bytes());
        }
        Ok(references)
    }

    /// Writes the current collection to its address.
    fn flush_heap(&mut self) -> Result<()> {
        if let Some(bytes) = self.heap.bytes() {
            let end = self.at;
            self.sink.seek(SeekFrom::Start(self.heap.address)).map_err(|error| self.io(error))?;
            self.sink.write_all(&bytes).map_err(|error| self.io(error))?;
            self.move_to(end)?;
        }
        Ok(())
    }

    fn move_to(&mut self, at: u64) -> Result<()> {
        self.at = at;
        self.sink.seek(SeekFrom::Start(at)).map(|_| ()).map_err(|error| self.io(error))
    }

    /// Pads to a multiple of 8, because contiguous elements may end anywhere.
    fn align(&mut self) -> Result<()> {
        self.move_to(self.at.next_multiple_of(8))
    }

    fn write_chunks(&mut self, id: DatasetId, chunks: Vec<(u64, Vec<u8>)>) -> Result<()> {
        for (number, bytes) in chunks {
            let address = self.append_bytes(&bytes)?;
            self.dataset_mut(id)?.chunks.push(Chunk { address, size: bytes.len() as u32, number });
        }
        Ok(())
    }

    /// Writes the metadata, and returns the sink. Errors: `io`, `invalid-parameter` for a dataset with too few elements.
    pub fn finish(mut self) -> Result<Box<dyn Sink>> {
        for i in 0..self.data.len() {
            let chunks = self.data[i].end()?;
            self.write_chunks(DatasetId(i), chunks)?;
        }
        self.flush_heap()?;
        let root = std::mem::take(&mut self.root);
        let root = self.write_node(&root)?;
        let superblock = messages::superblock(root, self.at);
        self.sink.seek(SeekFrom::Start(0)).map_err(|error| self.io(error))?;
        self.sink.write_all(&superblock).map_err(|error| self.io(error))?;
        self.sink.flush().map_err(|error| self.io(error))?;
        Ok(self.sink)
    }

    fn write_node(&mut self, node: &Node) -> Result<u64> {
        let mut found: Vec<Message> = match node.dataset {
            Some(id) => self.describe(id)?,
            None => {
                let mut found = vec![message(2, messages::link_info()), message(10, vec![0, 0])];
                for (name, member) in &node.members {
                    let address = self.write_node(member)?;
                    found.push(message(6, messages::link(name, address)));
                }
                found
            }
        };
        for Attribute { name, of, shape, data } in &node.attributes {
            found.push(message(12, messages::attribute(name, of, shape.as_deref(), data)));
        }
        let header = messages::header(&found)?;
        self.align()?;
        self.append_bytes(&header)
    }

    fn describe(&mut self, id: usize) -> Result<Vec<Message>> {
        let data = &self.data[id];
        let shape = data.shape();
        let size = data.spec.of.size(8);
        let elements: u64 = shape.as_ref().map_or(0, |shape| shape.iter().product());
        let mut found = vec![message(3, messages::datatype(&data.spec.of))];
        match &data.spec.layout {
            Layout::Whole => {
                let needed = elements * size as u64;
                if data.written != needed {
                    return Err(invalid(
                        &data.path,
                        format!("{} bytes", data.written),
                        format!("the {needed} bytes of its shape"),
                    ));
                }
                found.insert(0, message(1, messages::dataspace(shape.as_deref(), None)));
                found.push(message(5, messages::fill_value(false)));
                let address = if needed == 0 { UNDEFINED } else { data.address.unwrap_or(UNDEFINED) };
                found.push(message(8, messages::contiguous(address, needed)));
            }
            Layout::Chunked { shape: chunk, .. } => {
                let (chunk, filters) = (chunk.clone(), data.filters());
                let (nodes, root) =
                    chunks::index(&data.chunks, &chunk, &data.grid(), self.at.next_multiple_of(8));
                let mut most = shape.clone().unwrap_or_default();
                most[0] = u64::MAX;
                found.insert(0, message(1, messages::dataspace(shape.as_deref(), Some(&most))));
                found.push(message(5, messages::fill_value(true)));
                found.push(message(8, messages::chunked(root, &chunk, size)));
                if !filters.is_empty() {
                    found.push(message(11, messages::filters(&filters)));
                }
                self.align()?;
                self.append_bytes(&nodes)?;
            }
        }
        Ok(found)
    }
}
