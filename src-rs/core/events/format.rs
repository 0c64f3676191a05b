//! What a format defines: its name, detection, decoder and encoder. Each format is one file, listed in `lib.rs`.

use crate::batch::Batch;
use crate::options::{Options, WriteOptions};
use crate::source::Source;
use lapicque_base::error::{Error, Result};
use std::io::{self, Write};

/// A format, as declared in its file.
pub struct Format {
    pub name: &'static str,
    pub title: &'static str,
    /// Without the dot. The first one is used for writing.
    pub extensions: &'static [&'static str],
    /// The beginning of its files.
    pub magic: &'static str,
    /// The origin of the sensor size.
    pub sensor: &'static str,
    /// The stored fields, with their numbers of bits.
    pub fields: &'static str,
    /// The reference for the format.
    pub source: &'static str,
    /// What the decoder reads in addition to events.
    pub reads: Holds,
    /// What the encoder writes in addition to events; it receives nothing else.
    pub writes: Holds,
    /// Options of [`Options`] that only some formats read, as TypeScript names them.
    pub options: &'static [&'static str],
    /// Those of [`WriteOptions`]; `sensor` where it must be given.
    pub write_options: &'static [&'static str],
    /// Whether a file that begins with these bytes has this format; always false for formats without a magic number.
    pub detect: fn(head: &[u8]) -> bool,
    pub open: fn(Opening<'_>) -> Result<Opened>,
    pub write: fn(&WriteOptions) -> Result<Box<dyn Encoder>>,
}

/// The input of a decoder's construction.
pub struct Opening<'a> {
    pub source: &'a Source,
    /// The first bytes of the file, up to [`HEAD_BYTES`].
    pub head: &'a [u8],
    pub options: &'a Options,
}

/// Maximum length of a header.
pub const HEAD_BYTES: usize = 1 << 20;

/// A recording whose header has been parsed.
pub struct Opened {
    pub decoder: Box<dyn Decoder>,
    /// Offset of the first event.
    pub start: u64,
    /// Offset of the end of the events, if it is not the end of the file.
    pub end: Option<u64>,
    pub sensor: Option<Sensor>,
    /// Names and values in the header.
    pub metadata: Vec<(String, String)>,
    /// A wrong statement of the header about the file's length.
    pub missing: Option<String>,
}

impl Opened {
    pub fn new(decoder: impl Decoder + 'static, start: usize) -> Self {
        Opened {
            decoder: Box::new(decoder),
            start: start as u64,
            end: None,
            sensor: None,
            metadata: Vec::new(),
            missing: None,
        }
    }
}

/// The data that a format stores in addition to events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holds {
    pub triggers: bool,
    pub imu: bool,
    pub frames: bool,
}

impl Holds {
    pub const NONE: Holds = Holds { triggers: false, imu: false, frames: false };
    pub const TRIGGERS: Holds = Holds { triggers: true, ..Holds::NONE };
    pub const ALL: Holds = Holds { triggers: true, imu: true, frames: true };

    /// The names of the data, as TypeScript has them.
    pub fn names(self) -> Vec<&'static str> {
        let all = [("triggers", self.triggers), ("imu", self.imu), ("frames", self.frames)];
        all.into_iter().filter(|(_, held)| *held).map(|(name, _)| name).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sensor {
    pub width: u32,
    pub height: u32,
}

/// A piece of the file.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    pub bytes: &'a [u8],
    /// Offset of its first byte in the file.
    pub offset: u64,
    /// Bytes of the file from `offset` on.
    pub rest: u64,
}

/// The result of a decoder call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The decoder has consumed this number of bytes.
    Took(usize),
    /// The decoder has consumed the first number of bytes, and needs the second number of bytes in one piece.
    Needs(usize, u64),
}

/// Decodes bytes to events. It keeps its position; a copy continues from there.
pub trait Decoder: Send {
    /// Decodes until the bytes or the capacity of the batch are used up. Errors: `malformed-file`.
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step>;

    /// Number of bytes of the file to be read at once.
    fn chunk(&self) -> usize {
        512 << 10
    }

    /// Whether it holds events that are not in a batch yet.
    fn pending(&self) -> bool {
        false
    }

    /// Examines the bytes that remain at the end of the file, fewer than an event has; returns what is missing, if anything.
    fn missing(&self, rest: &[u8]) -> Option<String> {
        (!rest.is_empty()).then(|| format!("the file ends inside an event: {} bytes are left", rest.len()))
    }

    /// A copy that can continue from the current position. `None` if that is possible only at the beginning.
    fn copy(&self) -> Option<Box<dyn Decoder>>;

    /// How many events were skipped, and why.
    fn skipped(&self) -> Option<String> {
        None
    }
}

/// Encodes events to bytes.
pub trait Encoder: Send {
    /// Appends the encoded batch; the first call also writes the header. Errors: `invalid-parameter` for what the format
    /// cannot represent.
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()>;

    /// Appends the end of a file whose length is `written` plus that of `out`; returns earlier parts that must be overwritten.
    fn finish(&mut self, written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>>;

    /// Writes further data after the end that are too long for memory.
    fn tail(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes whose values are known only at the end.
pub struct Patch {
    pub offset: u64,
    pub bytes: Vec<u8>,
}

pub fn malformed(format: &str, offset: u64, reason: impl std::fmt::Display) -> Error {
    Error::MalformedFile { format: format.into(), offset, reason: reason.to_string() }
}

/// Integers of microseconds up to 2^53 are exact in an f64.
pub const MAX_TIME: i64 = 1 << 53;

/// Below this, half microseconds are exact too.
pub const TWO_52: f64 = 4_503_599_627_370_496.0;

/// An exactly representable time. Errors: `malformed-file`.
#[inline]
pub fn exact(format: &str, offset: u64, t: i64) -> Result<f64> {
    if (-MAX_TIME..=MAX_TIME).contains(&t) {
        Ok(t as f64)
    } else {
        Err(malformed(format, offset, format!("the time {t} is beyond 2^53 microseconds")))
    }
}
