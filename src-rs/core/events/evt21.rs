//! Prophesee EVT2.1: words of 64 bits with up to 32 events of one row and time.

use crate::batch::Batch;
use crate::evt2::{HighClock, high_words};
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step};
use crate::options::WriteOptions;
use crate::raw_header::{RawHeader, evt_header};
use crate::writing::{Event, Ordered, checked_events};
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "evt21",
    title: "Prophesee EVT2.1",
    extensions: &["raw"],
    magic: "% evt 2.1",
    sensor: "header lines `format` or `geometry`",
    fields: "word of two halves of 32 bits: type 4 bits, low time 6, x 11, y 11; and a mask whose bit i is an event at x + i. TIME_HIGH \
             (8), EXT_TRIGGER (10) as EVT2. The upper half comes second (`endianness=little`) or first (`legacy`)",
    source: "OpenEB, hal/cpp: evt21_event_types.h, evt21_decoder.h",
    reads: Holds::TRIGGERS,
    writes: Holds::TRIGGERS,
    options: &["halfOrder"],
    write_options: &["halfOrder"],
    detect: |head| RawHeader::read(head).is_evt("2.1", "EVT21"),
    open: |opening: Opening| {
        let header = RawHeader::read(opening.head);
        let endianness = opening.options.half_order.as_deref();
        let endianness =
            endianness.or_else(|| header.format_option("endianness")).or_else(|| header.get("endianness"));
        Ok(Opened {
            decoder: Box::new(Evt21 {
                clock: HighClock::new(28, 6, header.origin()),
                legacy: is_legacy(endianness)?,
                rest: (0, 0),
            }),
            start: header.end as u64,
            end: None,
            sensor: header.sensor(),
            metadata: header.fields,
            missing: None,
        })
    },
    write: |options: &WriteOptions| {
        Ok(Box::new(Evt21Encoder {
            sensor: Sensor::from_options(options)?,
            legacy: is_legacy(options.half_order.as_deref())?,
            high: None,
            begun: false,
            vector: None,
            order: Ordered::new("evt21"),
        }))
    },
};

fn is_legacy(endianness: Option<&str>) -> Result<bool> {
    match endianness {
        None | Some("little") => Ok(false),
        Some("legacy") => Ok(true),
        Some(other) => Err(Error::invalid("halfOrder", format!("\"{other}\""), "\"little\" or \"legacy\"")),
    }
}

#[derive(Clone)]
struct Evt21 {
    clock: HighClock,
    legacy: bool,
    /// The word whose events did not fit into the batch: its upper half, and the rest of its mask.
    rest: (u32, u32),
}

impl Evt21 {
    /// Adds as many events of a vector as fit; the rest is kept.
    fn vector(&mut self, base: f64, upper: u32, mut mask: u32, batch: &mut Batch) {
        let t = base + f64::from((upper >> 22 & 0x3f) as i32);
        let (x, y) = ((upper >> 11 & 0x7ff) as u16, (upper & 0x7ff) as u16);
        while mask != 0 && batch.remaining() > 0 {
            batch.push(t, x + mask.trailing_zeros() as u16, y, (upper >> 28) as u8);
            mask &= mask - 1;
        }
        self.rest = (upper, mask);
    }
}

impl Decoder for Evt21 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let mut base = self.clock.base();
        let (upper, mask) = self.rest;
        if let Some(base) = base {
            self.vector(base, upper, mask, batch);
        }
        let words = input.bytes.as_chunks::<8>().0;
        let mut at = 0;
        while at < words.len() && !batch.full() {
            let word = u64::from_le_bytes(words[at]);
            let word = if self.legacy { word.rotate_left(32) } else { word };
            let (upper, mask) = ((word >> 32) as u32, word as u32);
            at += 1;
            if upper >> 28 == 8 {
                self.clock.set(upper & 0x0fff_ffff);
                base = self.clock.base();
            }
            let Some(base) = base else { continue };
            match upper >> 28 {
                0..=1 => self.vector(base, upper, mask, batch),
                10 => batch.trigger(
                    base + f64::from((upper >> 22 & 0x3f) as i32),
                    (upper >> 8 & 0x1f) as u8,
                    (upper & 1) as u8,
                ),
                _ => {}
            }
        }
        Ok(Step::Took(8 * at))
    }

    fn pending(&self) -> bool {
        self.rest.1 != 0
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct Evt21Encoder {
    sensor: Option<Sensor>,
    legacy: bool,
    high: Option<i64>,
    begun: bool,
    /// The current vector word: upper half, mask, and full time.
    vector: Option<(u32, u32, i64)>,
    order: Ordered,
}

impl Evt21Encoder {
    fn write_word(&self, upper: u32, lower: u32, out: &mut Vec<u8>) {
        let word = u64::from(upper) << 32 | u64::from(lower);
        out.extend(if self.legacy { word.rotate_left(32) } else { word }.to_le_bytes());
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some((upper, mask, _)) = self.vector.take() {
            self.write_word(upper, mask, out);
        }
    }

    /// Adds the event to the vector if possible. It must come after the vector's last event, so that the order is kept.
    fn joins(&mut self, event: &Event) -> bool {
        let Some((upper, mask, t)) = &mut self.vector else { return false };
        let first = *upper >> 11 & 0x7ff;
        let same = *t == event.t
            && *upper & 0x7ff == u32::from(event.y)
            && *upper >> 28 == u32::from(event.polarity & 1)
            && u32::from(event.x) > first + (31 - mask.leading_zeros())
            && u32::from(event.x) < first + 32;
        if same {
            *mask |= 1 << (u32::from(event.x) - first);
        }
        same
    }
}

impl Encoder for Evt21Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            let order = if self.legacy { ";endianness=legacy" } else { ";endianness=little" };
            out.extend(evt_header("2.1", "EVT21", order, self.sensor));
        }
        for event in checked_events(batch, &mut self.order, 0x7ff)? {
            if event.trigger.is_none() && self.joins(&event) {
                continue;
            }
            self.flush(out);
            let mut high = self.high;
            high_words(&mut high, event.t, 6, 28, |high| self.write_word(8 << 28 | high, 0, out))?;
            self.high = high;
            let low = (event.t & 0x3f) as u32;
            if let Some(id) = event.trigger {
                let upper = 10 << 28 | low << 22 | u32::from(id & 0x1f) << 8 | u32::from(event.polarity & 1);
                self.write_word(upper, 0, out);
                continue;
            }
            let upper = u32::from(event.polarity & 1) << 28 | low << 22 | u32::from(event.y);
            // Cameras align vectors to 32 pixels.
            let first = u32::from(event.x) & !31;
            self.vector = Some((upper | first << 11, 1 << (u32::from(event.x) - first), event.t));
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        self.flush(out);
        Ok(Vec::new())
    }
}
