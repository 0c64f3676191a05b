//! The global heap during writing: variable-length strings and rows. A collection gets its address before it is full,
//! so that references to it can be written at once.

const HEAD: usize = 16;

/// Sizes in bytes of the first collection (the minimum of HDF5) and of the following ones.
const FIRST: usize = 4096;
const LATER: usize = 64 << 10;

const MAX_OBJECTS: usize = u16::MAX as usize - 1;

/// The current collection.
#[derive(Default)]
pub(super) struct Heap {
    pub(super) address: u64,
    capacity: usize,
    objects: Vec<u8>,
    count: usize,
    is_used: bool,
}

impl Heap {
    pub(super) fn fits(&self, len: usize) -> bool {
        self.count < MAX_OBJECTS
            && HEAD + self.objects.len() + HEAD + len.next_multiple_of(8) <= self.capacity
    }

    /// Starts a collection with capacity for an object of `len` bytes at an address; returns its size.
    pub(super) fn begin(&mut self, address: u64, len: usize) -> usize {
        let default = if self.is_used { LATER } else { FIRST };
        let capacity = default.max(2 * HEAD + len.next_multiple_of(8));
        *self = Heap { address, capacity, objects: Vec::new(), count: 0, is_used: true };
        capacity
    }

    /// Adds an object, which must fit; returns its index.
    pub(super) fn push(&mut self, bytes: &[u8]) -> u32 {
        self.count += 1;
        self.objects.extend_from_slice(&(self.count as u16).to_le_bytes());
        self.objects.extend_from_slice(&[1, 0, 0, 0, 0, 0]);
        self.objects.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.objects.extend_from_slice(bytes);
        self.objects.resize(self.objects.len().next_multiple_of(8), 0);
        self.count as u32
    }

    /// The collection as bytes; `None` if none has been started.
    pub(super) fn bytes(&mut self) -> Option<Vec<u8>> {
        if self.capacity == 0 {
            return None;
        }
        let mut out = b"GCOL\x01\0\0\0".to_vec();
        out.extend_from_slice(&(self.capacity as u64).to_le_bytes());
        out.append(&mut self.objects);
        let left = self.capacity - out.len();
        if left >= HEAD {
            // Free space is an object with index 0, including its header.
            out.extend_from_slice(&[0; 8]);
            out.extend_from_slice(&(left as u64).to_le_bytes());
        }
        out.resize(self.capacity, 0);
        self.capacity = 0;
        Some(out)
    }
}
