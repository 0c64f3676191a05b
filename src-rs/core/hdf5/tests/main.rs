//! Files of other libraries, damaged files, and files of this crate.

mod mutations;
mod vectors;
mod written;
