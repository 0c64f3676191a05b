//! Chunked datasets: the location of each chunk, and the elements of the chunks that overlap a slice.

use super::dataset::{Filter, Part, Slice};
use super::file::File;
use crate::fault::{malformed, parsed};
use hdf5_reader::btree_v1::{BTreeV1Key, collect_btree_v1_leaves_storage};
use hdf5_reader::chunk_index::{ChunkEntry, collect_v2_chunk_entries_storage};
use hdf5_reader::extensible_array::collect_extensible_array_chunk_entries_storage;
use hdf5_reader::fixed_array::collect_fixed_array_chunk_entries_storage;
use hdf5_reader::io::Cursor;
use hdf5_reader::messages::layout::ChunkIndexing;
use lapicque_base::{Error, Result};
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The largest chunk that HDF5 allows.
const LARGEST: u64 = u32::MAX as u64;

/// Maximum bytes of chunks that are decoded concurrently.
const TOGETHER_BYTES: u64 = 8 << 20;

#[derive(Debug, Clone, Copy)]
struct Chunk {
    address: u64,
    size: u64,
    mask: u32,
}

/// Chunks by their index in the grid.
type Index = HashMap<u64, Chunk>;

pub(super) struct Chunks {
    address: u64,
    shape: Vec<u64>,
    dims: Vec<u32>,
    indexing: Option<ChunkIndexing>,
    /// The shape of the dataset.
    extent: Vec<u64>,
    max_extent: Option<Vec<u64>>,
    grid: Vec<u64>,
    bytes: u64,
    index: OnceLock<Result<Arc<Index>>>,
}

/// Decodes the bytes of a chunk to this number of bytes, by all filters except those in the mask.
type Decode<'a> = dyn Fn(&[u8], u32, usize) -> Result<Vec<u8>> + Sync + 'a;

impl Chunks {
    pub(super) fn new(
        address: u64,
        dims: &[u32],
        indexing: Option<ChunkIndexing>,
        extent: &[u64],
        max_extent: Option<Vec<u64>>,
        size: usize,
    ) -> Result<Chunks> {
        if dims.contains(&0) || dims.is_empty() {
            return Err(malformed(format!("chunks of shape {dims:?}")));
        }
        let bytes = dims.iter().try_fold(size as u64, |product, n| product.checked_mul(u64::from(*n)));
        let bytes =
            bytes.filter(|bytes| *bytes <= LARGEST).ok_or_else(|| malformed("chunks of more than 4 GiB"))?;
        let shape: Vec<u64> = dims.iter().map(|n| u64::from(*n)).collect();
        let grid: Vec<u64> =
            extent.iter().zip(&shape).map(|(length, chunk)| length.div_ceil(*chunk)).collect();
        if grid.iter().try_fold(1_u64, |product, n| product.checked_mul(*n)).is_none() {
            return Err(malformed("more chunks than can be counted"));
        }
        let (dims, extent) = (dims.to_vec(), extent.to_vec());
        Ok(Chunks { address, shape, dims, indexing, extent, max_extent, grid, bytes, index: OnceLock::new() })
    }

    pub(super) fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Bytes of one decoded chunk.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn number(&self, at: &[u64]) -> u64 {
        at.iter().zip(&self.grid).fold(0, |number, (at, length)| number * length + at)
    }

    fn index(&self, file: &File, is_filtered: bool) -> Result<Arc<Index>> {
        self.index.get_or_init(|| self.read_index(file, is_filtered).map(Arc::new)).clone()
    }

    fn read_index(&self, file: &File, is_filtered: bool) -> Result<Index> {
        let widths = file.widths();
        let (offset, length) = (widths.offset, widths.length);
        let mut index = Index::new();
        if Cursor::is_undefined_offset(self.address, offset) {
            return Ok(index);
        }
        let storage = file.metadata.as_ref();
        let axes = self.shape.len();
        let entries: Vec<ChunkEntry> = match &self.indexing {
            None => {
                let count = Some(axes as u32);
                let leaves = collect_btree_v1_leaves_storage(
                    storage,
                    self.address,
                    offset,
                    length,
                    count,
                    &self.dims,
                    None,
                );
                let entry = |(key, address): (BTreeV1Key, u64)| match key {
                    BTreeV1Key::RawData { chunk_size, filter_mask, mut offsets } => {
                        offsets.truncate(axes);
                        Ok(ChunkEntry { address, size: u64::from(chunk_size), filter_mask, offsets })
                    }
                    BTreeV1Key::Group { .. } => {
                        Err(malformed("a B-tree of groups where one of chunks should be"))
                    }
                };
                leaves.map_err(parsed)?.into_iter().map(entry).collect::<Result<_>>()?
            }
            Some(ChunkIndexing::SingleChunk { filtered_size, filters }) => {
                let size = if is_filtered { *filtered_size } else { 0 };
                vec![ChunkEntry {
                    address: self.address,
                    size,
                    filter_mask: *filters,
                    offsets: vec![0; axes],
                }]
            }
            // Needs no table: the chunks are contiguous.
            Some(ChunkIndexing::Implicit) => Vec::new(),
            Some(ChunkIndexing::BTreeV2) => collect_v2_chunk_entries_storage(
                storage,
                self.address,
                offset,
                length,
                axes as u32,
                &self.dims,
                None,
            )
            .map_err(parsed)?,
            Some(ChunkIndexing::FixedArray { .. }) => collect_fixed_array_chunk_entries_storage(
                storage,
                self.address,
                offset,
                length,
                &self.extent,
                &self.dims,
                None,
            )
            .map_err(parsed)?,
            Some(ChunkIndexing::ExtensibleArray { .. }) => collect_extensible_array_chunk_entries_storage(
                storage,
                self.address,
                offset,
                length,
                &self.extent,
                self.max_extent.as_deref(),
                &self.dims,
                None,
            )
            .map_err(parsed)?,
        };
        for ChunkEntry { address, size, filter_mask, offsets } in entries {
            if Cursor::is_undefined_offset(address, offset) {
                continue;
            }
            if offsets.len() != axes || offsets.iter().zip(&self.shape).any(|(at, length)| at % length != 0) {
                return Err(malformed(format!(
                    "a chunk at {offsets:?}, which no chunk of {:?} begins at",
                    self.shape
                )));
            }
            let at: Vec<u64> = offsets.iter().zip(&self.shape).map(|(at, length)| at / length).collect();
            // A dataset that was shrunk may still have chunks outside of its shape.
            if at.iter().zip(&self.grid).any(|(at, length)| at >= length) {
                continue;
            }
            let size = if size == 0 && !is_filtered { self.bytes } else { size };
            if index.insert(self.number(&at), Chunk { address, size, mask: filter_mask }).is_some() {
                return Err(malformed(format!("two chunks at {offsets:?}")));
            }
        }
        Ok(index)
    }

    fn chunk(&self, index: &Index, number: u64) -> Option<Chunk> {
        match self.indexing {
            Some(ChunkIndexing::Implicit) => {
                let address = number.checked_mul(self.bytes).and_then(|at| at.checked_add(self.address))?;
                Some(Chunk { address, size: self.bytes, mask: 0 })
            }
            _ => index.get(&number).copied(),
        }
    }

    /// Copies the elements of a slice into `into`, which is prefilled with the fill value for missing chunks.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn read(
        &self,
        file: &File,
        slice: &Slice,
        size: usize,
        filters: &[Filter],
        decode: &Decode,
        check: &(dyn Fn() -> Result<()> + Sync),
        into: &mut [u8],
    ) -> Result<()> {
        let index = self.index(file, !filters.is_empty())?;
        let first: Vec<u64> =
            slice.start.iter().zip(&self.shape).map(|(start, chunk)| start / chunk).collect();
        let ends = slice.start.iter().zip(&slice.count);
        let count: Vec<u64> = ends
            .zip(&self.shape)
            .zip(&first)
            .map(|(((start, count), chunk), first)| (start + count).div_ceil(*chunk) - first)
            .collect();
        let total: u64 = count.iter().product();
        let mut step = vec![0_u64; first.len()];
        let mut next = (0..total).filter_map(|_| {
            let grid_index: Vec<u64> = step.iter().zip(&first).map(|(step, first)| step + first).collect();
            for axis in (0..step.len()).rev() {
                step[axis] += 1;
                if step[axis] < count[axis] {
                    break;
                }
                step[axis] = 0;
            }
            let chunk = self.chunk(&index, self.number(&grid_index))?;
            Some((grid_index, chunk))
        });
        let together = (TOGETHER_BYTES / self.bytes.max(1)).clamp(1, 64) as usize;
        loop {
            check()?;
            let some: Vec<(Vec<u64>, Chunk)> = next.by_ref().take(together).collect();
            if some.is_empty() {
                return Ok(());
            }
            let decoded: Vec<(Vec<u64>, Vec<u8>)> = some
                .into_par_iter()
                .map(|(grid_index, chunk)| Ok((grid_index, self.load(file, chunk, filters, decode)?)))
                .collect::<Result<_>>()?;
            for (grid_index, bytes) in decoded {
                let origin: Vec<u64> =
                    grid_index.iter().zip(&self.shape).map(|(at, length)| at * length).collect();
                Part { origin: &origin, shape: &self.shape, bytes: &bytes }.copy(slice, size, into)?;
            }
        }
    }

    fn load(&self, file: &File, chunk: Chunk, filters: &[Filter], decode: &Decode) -> Result<Vec<u8>> {
        let at =
            chunk.address.checked_add(file.base()).ok_or_else(|| malformed("a chunk outside the file"))?;
        let size = usize::try_from(chunk.size).unwrap_or(usize::MAX);
        let stored = file.source.data(at, size)?;
        let bytes = self.bytes as usize;
        if filters.is_empty() {
            let whole = stored.get(..bytes);
            return Ok(whole.ok_or_else(|| short(bytes, stored.len()))?.to_vec());
        }
        let decoded = decode(&stored, chunk.mask, bytes)?;
        if decoded.len() < bytes { Err(short(bytes, decoded.len())) } else { Ok(decoded) }
    }
}

fn short(needed: usize, got: usize) -> Error {
    malformed(format!("a chunk of {got} bytes, where its shape needs {needed}"))
}
