//! The global heap: variable-length rows and strings.

use super::file::File;
use crate::fault::{malformed, malformed_at, parsed};
use hdf5_reader::StorageBuffer;
use hdf5_reader::storage::Storage;
use lapicque_base::Result;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

/// Maximum bytes of cached collections.
const KEPT_BYTES: usize = 16 << 20;

/// A collection of the heap, with the location of each object in it.
struct Collection {
    bytes: StorageBuffer,
    objects: HashMap<u16, (usize, usize)>,
}

#[derive(Default)]
struct Kept {
    collections: HashMap<u64, Arc<Collection>>,
    order: VecDeque<u64>,
    bytes: usize,
}

#[derive(Default)]
pub(crate) struct Heap(Mutex<Kept>);

/// The reference to a row, as stored in a dataset.
pub(crate) struct Reference {
    pub(crate) count: usize,
    address: u64,
    index: u32,
}

impl Reference {
    pub(crate) fn of(bytes: &[u8], offset_size: usize) -> Reference {
        let number = |from: usize, len: usize| {
            let mut eight = [0; 8];
            eight[..len].copy_from_slice(&bytes[from..from + len]);
            u64::from_le_bytes(eight)
        };
        let count = number(0, 4) as usize;
        Reference { count, address: number(4, offset_size), index: number(4 + offset_size, 4) as u32 }
    }

    /// Whether the row was never written.
    fn is_nothing(&self) -> bool {
        self.index == 0 || self.address == 0
    }
}

impl File {
    /// Calls `with` with the bytes of a row of elements of `size` bytes.
    pub(super) fn row<R>(
        &self,
        reference: &Reference,
        size: usize,
        with: impl FnOnce(&[u8]) -> Result<R>,
    ) -> Result<R> {
        if reference.is_nothing() || reference.count == 0 {
            return with(&[]);
        }
        let collection = self.collection(reference.address)?;
        let index = u16::try_from(reference.index).ok();
        let object = index.and_then(|index| collection.objects.get(&index));
        let (from, len) =
            object.ok_or_else(|| malformed_at(reference.address, "a row that its heap does not have"))?;
        let needed = reference.count.checked_mul(size).filter(|needed| needed <= len);
        let needed =
            needed.ok_or_else(|| malformed_at(reference.address, "a row longer than its heap has it"))?;
        with(&collection.bytes[*from..from + needed])
    }

    fn collection(&self, address: u64) -> Result<Arc<Collection>> {
        if let Some(found) = self.heap.0.lock().ok().and_then(|kept| kept.collections.get(&address).cloned())
        {
            return Ok(found);
        }
        let collection = Arc::new(read(self.metadata.as_ref(), address, usize::from(self.widths().length))?);
        let size = collection.bytes.len() + 32 * collection.objects.len();
        if let Ok(mut kept) = self.heap.0.lock() {
            while kept.bytes + size > KEPT_BYTES
                && let Some(oldest) = kept.order.pop_front()
            {
                if let Some(gone) = kept.collections.remove(&oldest) {
                    kept.bytes -= gone.bytes.len() + 32 * gone.objects.len();
                }
            }
            if kept.bytes + size <= KEPT_BYTES
                && kept.collections.insert(address, collection.clone()).is_none()
            {
                kept.order.push_back(address);
                kept.bytes += size;
            }
        }
        Ok(collection)
    }
}

fn read(storage: &dyn Storage, address: u64, length: usize) -> Result<Collection> {
    let head = storage.read_range(address, 8 + length).map_err(parsed)?;
    if &head[..4] != b"GCOL" || head[4] != 1 {
        return Err(malformed_at(address, "no global heap where a row refers to one"));
    }
    let number = |bytes: &[u8]| {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        usize::try_from(u64::from_le_bytes(eight)).unwrap_or(usize::MAX)
    };
    let size = number(&head[8..]);
    let bytes = storage.read_range(address, size).map_err(parsed)?;
    let mut objects = HashMap::new();
    let mut at = 8 + length;
    let entry = 8 + length;
    while at + entry <= bytes.len() {
        let index = u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        if index == 0 {
            break;
        }
        let len = number(&bytes[at + 8..at + entry]);
        let from = at + entry;
        if len > bytes.len() - from {
            return Err(malformed("an object of a global heap is larger than the heap"));
        }
        objects.entry(index).or_insert((from, len));
        at = from.saturating_add(len.next_multiple_of(8));
    }
    Ok(Collection { bytes, objects })
}
