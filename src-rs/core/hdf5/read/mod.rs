//! Reading, from addresses to values.

mod chunks;
mod committed;
mod dataset;
mod file;
mod header;
mod heap;
mod heap_blocks;
mod links;
mod source;
mod values;

pub use dataset::{Dataset, Filter, Slice};
pub use file::{Attribute, Entry, File, Kind};
pub use values::{Column, Number, Values};
