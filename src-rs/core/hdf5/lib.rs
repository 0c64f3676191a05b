//! HDF5 files, read and written in Rust only. `hdf5-reader` parses the structures of the format (object headers,
//! B-trees, heaps). This crate handles links, data, filters and types, so that no other crate depends on `hdf5-reader`.
//!
//! Files are untrusted: a declared size is compared with the file and with the limit before memory is allocated, links
//! to other files are never followed, and unsupported data are refused with the name of their filter or type.

mod fault;
pub mod filters;
pub mod read;
pub mod types;
pub mod write;

pub use read::{Attribute, Column, Dataset, Entry, File, Kind, Number, Slice, Values};
pub use types::{Field, Text, Type};
