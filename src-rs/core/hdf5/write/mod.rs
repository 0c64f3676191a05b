//! Writing, in a stream: data goes out as it comes, and what tells where it is at the end. Memory holds a row of chunks of each dataset and 24
//! bytes for each chunk. Files have a superblock of version 2, headers of version 2 and chunk indices of version 1, which HDF5 reads since 1.8.

mod chunks;
mod data;
mod heap;
mod messages;
mod tree;

pub use data::{DatasetId, Layout, Spec};
pub use tree::{Sink, Writer};
