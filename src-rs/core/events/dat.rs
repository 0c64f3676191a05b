//! Prophesee DAT: records of 8 bytes.

#[cfg(target_arch = "x86_64")]
use crate::avx512;
use crate::batch::Batch;
use crate::format::{
    Decoder, Encoder, Format, Holds, Input, MAX_TIME, Opened, Opening, Patch, Sensor, Step, malformed,
};
use crate::options::WriteOptions;
use crate::raw_header::RawHeader;
use crate::writing::{Ordered, checked_events};
use lapicque_base::error::{Error, Result};
use lapicque_base::settings::simd_or_portable;
#[cfg(target_arch = "x86_64")]
use lapicque_base::simd::SimdLevel;

pub const FORMAT: Format = Format {
    name: "dat",
    title: "Prophesee DAT",
    extensions: &["dat"],
    magic: "% … then a byte of type and a byte of size",
    sensor: "header lines `Width` and `Height`",
    fields: "t 32 bits, which loop; word: x 14 bits, y 14, polarity 4 (version 2); x 9 bits, y 8, polarity bit 17 (version 1). Type 0x0E: \
             triggers (polarity bit 0, id bits 8-12)",
    source: "Prophesee, DAT format; N-CARS' dataset toolbox; load_atis_data.m (version 1)",
    reads: Holds::TRIGGERS,
    writes: Holds::NONE,
    options: &[],
    write_options: &[],
    detect: |head| {
        let header = RawHeader::read(head);
        let kind = head.get(header.end);
        header.end > 0 && header.get("evt").is_none() && kind.is_some_and(|kind| Kind::of(*kind).is_some())
    },
    open: |opening: Opening| {
        let header = RawHeader::read(opening.head);
        let offset = header.end as u64;
        let Some(&[kind, size]) = opening.head[header.end..].first_chunk::<2>() else {
            return Err(malformed("dat", offset, "it ends before the type and the size of its events"));
        };
        let Some(kind) = Kind::of(kind) else {
            return Err(Error::Unsupported {
                feature: format!("events of type 0x{kind:02x}"),
                format: "dat".into(),
            });
        };
        if size != 8 {
            return Err(malformed("dat", offset + 1, format!("events of {size} bytes; only 8 are defined")));
        }
        let version = header.get("version").map_or(Some(1), |version| version.parse().ok());
        let layout = match (kind, version) {
            (Kind::Trigger, _) => Layout::Trigger,
            (Kind::Event, Some(0 | 1)) => Layout::Version1,
            (Kind::Event, Some(2)) => Layout::Version2,
            _ => {
                let version = header.get("version").unwrap_or_default();
                return Err(Error::Unsupported {
                    feature: format!("version {version:?}"),
                    format: "dat".into(),
                });
            }
        };
        Ok(Opened {
            decoder: Box::new(Dat { layout, last: 0, base: header.origin() }),
            start: offset + 2,
            end: None,
            sensor: header.sensor(),
            metadata: header.fields,
            missing: None,
        })
    },
    write: |options: &WriteOptions| {
        Ok(Box::new(DatEncoder {
            sensor: Sensor::from_options(options)?,
            header_written: false,
            order: Ordered::new("dat"),
        }))
    },
};

#[derive(Clone, Copy)]
enum Kind {
    Event,
    Trigger,
}

impl Kind {
    /// 0x00 is `2d` in older files and in those of expelliarmus, 0x0C a contrast change.
    fn of(byte: u8) -> Option<Self> {
        match byte {
            0x00 | 0x0c => Some(Kind::Event),
            0x0e => Some(Kind::Trigger),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Layout {
    Version1,
    Version2,
    Trigger,
}

#[derive(Clone)]
struct Dat {
    layout: Layout,
    last: u32,
    /// The base time of the current wrap-around.
    base: i64,
}

/// Events that are decoded together.
const BLOCK: usize = 8;

impl Dat {
    /// The counter has wrapped around if it falls by more than half of its range.
    fn time(&mut self, t: u32) -> f64 {
        if t < self.last && self.last - t > 1 << 31 {
            self.base = (self.base + (1 << 32)).min(MAX_TIME);
        }
        self.last = t;
        (self.base + i64::from(t)) as f64
    }
}

impl Dat {
    /// Decodes blocks of version 2 as long as times in them do not decrease; returns the number of records.
    fn blocks(&mut self, records: &[[u8; 8]], batch: &mut Batch) -> usize {
        let base = self.base as f64;
        match simd_or_portable() {
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => {
                let at;
                // SAFETY: the CPU has the level, as `simd_or_portable` has found.
                (at, self.last) = unsafe { avx512::dat(records, self.last, base, batch) };
                at
            }
            _ => {
                let mut at = 0;
                while let Some(group) = records[at..].first_chunk()
                    && batch.remaining() >= BLOCK
                    && self.one_block(group, base, batch)
                {
                    at += BLOCK;
                }
                at
            }
        }
    }

    /// Refused, without any change, if a time decreases, because the counter may have wrapped around.
    #[inline(always)]
    fn one_block(&mut self, group: &[[u8; 8]; BLOCK], base: f64, batch: &mut Batch) -> bool {
        let group = group.map(u64::from_le_bytes);
        let times = group.map(|record| record as u32);
        let mut falls = u32::from(self.last > times[0]);
        for i in 1..BLOCK {
            falls |= u32::from(times[i - 1] > times[i]);
        }
        if falls != 0 {
            return false;
        }
        let block = batch.block::<BLOCK>();
        for i in 0..BLOCK {
            let word = (group[i] >> 32) as u32;
            block.t[i] = base + f64::from(times[i]);
            block.x[i] = (word & 0x3fff) as u16;
            block.y[i] = (word >> 14 & 0x3fff) as u16;
            block.polarity[i] = (word >> 28 & 1) as u8;
        }
        self.last = times[BLOCK - 1];
        true
    }
}

impl Decoder for Dat {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let records = input.bytes.as_chunks::<8>().0;
        let mut at = 0;
        while at < records.len() && !batch.full() {
            if self.layout == Layout::Version2 {
                at += self.blocks(&records[at..], batch);
                if at == records.len() || batch.full() {
                    break;
                }
            }
            let record = u64::from_le_bytes(records[at]);
            at += 1;
            let t = self.time(record as u32);
            let word = (record >> 32) as u32;
            match self.layout {
                Layout::Version2 => {
                    let (x, y) = (word & 0x3fff, word >> 14 & 0x3fff);
                    batch.push(t, x as u16, y as u16, (word >> 28 & 1) as u8);
                }
                Layout::Version1 => {
                    let (x, y) = (word & 0x1ff, word >> 9 & 0xff);
                    batch.push(t, x as u16, y as u16, (word >> 17 & 1) as u8);
                }
                Layout::Trigger => batch.trigger(t, (word >> 8 & 0x1f) as u8, (word & 1) as u8),
            }
        }
        Ok(Step::Took(8 * at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct DatEncoder {
    sensor: Option<Sensor>,
    header_written: bool,
    order: Ordered,
}

impl Encoder for DatEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.header_written {
            self.header_written = true;
            let size = self.sensor.map(|s| format!("% Height {}\n% Width {}\n", s.height, s.width));
            let text =
                format!("% Data file containing CD events.\n% Version 2\n{}", size.unwrap_or_default());
            out.extend(text.as_bytes());
            out.extend([0x0c, 8]);
        }
        for event in checked_events(batch, &mut self.order, 0x3fff)? {
            let t = u32::try_from(event.t).map_err(|_| {
                Error::invalid(
                    "t",
                    event.t,
                    "at most 2^32 - 1 microseconds, as dat holds; read with origin: 'first'",
                )
            })?;
            let word = u32::from(event.x) | u32::from(event.y) << 14 | u32::from(event.polarity) << 28;
            out.extend(t.to_le_bytes());
            out.extend(word.to_le_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}
