//! Prophesee EVT4: 32-bit words, some followed by a mask of up to 32 events.

use crate::batch::Batch;
use crate::evt2::{HighClock, high_words};
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step};
use crate::options::WriteOptions;
use crate::raw_header::{RawHeader, evt_header};
use crate::writing::{Event, Ordered, checked_events};
use lapicque_base::error::Result;

pub const FORMAT: Format = Format {
    name: "evt4",
    title: "Prophesee EVT4",
    extensions: &["raw"],
    magic: "% evt 4.0",
    sensor: "header lines `format` or `geometry`",
    fields: "word: type 4 bits, low time 6, x 11, y 11. A/B: one event OFF/ON; C/D: events at x + i for each bit i of the word behind it; \
             E: the upper 28 bits of the time; 9: trigger (value bit 0, id bits 8-12); F: padding",
    source: "OpenEB 5.1.1, hal/cpp: evt4_event_types.h, evt4_decoder.h",
    reads: Holds::TRIGGERS,
    writes: Holds::TRIGGERS,
    options: &[],
    write_options: &[],
    detect: |head| RawHeader::read(head).is_evt("4.0", "EVT4"),
    open: |opening: Opening| {
        let header = RawHeader::read(opening.head);
        Ok(Opened {
            decoder: Box::new(Evt4 { clock: HighClock::new(28, 6, header.origin()), rest: (0, 0) }),
            start: header.end as u64,
            end: None,
            sensor: header.sensor(),
            metadata: header.fields,
            missing: None,
        })
    },
    write: |options: &WriteOptions| {
        Ok(Box::new(Evt4Encoder {
            sensor: Sensor::from_options(options)?,
            high: None,
            begun: false,
            vector: None,
            order: Ordered::new("evt4"),
        }))
    },
};

#[derive(Clone)]
struct Evt4 {
    clock: HighClock,
    /// A vector whose events did not fit into the batch: its word, and the rest of its mask.
    rest: (u32, u32),
}

impl Evt4 {
    fn vector(&mut self, base: f64, word: u32, mut mask: u32, batch: &mut Batch) {
        let t = base + f64::from((word >> 22 & 0x3f) as i32);
        let (x, y) = ((word >> 11 & 0x7ff) as u16, (word & 0x7ff) as u16);
        while mask != 0 && batch.remaining() > 0 {
            batch.push(t, x + mask.trailing_zeros() as u16, y, (word >> 28 & 1) as u8);
            mask &= mask - 1;
        }
        self.rest = (word, mask);
    }
}

impl Decoder for Evt4 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let mut base = self.clock.base();
        let (word, mask) = self.rest;
        if let Some(base) = base {
            self.vector(base, word, mask, batch);
        }
        let words = input.bytes.as_chunks::<4>().0;
        let mut at = 0;
        while at < words.len() && !batch.full() {
            let word = u32::from_le_bytes(words[at]);
            let kind = word >> 28;
            at += 1;
            if matches!(kind, 0xc | 0xd) {
                let Some(&mask) = words.get(at) else {
                    // The mask is not available yet.
                    at -= 1;
                    break;
                };
                at += 1;
                if let Some(base) = base {
                    self.vector(base, word, u32::from_le_bytes(mask), batch);
                }
                continue;
            }
            if kind == 0xe {
                self.clock.set(word & 0x0fff_ffff);
                base = self.clock.base();
            }
            let Some(base) = base else { continue };
            let t = base + f64::from((word >> 22 & 0x3f) as i32);
            match kind {
                0xa | 0xb => {
                    batch.push(t, (word >> 11 & 0x7ff) as u16, (word & 0x7ff) as u16, (kind & 1) as u8);
                }
                9 => batch.trigger(t, (word >> 8 & 0x1f) as u8, (word & 1) as u8),
                _ => {}
            }
        }
        Ok(Step::Took(4 * at))
    }

    fn pending(&self) -> bool {
        self.rest.1 != 0
    }

    fn missing(&self, rest: &[u8]) -> Option<String> {
        match rest.len() {
            0 => None,
            4.. => Some("the file ends between a vector's word and its mask".into()),
            left => Some(format!("the file ends inside a word: {left} bytes are left")),
        }
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct Evt4Encoder {
    sensor: Option<Sensor>,
    high: Option<i64>,
    begun: bool,
    /// The current vector word, its mask, and the full time.
    vector: Option<(u32, u32, i64)>,
    order: Ordered,
}

impl Evt4Encoder {
    /// A single event takes half the space of a vector.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let Some((word, mask, _)) = self.vector.take() else { return };
        if mask == 1 {
            out.extend((word - (2 << 28)).to_le_bytes());
        } else {
            out.extend(word.to_le_bytes());
            out.extend(mask.to_le_bytes());
        }
    }

    /// Adds the event to the vector if possible. It must come after the vector's last event, so that the order is kept.
    fn joins(&mut self, event: &Event) -> bool {
        let Some((word, mask, t)) = &mut self.vector else { return false };
        let first = *word >> 11 & 0x7ff;
        let same = *t == event.t
            && *word & 0x7ff == u32::from(event.y)
            && *word >> 28 & 1 == u32::from(event.polarity & 1)
            && u32::from(event.x) > first + (31 - mask.leading_zeros())
            && u32::from(event.x) < first + 32;
        if same {
            *mask |= 1 << (u32::from(event.x) - first);
        }
        same
    }
}

impl Encoder for Evt4Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            out.extend(evt_header("4.0", "EVT4", "", self.sensor));
        }
        for event in checked_events(batch, &mut self.order, 0x7ff)? {
            if event.trigger.is_none() && self.joins(&event) {
                continue;
            }
            self.flush(out);
            high_words(&mut self.high, event.t, 6, 28, |high| out.extend((0xe << 28 | high).to_le_bytes()))?;
            let low = (event.t & 0x3f) as u32;
            match event.trigger {
                Some(id) => {
                    let word =
                        9 << 28 | low << 22 | u32::from(id & 0x1f) << 8 | u32::from(event.polarity & 1);
                    out.extend(word.to_le_bytes());
                }
                None => {
                    let kind = 0xc | u32::from(event.polarity & 1);
                    let word = kind << 28 | low << 22 | u32::from(event.x) << 11 | u32::from(event.y);
                    self.vector = Some((word, 1, event.t));
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        self.flush(out);
        Ok(Vec::new())
    }
}
