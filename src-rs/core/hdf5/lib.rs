//! HDF5 files, read and written in Rust alone. `hdf5-reader` parses what the format has beside data (object headers, B-trees, heaps); links,
//! data, filters and types are this room's, so that no other room knows of that crate.
//!
//! Whoever reads here gets files of strangers: a declared size is compared with the file and with the limit before memory is
//! taken, links to other files are never followed, and what cannot be read is refused by the name of its filter or type.

mod fault;
pub mod filters;
pub mod read;
pub mod types;
pub mod write;

pub use read::{Attribute, Column, Dataset, Entry, File, Kind, Number, Slice, Values};
pub use types::{Field, Text, Type};
