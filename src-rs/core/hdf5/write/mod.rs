//! Writing as a stream: data are written as they arrive, their locations at the end. Memory holds one row of chunks for
//! each dataset and 24 bytes for each chunk. Files have a superblock of version 2, headers of version 2 and chunk
//! indices of version 1, which HDF5 reads since 1.8.

mod chunks;
mod data;
mod heap;
mod messages;
mod tree;

pub use data::{DatasetId, Layout, Spec};
pub use tree::{Sink, Writer};
