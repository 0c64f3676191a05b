//! AEDAT 1 and 2 of jAER: an address and a time for each event, big-endian.

use crate::batch::Batch;
use crate::format::{Decoder, Encoder, Format, Holds, Input, MAX_TIME, Opened, Opening, Patch, Sensor, Step};
use crate::options::WriteOptions;
use crate::writing::{Ordered, checked_events};
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "aedat2",
    title: "AEDAT 2 (and 1) of jAER",
    extensions: &["aedat"],
    magic: "#!AER-DAT2.0",
    sensor: "by the chip that the header or option `chip` names",
    fields: "address 32 bits (AEDAT 1: 16), t 32, big-endian. DVS128: polarity bit 0, x 1-7, y 8-14, bit 15 a trigger. DAVIS: polarity bit 11, \
             x 12-21, y 22-30, bit 10 a trigger, bit 31 no event",
    source: "iniVation, AEDAT file formats; jAER",
    reads: Holds::TRIGGERS,
    writes: Holds::TRIGGERS,
    options: &["chip"],
    write_options: &["chip"],
    detect: |head| [b"#!AER-DAT2.0", b"#!AER-DAT1.0"].iter().any(|magic| head.starts_with(*magic)),
    open: |opening: Opening| {
        let (lines, start) = header(opening.head);
        let header_text = lines.join("\n").to_lowercase();
        let chip = match opening.options.chip.as_deref() {
            Some(name) => Chip::named(name)?,
            None => Chip::ALL.into_iter().find(|chip| header_text.contains(chip.name)).ok_or_else(|| {
                let expected = format!("one of {}: the file's header names none", Chip::names());
                Error::invalid("chip", "nothing", expected)
            })?,
        };
        let address_bytes = if opening.head.starts_with(b"#!AER-DAT1.0") { 2 } else { 4 };
        let metadata =
            lines.iter().filter_map(|line| line.split_once(": ")).map(|(a, b)| (a.into(), b.into()));
        Ok(Opened {
            sensor: Some(chip.sensor),
            metadata: metadata.collect(),
            ..Opened::new(Aedat2 { chip, address_bytes, clock: Clock32::default() }, start)
        })
    },
    write: |options: &WriteOptions| {
        let chip = match options.chip.as_deref() {
            Some(name) => Chip::named(name)?,
            None => return Err(Error::invalid("chip", "nothing", format!("one of {}", Chip::names()))),
        };
        Ok(Box::new(Aedat2Encoder { chip, header_written: false, order: Ordered::new("aedat2") }))
    },
};

/// The meaning of an address's bits.
#[derive(Clone, Copy)]
struct Chip {
    name: &'static str,
    sensor: Sensor,
    layout: Layout,
}

#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Dvs128,
    Davis,
}

impl Chip {
    const ALL: [Chip; 4] = [
        Chip::new("dvs128", 128, 128, Layout::Dvs128),
        Chip::new("davis240", 240, 180, Layout::Davis),
        Chip::new("davis346", 346, 260, Layout::Davis),
        Chip::new("davis128", 128, 128, Layout::Davis),
    ];

    const fn new(name: &'static str, width: u32, height: u32, layout: Layout) -> Self {
        Chip { name, sensor: Sensor { width, height }, layout }
    }

    fn names() -> String {
        Self::ALL.map(|chip| format!("\"{}\"", chip.name)).join(", ")
    }

    /// Errors: `unknown-name`.
    fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|chip| chip.name == name);
        found.ok_or_else(|| Error::unknown("chip", name, Self::ALL.map(|chip| chip.name)))
    }
}

/// The lines that begin with `#`, and the end of the header. Events may begin with that byte too, but hardly with a line of
/// text.
pub fn header(head: &[u8]) -> (Vec<String>, usize) {
    const MAX_LINE: usize = 4096;
    let (mut lines, mut at) = (Vec::new(), 0);
    while head.get(at) == Some(&b'#') {
        let Some(len) = head[at..].iter().take(MAX_LINE).position(|&byte| byte == b'\n') else { break };
        let line = &head[at + 1..at + len];
        let is_text = line.iter().all(|&byte| byte >= 0x20 || matches!(byte, b'\t' | b'\r'));
        let (true, Ok(text)) = (is_text, std::str::from_utf8(line)) else { break };
        lines.push(text.trim().to_string());
        at += len + 1;
    }
    (lines, at)
}

/// A 32-bit counter, which has wrapped around if it falls by more than half of its range.
#[derive(Clone, Default)]
pub struct Clock32 {
    last: u32,
    base: i64,
}

impl Clock32 {
    #[inline(always)]
    pub fn time(&mut self, t: u32) -> f64 {
        if t < self.last && self.last - t > 1 << 31 {
            self.base = (self.base + (1 << 32)).min(MAX_TIME);
        }
        self.last = t;
        (self.base + i64::from(t)) as f64
    }
}

#[derive(Clone)]
struct Aedat2 {
    chip: Chip,
    address_bytes: usize,
    clock: Clock32,
}

impl Aedat2 {
    #[inline(always)]
    fn event(&mut self, address: u32, t: u32, batch: &mut Batch) {
        let t = self.clock.time(t);
        match self.chip.layout {
            Layout::Dvs128 if address & 0x8000 != 0 => batch.trigger(t, 0, 1),
            Layout::Dvs128 => {
                batch.push(
                    t,
                    (address >> 1 & 0x7f) as u16,
                    (address >> 8 & 0x7f) as u16,
                    (address & 1) as u8,
                );
            }
            // A sample of a frame or of the IMU.
            Layout::Davis if address >> 31 != 0 => {}
            Layout::Davis if address & 0x400 != 0 => batch.trigger(t, 0, (address >> 11 & 1) as u8),
            Layout::Davis => {
                let (x, y) = (address >> 12 & 0x3ff, address >> 22 & 0x1ff);
                batch.push(t, x as u16, y as u16, (address >> 11 & 1) as u8);
            }
        }
    }
}

impl Decoder for Aedat2 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let size = self.address_bytes + 4;
        let mut at = 0;
        while input.bytes.len() - at >= size && !batch.full() {
            let event = &input.bytes[at..at + size];
            at += size;
            let (address, t) = event.split_at(self.address_bytes);
            let address = address.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
            let t = t.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
            self.event(address, t, batch);
        }
        Ok(Step::Took(at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct Aedat2Encoder {
    chip: Chip,
    header_written: bool,
    order: Ordered,
}

impl Encoder for Aedat2Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.header_written {
            self.header_written = true;
            let name = self.chip.name.to_uppercase();
            let lines = [
                "#!AER-DAT2.0",
                "# This is a raw AE data file - do not edit",
                "# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event",
                "# Timestamps tick is 1 us",
            ];
            out.extend(format!("{}\r\n# AEChip: {name}\r\n", lines.join("\r\n")).as_bytes());
        }
        let max = (self.chip.sensor.width.max(self.chip.sensor.height) - 1) as u16;
        for event in checked_events(batch, &mut self.order, max)? {
            let t = u32::try_from(event.t).map_err(|_| {
                let expected = "at most 2^32 - 1 microseconds, as aedat2 holds; read with origin: 'first'";
                Error::invalid("t", event.t, expected)
            })?;
            let (x, y, polarity) = (u32::from(event.x), u32::from(event.y), u32::from(event.polarity));
            let address = match (self.chip.layout, event.trigger) {
                (Layout::Dvs128, Some(_)) => 0x8000,
                (Layout::Dvs128, None) => y << 8 | x << 1 | polarity,
                (Layout::Davis, Some(_)) => 0x400 | polarity << 11,
                (Layout::Davis, None) => y << 22 | x << 12 | polarity << 11,
            };
            out.extend(address.to_be_bytes());
            out.extend(t.to_be_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}
