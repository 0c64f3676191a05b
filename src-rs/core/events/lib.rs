//! Recordings of event cameras and cochleas, read and written as streams. Files are untrusted: every size is checked
//! against the file's length before memory is allocated, and memory does not grow with the file.

mod aedat2;
mod aedat31;
mod aedat4;
mod aer;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod batch;
mod columns;
mod compression;
mod csv;
mod dat;
mod es;
mod evt2;
mod evt21;
mod evt3;
mod evt4;
mod flatbuffer;
mod format;
mod nmnist;
mod npy;
mod npz;
mod numbers;
mod options;
mod raw_header;
mod reader;
mod registry;
mod source;
mod writer;
mod writing;

pub use batch::{Batch, Extra, Frame, Imu, Triggers};
pub use format::{Format, Sensor};
pub use options::{Options, Origin, WriteOptions};
pub use reader::{Reader, Warning, WarningKind};
pub use registry::describe;
pub use source::Source;
pub use writer::Writer;

macro_rules! formats {
    ($($file:ident::$FORMAT:ident),* $(,)?) => {
        /// All formats. Those that are detected by their first bytes come before those that are detected by their extension.
        pub const FORMATS: &[&Format] = &[$(&$file::$FORMAT),*];
    };
}

formats![
    aedat4::FORMAT,
    aedat31::FORMAT,
    aedat2::FORMAT,
    evt2::FORMAT,
    evt21::FORMAT,
    evt3::FORMAT,
    evt4::FORMAT,
    dat::FORMAT,
    es::FORMAT,
    npy::FORMAT,
    npz::FORMAT,
    nmnist::FORMAT,
    csv::FORMAT,
    aer::FORMAT,
];
