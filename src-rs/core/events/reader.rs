//! An open recording, read in pieces from any time on. Memory does not depend on the file's size.

use crate::aer;
use crate::batch::Batch;
use crate::format::{Decoder, Format, HEAD_BYTES, Input, Opening, Sensor, Step, malformed};
use crate::options::{Options, Origin};
use crate::registry::{detected, named};
use crate::source::Source;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_base::settings::simd_or_portable;
use serde::Serialize;

/// A problem that did not stop reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    pub kind: WarningKind,
    pub offset: u64,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WarningKind {
    /// The file ends early.
    Truncated,
    /// A time is smaller than the one before it.
    Unordered,
    /// An event is outside the sensor.
    Outside,
    /// Events were skipped.
    Skipped,
}

pub struct Reader {
    source: Source,
    format: &'static Format,
    options: Options,
    decoder: Box<dyn Decoder>,
    sensor: Option<Sensor>,
    metadata: Vec<(String, String)>,
    tick: f64,
    /// Start and end of the events in the file.
    start: u64,
    end: u64,
    /// Bytes that have been read: `buffer[from..to]` is not decoded yet, and begins at `offset` in the file.
    buffer: Vec<u8>,
    from: usize,
    to: usize,
    offset: u64,
    ended: bool,
    /// The error that the next call returns.
    failure: Option<Error>,
    /// The file's time of time 0, once it is known.
    origin: Option<f64>,
    last_time: f64,
    max_time: f64,
    marks: Vec<Mark>,
    /// Bytes between two marks.
    spacing: u64,
    /// All events before this time are skipped.
    seek_target: Option<f64>,
    warnings: Vec<Warning>,
}

/// A position to which the reader can return.
struct Mark {
    offset: u64,
    /// The largest time before it.
    max_time: f64,
    decoder: Box<dyn Decoder>,
}

const FIRST_SPACING: u64 = 1 << 20;
/// If there are more marks, every second one is removed.
const MAX_MARKS: usize = 256;

impl Reader {
    /// Errors: `io`; `unsupported` for an unknown format or a feature of it; `malformed-file`; `invalid-parameter`.
    pub fn open(source: Source, options: Options) -> Result<Self> {
        let named_one = options.format.as_deref().map(named).transpose()?;
        let mut head = vec![0; source.len().min(HEAD_BYTES as u64) as usize];
        let filled = source.read_at(0, &mut head)?;
        head.truncate(filled);
        let format = named_one.map_or_else(|| detected(&head, source.name()), Ok)?;
        let opened = (format.open)(Opening { source: &source, head: &head, options: &options })?;
        let len = source.len();
        let sensor = options.sensor.map(|(width, height)| Sensor { width, height }).or(opened.sensor);
        let tick = if format.name == "aer" {
            let name = source.name().and_then(|path| path.file_name()?.to_str());
            options.tick.or_else(|| aer::tick_of_name(name?)).unwrap_or(1.0)
        } else {
            1.0
        };
        let mut reader = Reader {
            format,
            decoder: opened.decoder,
            sensor,
            metadata: opened.metadata,
            tick,
            start: opened.start.min(len),
            end: opened.end.unwrap_or(len).min(len),
            buffer: Vec::new(),
            from: 0,
            to: 0,
            offset: opened.start.min(len),
            ended: false,
            failure: None,
            origin: (options.origin == Origin::Stored).then_some(0.0),
            last_time: f64::NEG_INFINITY,
            max_time: f64::NEG_INFINITY,
            marks: Vec::new(),
            spacing: FIRST_SPACING,
            seek_target: None,
            warnings: Vec::new(),
            source,
            options,
        };
        if let Some(reason) = opened.missing {
            reader.truncated(len, reason)?;
        }
        Ok(reader)
    }

    pub fn format(&self) -> &'static Format {
        self.format
    }

    pub fn sensor(&self) -> Option<Sensor> {
        self.sensor
    }

    pub fn metadata(&self) -> &[(String, String)] {
        &self.metadata
    }

    /// Microseconds per unit of time.
    pub fn tick(&self) -> f64 {
        self.tick
    }

    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The position in bytes, and the number of bytes.
    pub fn progress(&self) -> (u64, u64) {
        (self.offset - self.start, self.end - self.start)
    }

    /// Fills the batch; it is empty at the end. Errors: `malformed-file` after all events before the damage, also for a
    /// truncated file unless that is allowed; `io`.
    pub fn next(&mut self, batch: &mut Batch) -> Result<()> {
        batch.reserve(self.options.batch_size);
        loop {
            if let Some(failure) = self.failure.take() {
                self.ended = true;
                return Err(failure);
            }
            if self.ended {
                return Ok(());
            }
            if let Err(error) = self.fill(batch) {
                self.failure = Some(error);
            }
            self.look_at(batch);
            let origin = *match &mut self.origin {
                Some(origin) => origin,
                none => match batch.first_time() {
                    Some(first) => none.insert(first),
                    None => continue,
                },
            };
            if let Some(seek_target) = self.seek_target {
                batch.drop_before(seek_target + origin);
                if batch.is_empty() {
                    batch.clear();
                    continue;
                }
                self.seek_target = None;
            }
            if batch.is_empty() {
                continue;
            }
            if origin != 0.0 {
                batch.shift(origin);
            }
            return Ok(());
        }
    }

    /// Makes the next batch begin with the first event at or after a time. Errors: `invalid-parameter` for NaN;
    /// `malformed-file`.
    pub fn seek(&mut self, time: f64) -> Result<()> {
        if time.is_nan() {
            return Err(Error::invalid("time", time, "a number"));
        }
        let target = self.origin.map_or(f64::NEG_INFINITY, |origin| time + origin);
        let mark = self.marks.iter().rposition(|mark| mark.max_time < target);
        let copy = mark.and_then(|i| Some((self.marks[i].decoder.copy()?, i)));
        match copy {
            Some((decoder, i)) => {
                self.decoder = decoder;
                (self.offset, self.max_time) = (self.marks[i].offset, self.marks[i].max_time);
            }
            None => {
                let mut head = vec![0; self.source.len().min(HEAD_BYTES as u64) as usize];
                let filled = self.source.read_at(0, &mut head)?;
                head.truncate(filled);
                let opening = Opening { source: &self.source, head: &head, options: &self.options };
                self.decoder = (self.format.open)(opening)?.decoder;
                (self.offset, self.max_time) = (self.start, f64::NEG_INFINITY);
            }
        }
        (self.from, self.to) = (0, 0);
        self.ended = false;
        self.failure = None;
        self.last_time = f64::NEG_INFINITY;
        self.seek_target = Some(time);
        Ok(())
    }

    /// Decodes until the batch is full or the file ends.
    fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        while !batch.full() {
            let before = (batch.len, batch.side_bytes);
            let available = &self.buffer[self.from..self.to];
            let input = Input { bytes: available, offset: self.offset, rest: self.end - self.offset };
            let (took, needed) = match self.decoder.decode(input, batch)? {
                Step::Took(took) => (took, 0),
                Step::Needs(took, needed) => (took, needed),
            };
            self.from += took;
            self.offset += took as u64;
            if batch.full() {
                break;
            }
            let moved = took > 0 || before != (batch.len, batch.side_bytes) || self.decoder.pending();
            if moved && needed == 0 {
                continue;
            }
            if !self.refill(needed.max((self.to - self.from) as u64 + 1), batch)? {
                self.at_end()?;
                break;
            }
        }
        Ok(())
    }

    /// Reads further bytes so that at least `needed` are available; `false` if the file has no more.
    fn refill(&mut self, needed: u64, batch: &Batch) -> Result<bool> {
        if needed > self.end - self.offset {
            return Ok(false);
        }
        self.mark(batch);
        self.buffer.copy_within(self.from..self.to, 0);
        (self.from, self.to) = (0, self.to - self.from);
        let rest = self.end - self.offset;
        let capacity = needed.max((self.decoder.chunk() as u64).min(rest)) as usize;
        if self.buffer.len() < capacity {
            let more = capacity - self.buffer.len();
            memory::check("a packet of the recording", more as u64)?;
            let reserved = self.buffer.try_reserve_exact(more);
            reserved.map_err(|_| memory::refused::<u8>("a packet of the recording", more))?;
            self.buffer.resize(capacity, 0);
        }
        let until = self.buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
        let read = self.source.read_at(self.offset + self.to as u64, &mut self.buffer[self.to..until])?;
        self.to += read;
        if (self.to as u64) < needed {
            // The file was truncated after it was opened.
            self.end = self.offset + self.to as u64;
        }
        Ok(true)
    }

    /// Adds a mark at this position; the events before it are in the batch.
    fn mark(&mut self, batch: &Batch) {
        let last = self.marks.last().map_or(self.start, |mark| mark.offset);
        if self.offset < last + self.spacing || self.decoder.pending() {
            return;
        }
        let Some(decoder) = self.decoder.copy() else { return };
        let max_time = self.max_time.max(at_level(simd_or_portable(), Largest(&batch.t[..batch.len])));
        self.marks.push(Mark { offset: self.offset, max_time, decoder });
        if self.marks.len() > MAX_MARKS {
            let mut odd = false;
            self.marks.retain(|_| {
                odd = !odd;
                odd
            });
            self.spacing *= 2;
        }
    }

    fn at_end(&mut self) -> Result<()> {
        self.ended = true;
        let offset = self.offset;
        if let Some(message) = self.decoder.skipped() {
            self.warn(WarningKind::Skipped, offset, message);
        }
        match self.decoder.missing(&self.buffer[self.from..self.to]) {
            Some(reason) => self.truncated(offset, reason),
            None => Ok(()),
        }
    }

    fn truncated(&mut self, offset: u64, reason: String) -> Result<()> {
        if self.options.allow_truncated {
            self.warn(WarningKind::Truncated, offset, reason);
            return Ok(());
        }
        let reason = format!("{reason}; allowTruncated: true reads what is whole");
        Err(malformed(self.format.name, offset, reason))
    }

    /// Adds the first warning of each kind.
    fn warn(&mut self, kind: WarningKind, offset: u64, message: String) {
        if self.warnings.iter().all(|warning| warning.kind != kind) {
            self.warnings.push(Warning { kind, offset, message });
        }
    }

    /// Checks for decreasing times and events outside the sensor, and updates the largest time.
    fn look_at(&mut self, batch: &Batch) {
        let (x, y) = (&batch.x[..batch.len], &batch.y[..batch.len]);
        let t = &batch.t[..batch.len];
        let Some((&first, &last)) = t.first().zip(t.last()) else { return };
        let Found { falls, max_t, max_x, max_y } = at_level(simd_or_portable(), Look { t, x, y });
        if falls || first < self.last_time {
            let message = "times go back here or a little before: they are given as stored".to_string();
            self.warn(WarningKind::Unordered, self.offset, message);
        }
        self.max_time = self.max_time.max(max_t);
        self.last_time = last;
        if let Some(Sensor { width, height }) = self.sensor {
            let (x, y) = (u32::from(max_x), u32::from(max_y));
            if x >= width || y >= height {
                let message =
                    format!("an event at x {x} or y {y} lies beyond the sensor of {width} x {height}");
                self.warn(WarningKind::Outside, self.offset, message);
            }
        }
    }
}

/// The result of checking a batch.
struct Found {
    falls: bool,
    max_t: f64,
    max_x: u16,
    max_y: u16,
}

struct Look<'a> {
    t: &'a [f64],
    x: &'a [u16],
    y: &'a [u16],
}

impl Work for Look<'_> {
    type Output = Found;

    // Without branches, so that the loop is vectorized.
    #[inline(always)]
    fn run(self) -> Found {
        let Look { t, x, y } = self;
        let falls = t.iter().zip(&t[1..]).fold(0_u64, |falls, (a, b)| falls | u64::from(b < a)) != 0;
        let max_t = if falls { Largest(t).run() } else { t[t.len() - 1] };
        let largest = |values: &[u16]| values.iter().fold(0, |a, &b| a.max(b));
        Found { falls, max_t, max_x: largest(x), max_y: largest(y) }
    }
}

struct Largest<'a>(&'a [f64]);

impl Work for Largest<'_> {
    type Output = f64;

    // Eight maxima, to shorten the dependency chain. No time is NaN.
    #[inline(always)]
    fn run(self) -> f64 {
        let larger = |a: f64, b: f64| if b > a { b } else { a };
        let (groups, rest) = self.0.as_chunks::<8>();
        let mut largest = [f64::NEG_INFINITY; 8];
        for group in groups {
            largest = std::array::from_fn(|i| larger(largest[i], group[i]));
        }
        largest.into_iter().chain(rest.iter().copied()).fold(f64::NEG_INFINITY, larger)
    }
}
