//! A dataset during writing: rows along the first axis arrive one after another.

use super::chunks::Chunk;
use crate::filters::{self, ecf};
use crate::types::{Text, Type};
use lapicque_base::{Error, Result};

/// The index of a dataset in its writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatasetId(pub(super) usize);

impl DatasetId {
    /// From the number that [`DatasetId::number`] returned.
    pub fn of(number: usize) -> DatasetId {
        DatasetId(number)
    }

    pub fn number(self) -> usize {
        self.0
    }
}

/// The storage layout of the elements.
#[derive(Debug, Clone, PartialEq)]
pub enum Layout {
    /// At one address.
    Whole,
    /// In chunks of a shape; the first axis is unlimited.
    Chunked { shape: Vec<u64>, shuffle: bool, deflate: Option<u32>, ecf: bool },
}

/// The description of a dataset before its elements are written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    pub of: Type,
    /// `None` for no value. With chunks the first length is ignored: it becomes the number of written rows.
    pub shape: Option<Vec<u64>>,
    pub layout: Layout,
}

pub(super) fn invalid(path: &str, got: impl std::fmt::Display, expected: impl Into<String>) -> Error {
    Error::invalid(path, got, expected)
}

impl Spec {
    pub(super) fn check(&self, path: &str) -> Result<()> {
        let axes = self.shape.as_ref().map_or(0, Vec::len);
        if axes > 32 {
            return Err(invalid(path, format!("{axes} axes"), "at most 32 axes"));
        }
        check_type(&self.of, path)?;
        let Layout::Chunked { shape, deflate, ecf, .. } = &self.layout else { return Ok(()) };
        if shape.is_empty() || shape.len() != axes {
            return Err(invalid(
                path,
                format!("chunks {shape:?}"),
                format!("one length for each of {axes} axes, and at least one axis"),
            ));
        }
        let bytes = shape.iter().try_fold(self.of.size(8) as u64, |product, n| product.checked_mul(*n));
        if shape.contains(&0) || bytes.is_none_or(|bytes| bytes > 1 << 30) {
            return Err(invalid(path, format!("chunks {shape:?}"), "chunks of 1 byte to 1 GiB"));
        }
        if deflate.is_some_and(|level| level > 9) {
            return Err(invalid(path, deflate.unwrap_or(0), "a level of deflate from 0 to 9"));
        }
        let is_record = self.of.size(8) == ecf::RECORD && axes == 1 && shape[0] <= ecf::MAX_EVENTS as u64;
        if *ecf && !is_record {
            return Err(invalid(path, "ecf", "one axis of records of 16 bytes, in chunks of at most 65535"));
        }
        Ok(())
    }
}

fn check_type(of: &Type, path: &str) -> Result<()> {
    let refused = |got: &str, expected: &str| Err(invalid(path, got, expected));
    match of {
        Type::Int { big: true, .. } | Type::Float { big: true, .. } => {
            refused("big-endian", "little-endian numbers")
        }
        Type::Int { size: 1 | 2 | 4 | 8, .. } | Type::Float { size: 2 | 4 | 8, .. } => Ok(()),
        Type::Text(Text::Fixed(0, _)) => refused("texts of 0 bytes", "texts of at least one byte"),
        Type::Text(_) => Ok(()),
        Type::Enum { of: base, names } => {
            let is_named = names.iter().all(|(name, _)| !name.is_empty() && !name.contains('\0'));
            if !is_named {
                refused("an enumeration", "names of at least one character")
            } else {
                check_type(base, path)
            }
        }
        Type::Rows(row) if matches!(**row, Type::Int { .. } | Type::Float { .. }) => check_type(row, path),
        Type::Array { shape, of }
            if !shape.contains(&0) && matches!(**of, Type::Int { .. } | Type::Float { .. }) =>
        {
            check_type(of, path)
        }
        Type::Compound { size, fields } => {
            for field in fields {
                if field.name.is_empty() || field.name.contains('\0') {
                    return refused("a member without a name", "names of at least one character");
                }
                if matches!(field.of, Type::Text(Text::Variable) | Type::Rows(_)) {
                    return refused("a member of variable length", "members of fixed length");
                }
                if field.offset + field.of.size(8) > *size {
                    return refused("a member outside its compound type", "members that lie inside");
                }
                check_type(&field.of, path)?;
            }
            if fields.is_empty() || *size > 1 << 16 {
                refused("a compound type", "1 byte to 64 KiB of members")
            } else {
                Ok(())
            }
        }
        _ => refused(&of.name(), "numbers, texts, enumerations, compound types, arrays and rows of numbers"),
    }
}

/// A dataset under construction.
pub(super) struct Data {
    pub(super) path: String,
    pub(super) spec: Spec,
    /// Number of rows along the first axis so far.
    pub(super) rows: u64,
    /// Rows that are not in a chunk yet.
    pending: Vec<u8>,
    /// The address, for contiguous data.
    pub(super) address: Option<u64>,
    pub(super) written: u64,
    pub(super) chunks: Vec<Chunk>,
}

impl Data {
    pub(super) fn new(path: String, spec: Spec) -> Data {
        Data { path, spec, rows: 0, pending: Vec::new(), address: None, written: 0, chunks: Vec::new() }
    }

    /// Bytes of a row: all axes but the first.
    pub(super) fn row_bytes(&self) -> usize {
        let axes = self.spec.shape.as_deref().unwrap_or_default();
        axes.iter().skip(1).fold(self.spec.of.size(8), |product, n| product.saturating_mul(*n as usize))
    }

    /// The final shape of the dataset.
    pub(super) fn shape(&self) -> Option<Vec<u64>> {
        let mut shape = self.spec.shape.clone()?;
        if matches!(self.spec.layout, Layout::Chunked { .. }) {
            shape[0] = self.rows;
        }
        Some(shape)
    }

    pub(super) fn grid(&self) -> Vec<u64> {
        let Layout::Chunked { shape: chunk, .. } = &self.spec.layout else { return Vec::new() };
        self.shape()
            .unwrap_or_default()
            .iter()
            .zip(chunk)
            .map(|(length, chunk)| length.div_ceil(*chunk))
            .collect()
    }

    /// Adds rows of a chunked dataset; returns completed, packed chunks with their indices.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<Vec<(u64, Vec<u8>)>> {
        let row = self.row_bytes();
        self.pending.extend_from_slice(bytes);
        let Layout::Chunked { shape, .. } = &self.spec.layout else { return Ok(Vec::new()) };
        let slab = row * shape[0] as usize;
        let mut ready = Vec::new();
        let mut from = 0;
        while slab > 0 && self.pending.len() - from >= slab {
            ready.extend(self.cut(&self.pending[from..from + slab], self.rows / shape[0])?);
            self.rows += shape[0];
            from += slab;
        }
        self.pending.drain(..from);
        Ok(ready)
    }

    /// The last chunks, padded with zeros.
    pub(super) fn end(&mut self) -> Result<Vec<(u64, Vec<u8>)>> {
        let row = self.row_bytes();
        let Layout::Chunked { shape, .. } = &self.spec.layout else { return Ok(Vec::new()) };
        if self.pending.is_empty() || row == 0 {
            return Ok(Vec::new());
        }
        let first = self.rows / shape[0];
        let rows = (self.pending.len() / row) as u64;
        let mut slab = std::mem::take(&mut self.pending);
        slab.resize(row * shape[0] as usize, 0);
        let ready = self.cut(&slab, first)?;
        self.rows += rows;
        Ok(ready)
    }

    /// Divides as many rows as a chunk has into chunks and packs them.
    fn cut(&self, slab: &[u8], first: u64) -> Result<Vec<(u64, Vec<u8>)>> {
        let Layout::Chunked { shape: chunk, .. } = &self.spec.layout else { return Ok(Vec::new()) };
        let lengths = self.spec.shape.as_deref().unwrap_or_default();
        let size = self.spec.of.size(8);
        let axes = lengths.len();
        if axes == 1 || lengths[1..] == chunk[1..] {
            return Ok(vec![(first, self.pack(slab.to_vec())?)]);
        }
        let grid: Vec<u64> =
            lengths.iter().zip(chunk).map(|(length, chunk)| length.div_ceil(*chunk)).collect();
        let across: u64 = grid[1..].iter().product();
        let mut ready = Vec::new();
        for number in 0..across {
            let mut at = vec![0_u64; axes];
            let mut rest = number;
            for axis in (1..axes).rev() {
                at[axis] = rest % grid[axis] * chunk[axis];
                rest /= grid[axis];
            }
            let mut out = vec![0; chunk.iter().product::<u64>() as usize * size];
            let last = axes - 1;
            let run = chunk[last].min(lengths[last] - at[last]) as usize * size;
            let outer: u64 = chunk[..last].iter().product();
            for i in 0..outer {
                let (mut rest, mut within) = (i, vec![0_u64; axes]);
                for axis in (0..last).rev() {
                    within[axis] = rest % chunk[axis];
                    rest /= chunk[axis];
                }
                if (1..last).any(|axis| at[axis] + within[axis] >= lengths[axis]) {
                    continue;
                }
                let mut from = within[0];
                for axis in 1..axes {
                    from = from * lengths[axis] + at[axis] + within[axis];
                }
                let to = i as usize * chunk[last] as usize * size;
                out[to..to + run].copy_from_slice(&slab[from as usize * size..from as usize * size + run]);
            }
            ready.push((first * across + number, self.pack(out)?));
        }
        Ok(ready)
    }

    fn pack(&self, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let Layout::Chunked { shuffle, deflate, ecf, .. } = &self.spec.layout else { return Ok(bytes) };
        let mut bytes = bytes;
        if *ecf {
            bytes = ecf::encode(&bytes, &self.path)?;
        }
        if *shuffle {
            bytes = filters::shuffle(&bytes, self.spec.of.size(8));
        }
        if let Some(level) = deflate {
            bytes = filters::deflate(&bytes, *level)?;
        }
        Ok(bytes)
    }

    /// The filters with their parameters, for the file.
    pub(super) fn filters(&self) -> Vec<(u16, Vec<u32>)> {
        let Layout::Chunked { shuffle, deflate, ecf, .. } = &self.spec.layout else { return Vec::new() };
        let size = self.spec.of.size(8) as u32;
        let ecf = ecf.then(|| (filters::ECF, Vec::new()));
        let shuffle = shuffle.then(|| (filters::SHUFFLE, vec![size]));
        let deflate = deflate.map(|level| (filters::DEFLATE, vec![level]));
        ecf.into_iter().chain(shuffle).chain(deflate).collect()
    }
}
