//! The chunk index of a dataset: a B-tree of version 1, built from the leaves up when all chunks are known.

use super::messages::UNDEFINED;

/// Children of a node: twice the default K of HDF5.
const CHILDREN: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    pub(super) address: u64,
    pub(super) size: u32,
    /// Index in the grid of chunks, row by row.
    pub(super) number: u64,
}

/// The entry of a node in its parent: the first chunk below it, and its address.
struct Child {
    chunk: Chunk,
    address: u64,
}

/// The nodes as bytes to be stored at `at`, and the address of the root.
pub(super) fn index(chunks: &[Chunk], shape: &[u64], grid: &[u64], at: u64) -> (Vec<u8>, u64) {
    if chunks.is_empty() {
        return (Vec::new(), UNDEFINED);
    }
    let key_size = 8 + 8 * (shape.len() + 1);
    let node_size = 24 + CHILDREN * 8 + (CHILDREN + 1) * key_size;
    let mut out = Vec::new();
    let mut level = 0_u8;
    let mut children: Vec<Child> =
        chunks.iter().map(|chunk| Child { chunk: *chunk, address: chunk.address }).collect();
    loop {
        let first = at + out.len() as u64;
        let count = children.len().div_ceil(CHILDREN);
        let mut parents = Vec::with_capacity(count);
        for (i, some) in children.chunks(CHILDREN).enumerate() {
            let here = first + (i * node_size) as u64;
            let sibling = |exists: bool, at: u64| if exists { at } else { UNDEFINED };
            let begin = out.len();
            out.extend_from_slice(b"TREE\x01");
            out.push(level);
            out.extend_from_slice(&(some.len() as u16).to_le_bytes());
            out.extend_from_slice(&sibling(i > 0, here.wrapping_sub(node_size as u64)).to_le_bytes());
            out.extend_from_slice(&sibling(i + 1 < count, here + node_size as u64).to_le_bytes());
            for child in some {
                key(&mut out, Some(child.chunk), shape, &grid_index(child.chunk.number, grid));
                out.extend_from_slice(&child.address.to_le_bytes());
            }
            match children.get((i + 1) * CHILDREN) {
                Some(next) => key(&mut out, Some(next.chunk), shape, &grid_index(next.chunk.number, grid)),
                // The end key: after the last chunk on every axis.
                None => {
                    let behind: Vec<u64> =
                        grid_index(chunks[chunks.len() - 1].number, grid).iter().map(|at| at + 1).collect();
                    key(&mut out, None, shape, &behind);
                }
            }
            out.resize(begin + node_size, 0);
            parents.push(Child { chunk: some[0].chunk, address: here });
        }
        if count == 1 {
            return (out, first);
        }
        (children, level) = (parents, level + 1);
    }
}

fn key(out: &mut Vec<u8>, chunk: Option<Chunk>, shape: &[u64], grid_index: &[u64]) {
    out.extend_from_slice(&chunk.map_or(0, |chunk| chunk.size).to_le_bytes());
    out.extend_from_slice(&0_u32.to_le_bytes());
    for (at, length) in grid_index.iter().zip(shape) {
        out.extend_from_slice(&(at * length).to_le_bytes());
    }
    out.extend_from_slice(&0_u64.to_le_bytes());
}

fn grid_index(mut number: u64, grid: &[u64]) -> Vec<u64> {
    let mut grid_index = vec![0; grid.len()];
    for axis in (1..grid.len()).rev() {
        grid_index[axis] = number % grid[axis].max(1);
        number /= grid[axis].max(1);
    }
    grid_index[0] = number;
    grid_index
}
