//! Objects of a fractal heap that lie in a nested indirect block, as in groups of many thousand links. The parser finds
//! their blocks, but not where the objects are in them: here such a block becomes the root of a heap of its own.

use super::links::Widths;
use crate::fault::{malformed, parsed};
use hdf5_reader::fractal_heap::FractalHeap;
use hdf5_reader::io::Cursor;
use hdf5_reader::storage::Storage;
use lapicque_base::Result;
use std::collections::HashMap;

/// Levels of nested blocks.
const MAX_DEPTH: usize = 64;

/// The heaps within a heap, by the address of their root.
#[derive(Default)]
pub(crate) struct NestedHeaps(HashMap<u64, FractalHeap>);

impl NestedHeaps {
    /// The heap whose root block lists the direct block of an object, and the id of the object in it; `None` for an
    /// object that does not lie in a nested block.
    pub(crate) fn of(
        &mut self,
        heap: &FractalHeap,
        id: &[u8],
        storage: &dyn Storage,
        widths: Widths,
    ) -> Result<Option<(&FractalHeap, Vec<u8>)>> {
        let width = usize::from(heap.max_heap_size).div_ceil(8).max(1);
        // Bits 4 and 5 are 0 for objects in blocks.
        if id.len() <= width || id[0] >> 4 & 3 != 0 {
            return Ok(None);
        }
        let mut offset = Cursor::new(&id[1..=width]).read_uvar(width).map_err(parsed)?;
        let mut address = heap.root_block_address;
        let mut rows = u64::from(heap.current_rows_in_root_indirect);
        for _ in 0..MAX_DEPTH {
            let Some(entry) = Entry::of(heap, offset, rows)? else {
                if address == heap.root_block_address {
                    return Ok(None);
                }
                let nested = self.0.entry(address).or_insert_with(|| FractalHeap {
                    root_block_address: address,
                    current_rows_in_root_indirect: rows as u16,
                    ..heap.clone()
                });
                let mut own = id.to_vec();
                own[1..=width].copy_from_slice(&offset.to_le_bytes()[..width]);
                return Ok(Some((nested, own)));
            };
            let at = address.checked_add(entry.position(heap, widths));
            let at = at.ok_or_else(|| malformed("the address of a heap's block"))?;
            let bytes = storage.read_range(at, usize::from(widths.offset)).map_err(parsed)?;
            address = Cursor::new(&bytes).read_offset(widths.offset).map_err(parsed)?;
            offset -= entry.begin;
            rows = entry.rows;
        }
        Err(malformed("the blocks of a heap are nested without an end"))
    }
}

/// An entry of an indirect block that is an indirect block itself.
struct Entry {
    row: u64,
    column: u64,
    /// Offset of its first byte, from that of the block that lists it.
    begin: u64,
    /// Number of its rows.
    rows: u64,
}

impl Entry {
    /// The entry that contains `offset`; `None` if that is a direct block.
    fn of(heap: &FractalHeap, offset: u64, rows: u64) -> Result<Option<Entry>> {
        let (width, first) = (u64::from(heap.table_width), heap.starting_block_size);
        let mut begin: u64 = 0;
        for row in 0..rows {
            let size = block_size(heap, row)?;
            let span = size.checked_mul(width).ok_or_else(overflow)?;
            if offset - begin < span {
                let column = (offset - begin) / size;
                if size <= heap.max_direct_block_size {
                    return Ok(None);
                }
                // Its rows span as many bytes as it has.
                let rows = u64::from((size / first / width).checked_ilog2().ok_or_else(overflow)? + 1);
                return Ok(Some(Entry { row, column, begin: begin + column * size, rows }));
            }
            begin = begin.checked_add(span).ok_or_else(overflow)?;
        }
        Ok(None)
    }

    /// Offset of its address in the block that lists it: after all entries of direct blocks, which may have the size and the mask of
    /// a filter.
    fn position(&self, heap: &FractalHeap, widths: Widths) -> u64 {
        let (width, address) = (u64::from(heap.table_width), u64::from(widths.offset));
        let header = 5 + address + u64::from(heap.max_heap_size).div_ceil(8);
        let direct_rows = (0..self.row)
            .take_while(|&row| block_size(heap, row).is_ok_and(|size| size <= heap.max_direct_block_size))
            .count() as u64;
        let filtered = if heap.io_filters_len > 0 { u64::from(widths.length) + 4 } else { 0 };
        let direct = direct_rows * width * (address + filtered);
        header + direct + ((self.row - direct_rows) * width + self.column) * address
    }
}

/// Bytes of a block in a row: those of rows 0 and 1 have the starting size, later ones twice that of the row before.
fn block_size(heap: &FractalHeap, row: u64) -> Result<u64> {
    let doubled = u32::try_from(row.saturating_sub(1)).ok().and_then(|times| 1u64.checked_shl(times));
    let size = doubled.and_then(|factor| heap.starting_block_size.checked_mul(factor));
    size.filter(|&size| size > 0).ok_or_else(overflow)
}

fn overflow() -> lapicque_base::Error {
    malformed("the sizes of a heap's blocks")
}
