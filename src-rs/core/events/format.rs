//! The definition of a format: its name, detection, decoder and encoder. Each format is defined once, in a file of its
//! own.

use crate::batch::Batch;
use crate::options::{Options, WriteOptions};
use crate::source::Source;
use crate::{aedat2, aedat4, aedat31, aer, csv, dat, es, evt2, evt3, evt4, evt21, nmnist, npy, npz};
use lapicque_base::error::{Error, Result};
use std::io::{self, Write};
use std::path::Path;

/// A format, as its file states it.
pub struct Format {
    pub name: &'static str,
    pub title: &'static str,
    /// Without the dot. The first one is that of files that are written.
    pub extensions: &'static [&'static str],
    /// How its files begin.
    pub magic: &'static str,
    /// Where the sensor's size comes from.
    pub sensor: &'static str,
    /// What it stores, with the bits of each.
    pub fields: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// Whether a file that begins with these bytes is one; not for formats without a magic number.
    pub detect: fn(head: &[u8]) -> bool,
    pub open: fn(Opening<'_>) -> Result<Opened>,
    pub write: fn(&WriteOptions) -> Result<Box<dyn Encoder>>,
}

/// All formats. Those that are recognised by their first bytes come before those that are recognised by their extension.
pub const FORMATS: [&Format; 14] = [
    &aedat4::FORMAT,
    &aedat31::FORMAT,
    &aedat2::FORMAT,
    &evt2::FORMAT,
    &evt21::FORMAT,
    &evt3::FORMAT,
    &evt4::FORMAT,
    &dat::FORMAT,
    &es::FORMAT,
    &npy::FORMAT,
    &npz::FORMAT,
    &nmnist::FORMAT,
    &csv::FORMAT,
    &aer::FORMAT,
];

/// What a decoder is made from.
pub struct Opening<'a> {
    pub source: &'a Source,
    /// The first bytes of the file, up to [`HEAD_BYTES`].
    pub head: &'a [u8],
    pub options: &'a Options,
}

/// No header of a recording is longer.
pub const HEAD_BYTES: usize = 1 << 20;

/// A recording whose header has been read.
pub struct Opened {
    pub decoder: Box<dyn Decoder>,
    /// Where the events begin.
    pub start: u64,
    /// Where they end, if not with the file.
    pub end: Option<u64>,
    pub sensor: Option<Sensor>,
    /// Names and values of the header.
    pub metadata: Vec<(String, String)>,
    /// What the header says of the file's length that is not true.
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

/// What an encoder can write beside events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Holds {
    pub triggers: bool,
    pub imu: bool,
    pub frames: bool,
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
    /// Of the first byte in the file.
    pub offset: u64,
    /// Bytes of the file from `offset` on.
    pub rest: u64,
}

/// How a call of a decoder ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is done with as many of the bytes.
    Took(usize),
    /// It is done with the first number of bytes and needs the second number of them together.
    Needs(usize, u64),
}

/// Turns bytes into events. It knows where it is; a copy of it goes on from there.
pub trait Decoder: Send {
    /// Decodes until the bytes or the room in the batch are used up. Errors: `malformed-file`.
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step>;

    /// Bytes of the file that are read at once.
    fn chunk(&self) -> usize {
        512 << 10
    }

    /// Whether it has events that are not in a batch yet.
    fn pending(&self) -> bool {
        false
    }

    /// Looks at what is left at the end of the file, fewer bytes than an event has: says what is missing, if anything is.
    fn missing(&self, rest: &[u8]) -> Option<String> {
        (!rest.is_empty()).then(|| format!("the file ends inside an event: {} bytes are left", rest.len()))
    }

    /// A copy, to come back to where it is now. `None` where that is only possible at the beginning.
    fn copy(&self) -> Option<Box<dyn Decoder>>;

    /// How many events were left out, and why.
    fn skipped(&self) -> Option<String> {
        None
    }
}

/// Turns events into bytes.
pub trait Encoder: Send {
    /// What beside events it can write; nothing else is given to it.
    fn holds(&self) -> Holds;

    /// Appends what batches become; the first call is preceded by the header. Errors: `invalid-parameter` for what the format cannot hold.
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()>;

    /// Appends what comes at the end of a file that is `written` bytes long with `out`, and says what is to be replaced further up.
    fn finish(&mut self, written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>>;

    /// Writes what comes behind that and is too long for memory.
    fn tail(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes that are only known at the end.
pub struct Patch {
    pub offset: u64,
    pub bytes: Vec<u8>,
}

/// The format of that name. Errors: `unknown-name`.
pub fn named(name: &str) -> Result<&'static Format> {
    let found = FORMATS.into_iter().find(|format| format.name == name);
    found.ok_or_else(|| Error::unknown("event format", name, FORMATS.map(|format| format.name)))
}

/// The format that the first bytes show, or else the extension. Errors: `unsupported`.
pub fn detected(head: &[u8], path: Option<&Path>) -> Result<&'static Format> {
    if let Some(format) = FORMATS.into_iter().find(|format| (format.detect)(head)) {
        return Ok(format);
    }
    let extension = path.and_then(|path| path.extension()?.to_str()).map(str::to_lowercase);
    let by_extension = |format: &&&Format| {
        let extension = extension.as_deref().unwrap_or_default();
        // Formats with a magic number have shown it.
        format.magic.is_empty() && format.extensions.contains(&extension)
    };
    FORMATS.iter().find(by_extension).copied().ok_or_else(|| Error::Unsupported {
        feature: format!(
            "a recording that begins with {:?}{}; option `format` names one of {}",
            String::from_utf8_lossy(&head[..head.len().min(12)]),
            extension.map(|extension| format!(" and is called .{extension}")).unwrap_or_default(),
            FORMATS.map(|format| format.name).join(", ")
        ),
        format: "lapicque".into(),
    })
}

/// The format whose files are called so, for writing. Errors: `unsupported`.
pub fn of_extension(path: &Path) -> Result<&'static Format> {
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    // `.raw` is EVT3 where nothing is said, which all current cameras write; `.aedat` is AEDAT 3.1.
    let preferred = match extension.as_str() {
        "raw" => Some(&evt3::FORMAT),
        "aedat" => Some(&aedat31::FORMAT),
        _ => None,
    };
    let found =
        preferred.or_else(|| FORMATS.into_iter().find(|f| f.extensions.contains(&extension.as_str())));
    found.ok_or_else(|| Error::Unsupported {
        feature: format!(
            "event files called .{extension}; option `format` names one of {}",
            FORMATS.map(|format| format.name).join(", ")
        ),
        format: "lapicque".into(),
    })
}

pub fn malformed(format: &str, offset: u64, reason: impl std::fmt::Display) -> Error {
    Error::MalformedFile { format: format.into(), offset, reason: reason.to_string() }
}

/// Whole numbers of microseconds up to 2^53 are exact in an f64.
pub const MAX_TIME: i64 = 1 << 53;

/// Below it whole numbers are exact with another bit.
pub const TWO_52: f64 = 4_503_599_627_370_496.0;

/// A time that is exact. Errors: `malformed-file`.
#[inline]
pub fn exact(format: &str, offset: u64, t: i64) -> Result<f64> {
    if (-MAX_TIME..=MAX_TIME).contains(&t) {
        Ok(t as f64)
    } else {
        Err(malformed(format, offset, format!("the time {t} is beyond 2^53 microseconds")))
    }
}
