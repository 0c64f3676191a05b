//! The members of a group, in any of the three storage forms of the format.

use super::heap_blocks::NestedHeaps;
use crate::fault::{malformed, parsed};
use hdf5_reader::btree_v1::collect_btree_v1_leaves_storage;
use hdf5_reader::btree_v2::{BTreeV2Header, BTreeV2Record, collect_btree_v2_records_storage};
use hdf5_reader::fractal_heap::{FractalHeap, FractalHeapDirectBlockCache};
use hdf5_reader::io::Cursor;
use hdf5_reader::local_heap::LocalHeap;
use hdf5_reader::messages::HdfMessage;
use hdf5_reader::messages::link::{self, LinkMessage, LinkTarget};
use hdf5_reader::messages::symbol_table_msg::SymbolTableMessage;
use hdf5_reader::object_header::ObjectHeader;
use hdf5_reader::storage::Storage;
use hdf5_reader::symbol_table::SymbolTableNode;
use lapicque_base::Result;

/// The target of a link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    Address(u64),
    /// A path, relative to the group or absolute.
    Soft(String),
    /// Another file, which is never opened.
    External(String),
}

/// Sizes of addresses and lengths.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Widths {
    pub(crate) offset: u8,
    pub(crate) length: u8,
}

/// The links of a group, in the order of creation if the file stores it.
pub(crate) fn links(
    storage: &dyn Storage,
    widths: Widths,
    header: &ObjectHeader,
) -> Result<Vec<(String, Target)>> {
    let mut found: Vec<LinkMessage> = Vec::new();
    for message in &header.messages {
        match message {
            HdfMessage::SymbolTable(table) => return symbol_table(storage, widths, table),
            HdfMessage::Link(link) => found.push(link.clone()),
            HdfMessage::LinkInfo(info)
                if !Cursor::is_undefined_offset(info.fractal_heap_address, widths.offset) =>
            {
                let records =
                    dense(storage, widths, info.fractal_heap_address, info.btree_name_index_address)?;
                for record in records {
                    let len = record.len();
                    let link = link::parse(&mut Cursor::new(&record), widths.offset, widths.length, len);
                    found.push(link.map_err(parsed)?);
                }
            }
            _ => {}
        }
    }
    if found.iter().all(|link| link.creation_order.is_some()) {
        found.sort_by_key(|link| link.creation_order);
    }
    Ok(found.into_iter().map(|link| (link.name, target(link.target))).collect())
}

fn target(target: LinkTarget) -> Target {
    match target {
        LinkTarget::Hard { address } => Target::Address(address),
        LinkTarget::Soft { path } => Target::Soft(path),
        LinkTarget::External { filename, .. } => Target::External(filename),
    }
}

/// The objects of a fractal heap (links or attributes), in the order of the B-tree that lists them.
pub(crate) fn dense(storage: &dyn Storage, widths: Widths, heap: u64, index: u64) -> Result<Vec<Vec<u8>>> {
    let Widths { offset, length } = widths;
    let heap = FractalHeap::parse_at_storage(storage, heap, offset, length).map_err(parsed)?;
    let header = BTreeV2Header::parse_at_storage(storage, index, offset, length).map_err(parsed)?;
    let records = collect_btree_v2_records_storage(storage, &header, offset, length, None, &[], None)
        .map_err(parsed)?;
    let mut blocks = FractalHeapDirectBlockCache::default();
    let mut nested = NestedHeaps::default();
    let mut total = 0;
    let mut objects = Vec::new();
    for record in &records {
        let id = match record {
            BTreeV2Record::LinkNameHash { heap_id, .. }
            | BTreeV2Record::CreationOrder { heap_id, .. }
            | BTreeV2Record::AttributeNameHash { heap_id, .. }
            | BTreeV2Record::AttributeCreationOrder { heap_id, .. } => heap_id,
            _ => continue,
        };
        let object = match nested.of(&heap, id, storage, widths)? {
            Some((nested, id)) => nested.get_object_storage_cached(&id, storage, offset, length, &mut blocks),
            None => heap.get_object_storage_cached(id, storage, offset, length, &mut blocks),
        };
        let object = object.map_err(parsed)?;
        total += object.len() as u64;
        if total > storage.len() {
            return Err(malformed("a heap of links or attributes holds more than the file"));
        }
        objects.push(object);
    }
    Ok(objects)
}

/// Groups of version 1 of the format.
fn symbol_table(
    storage: &dyn Storage,
    widths: Widths,
    table: &SymbolTableMessage,
) -> Result<Vec<(String, Target)>> {
    let Widths { offset, length } = widths;
    let heap = LocalHeap::parse_at_storage(storage, table.heap_address, offset, length).map_err(parsed)?;
    let size = usize::try_from(heap.data_segment_size).unwrap_or(usize::MAX);
    let names = storage.read_range(heap.data_segment_address, size).map_err(parsed)?;
    let name = |at: u64| {
        let from = usize::try_from(at).ok().and_then(|at| names.get(at..));
        let from = from.ok_or_else(|| malformed("the name of a link lies outside its heap"))?;
        let end = from
            .iter()
            .position(|byte| *byte == 0)
            .ok_or_else(|| malformed("the name of a link has no end"))?;
        Ok::<String, lapicque_base::Error>(String::from_utf8_lossy(&from[..end]).into_owned())
    };
    let leaves =
        collect_btree_v1_leaves_storage(storage, table.btree_address, offset, length, None, &[], None)
            .map_err(parsed)?;
    let mut found = Vec::new();
    let mut total = 0;
    for (_, node) in leaves {
        let prefix = storage.read_range(node, 8).map_err(parsed)?;
        let count = usize::from(u16::from_le_bytes([prefix[6], prefix[7]]));
        let bytes = storage.read_range(node, 8 + count * (2 * usize::from(offset) + 24)).map_err(parsed)?;
        let node = SymbolTableNode::parse(&mut Cursor::new(&bytes), offset, length).map_err(parsed)?;
        for entry in &node.entries {
            let text = name(entry.link_name_offset)?;
            total += text.len() as u64 + 1;
            // Names may overlap in the heap, but their total length is bounded.
            if total > 4 * storage.len() {
                return Err(malformed("the names of a group are longer than the file"));
            }
            let target = match entry.cache_type {
                2 => {
                    let [a, b, c, d, ..] = entry.scratch;
                    Target::Soft(name(u64::from(u32::from_le_bytes([a, b, c, d])))?)
                }
                _ => Target::Address(entry.object_header_address),
            };
            found.push((text, target));
        }
    }
    Ok(found)
}
