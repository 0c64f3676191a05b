//! Prophesee EVT3: 16-bit words, each of which changes a part of the next event.

#[cfg(target_arch = "x86_64")]
use crate::avx512;
use crate::batch::Batch;
use crate::evt2::{HighClock, high_words};
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step, TWO_52};
use crate::options::WriteOptions;
use crate::raw_header::{RawHeader, evt_header};
use crate::writing::{Event, Ordered, checked_events};
use lapicque_base::error::Result;
use lapicque_base::settings::simd_or_portable;
use lapicque_base::simd::SimdLevel;

pub const FORMAT: Format = Format {
    name: "evt3",
    title: "Prophesee EVT3",
    extensions: &["raw"],
    magic: "% evt 3.0",
    sensor: "header lines `format` or `geometry`",
    fields: "word: type 4 bits, content 12. 0: y (11 bits); 2: one event at x (11 bits) with polarity (bit 11); 3: x and polarity of vectors; \
             4, 5: 12 or 8 events at x + i, then x moves on; 6: lower 12 bits of the time; 8: upper 12 bits, and the lower ones are 0; \
             10: trigger (id bits 8-11, value bit 0); 9 (0x9999): padding",
    source: "OpenEB, hal/cpp: evt3_event_types.h, evt3_decoder.h",
    reads: Holds::TRIGGERS,
    writes: Holds::TRIGGERS,
    options: &[],
    write_options: &[],
    detect: |head| RawHeader::read(head).is_evt("3.0", "EVT3"),
    open: |opening: Opening| {
        let header = RawHeader::read(opening.head);
        Ok(Opened {
            decoder: Box::new(Evt3 {
                clock: HighClock::new(12, 12, header.origin()),
                base: None,
                t: 0.0,
                x: 0,
                y: 0,
                polarity: 0,
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
        Ok(Box::new(Evt3Encoder {
            sensor: Sensor::from_options(options)?,
            high: None,
            low: None,
            y: None,
            begun: false,
            run: Vec::new(),
            order: Ordered::new("evt3"),
        }))
    },
};

#[derive(Clone)]
struct Evt3 {
    clock: HighClock,
    /// The time at which the lower bits are 0; events before it is known are ignored.
    base: Option<f64>,
    t: f64,
    x: u16,
    y: u16,
    polarity: u8,
    /// A vector whose events did not fit into the batch: the x of bit 0, and the rest of its mask.
    rest: (u16, u16),
}

impl Evt3 {
    #[inline(always)]
    fn vector(&mut self, x: u16, mut mask: u16, batch: &mut Batch) {
        if batch.remaining() >= 12 {
            // All twelve are stored and the set ones are kept, without a branch per event.
            let (t, y, polarity) = (self.t, self.y, self.polarity);
            let at = batch.len;
            let count = mask.count_ones() as usize;
            batch.t[at..at + 12].fill(t);
            batch.y[at..at + 12].fill(y);
            batch.polarity[at..at + 12].fill(polarity);
            let columns = &mut batch.x[at..at + 12];
            let mut i = 0;
            while mask != 0 {
                columns[i] = x.wrapping_add(mask.trailing_zeros() as u16);
                mask &= mask - 1;
                i += 1;
            }
            batch.len = at + count;
            return;
        }
        while mask != 0 && batch.remaining() > 0 {
            batch.push(self.t, x.wrapping_add(mask.trailing_zeros() as u16), self.y, self.polarity);
            mask &= mask - 1;
        }
        self.rest = (x, mask);
    }
}

/// Words that are decoded together if they are rows, lower times and single events.
const GROUP: usize = 16;
/// Kinds of such words, as a bit set.
const IN_GROUPS: u32 = 1 << 0 | 1 << 2 | 1 << 6;

impl Evt3 {
    /// Decodes groups as far as possible; returns the number of words.
    fn groups(&mut self, words: &[[u8; 2]], level: SimdLevel, batch: &mut Batch) -> usize {
        // Sums are exact below this limit.
        let Some(base) = self.base.filter(|&base| base < TWO_52) else { return 0 };
        match level {
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => {
                let mut state = avx512::Evt3State { low: (self.t - base) as u16, y: self.y };
                // SAFETY: the CPU has the level, as `simd_or_portable` has found.
                let at = unsafe { avx512::evt3(words, &mut state, base, batch) };
                (self.t, self.y) = (base + f64::from(state.low), state.y);
                at
            }
            _ => {
                let mut at = 0;
                while let Some(group) = words[at..].first_chunk()
                    && batch.remaining() >= GROUP
                    && self.one_group(group, base, batch)
                {
                    at += GROUP;
                }
                at
            }
        }
    }

    /// Decodes a group without a branch per word: every word is stored, and overwritten by the next if it was not an event.
    /// Refused, without any change, if there are other words.
    #[inline(always)]
    fn one_group(&mut self, group: &[[u8; 2]; GROUP], base: f64, batch: &mut Batch) -> bool {
        let group = group.map(u16::from_le_bytes);
        if group.iter().any(|word| IN_GROUPS >> (word >> 12) & 1 == 0) {
            return false;
        }
        let (mut t, mut y, mut count) = (self.t, self.y, 0);
        let block = batch.next_block::<GROUP>();
        for word in group {
            let (kind, later) = (word >> 12, base + f64::from(word & 0xfff));
            y = if kind == 0 { word & 0x7ff } else { y };
            t = if kind == 6 { later } else { t };
            block.t[count % GROUP] = t;
            block.x[count % GROUP] = word & 0x7ff;
            block.y[count % GROUP] = y;
            block.polarity[count % GROUP] = (word >> 11 & 1) as u8;
            count += usize::from(kind == 2);
        }
        (self.t, self.y) = (t, y);
        batch.len += count;
        true
    }

    /// Decodes a word of any kind.
    #[inline(always)]
    fn word(&mut self, word: u16, batch: &mut Batch) {
        let content = word & 0xfff;
        match word >> 12 {
            0x0 => self.y = word & 0x7ff,
            0x2 if self.base.is_some() => {
                batch.push(self.t, word & 0x7ff, self.y, (word >> 11 & 1) as u8);
            }
            0x3 => (self.x, self.polarity) = (word & 0x7ff, (word >> 11 & 1) as u8),
            0x4 => {
                let x = self.x;
                self.x = x.wrapping_add(12);
                if self.base.is_some() {
                    self.vector(x, content, batch);
                }
            }
            0x5 => {
                let x = self.x;
                self.x = x.wrapping_add(8);
                if self.base.is_some() {
                    self.vector(x, content & 0xff, batch);
                }
            }
            0x6 => {
                if let Some(base) = self.base {
                    self.t = base + f64::from(content);
                }
            }
            0x8 => {
                let old = self.base;
                self.clock.set(u32::from(content));
                self.base = self.clock.base();
                // A repeated word does not reset the lower bits.
                if let Some(base) = self.base.filter(|_| self.base != old) {
                    self.t = base;
                }
            }
            0xa if self.base.is_some() => {
                batch.trigger(self.t, (word >> 8 & 0xf) as u8, (word & 1) as u8);
            }
            _ => {}
        }
    }
}

impl Decoder for Evt3 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let (x, mask) = std::mem::take(&mut self.rest);
        self.vector(x, mask, batch);
        let words = input.bytes.as_chunks::<2>().0;
        let mut at = 0;
        let level = simd_or_portable();
        // A vector that did not fit is kept, and no later event may precede it.
        while at < words.len() && !batch.full() {
            at += self.groups(&words[at..], level, batch);
            let until = words.len().min(at + GROUP);
            while at < until && !batch.full() {
                self.word(u16::from_le_bytes(words[at]), batch);
                at += 1;
            }
        }
        Ok(Step::Took(2 * at))
    }

    fn pending(&self) -> bool {
        self.rest.1 != 0
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct Evt3Encoder {
    sensor: Option<Sensor>,
    high: Option<i64>,
    low: Option<i64>,
    y: Option<u16>,
    begun: bool,
    /// Events with the same time, row and polarity, and ascending x.
    run: Vec<Event>,
    order: Ordered,
}

impl Evt3Encoder {
    fn flush(&mut self, out: &mut Vec<u8>) {
        let Some(&first) = self.run.first() else { return };
        if self.y != Some(first.y) {
            self.y = Some(first.y);
            out.extend(first.y.to_le_bytes());
        }
        let polarity = u16::from(first.polarity & 1) << 11;
        let mut left = self.run.as_slice();
        while let Some(event) = left.first() {
            let near = left.iter().take_while(|other| other.x - event.x < 32).count();
            // A vector word and masks of 12, 12 and 8 bits are shorter from five events on.
            if near < 5 || event.x > 0x7ff - 32 {
                out.extend((0x2000 | polarity | event.x).to_le_bytes());
                left = &left[1..];
                continue;
            }
            let mask = left[..near].iter().fold(0_u32, |mask, other| mask | 1 << (other.x - event.x));
            out.extend((0x3000 | polarity | event.x).to_le_bytes());
            for word in [0x4000 | mask & 0xfff, 0x4000 | mask >> 12 & 0xfff, 0x5000 | mask >> 24] {
                out.extend((word as u16).to_le_bytes());
            }
            left = &left[near..];
        }
        self.run.clear();
    }

    fn time(&mut self, t: i64, out: &mut Vec<u8>) -> Result<()> {
        let before = self.high;
        high_words(&mut self.high, t, 12, 12, |high| out.extend((0x8000 | high as u16).to_le_bytes()))?;
        if self.high != before || self.low != Some(t & 0xfff) {
            self.low = Some(t & 0xfff);
            out.extend((0x6000 | (t & 0xfff) as u16).to_le_bytes());
        }
        Ok(())
    }
}

impl Encoder for Evt3Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            out.extend(evt_header("3.0", "EVT3", "", self.sensor));
        }
        for event in checked_events(batch, &mut self.order, 0x7ff)? {
            if let Some(id) = event.trigger {
                self.flush(out);
                self.time(event.t, out)?;
                let word = 0xa000 | u16::from(id & 0xf) << 8 | u16::from(event.polarity & 1);
                out.extend(word.to_le_bytes());
                continue;
            }
            let goes_on = self.run.last().is_some_and(|last| {
                last.t == event.t && last.y == event.y && last.polarity == event.polarity && last.x < event.x
            });
            if !goes_on {
                self.flush(out);
                self.time(event.t, out)?;
            }
            self.run.push(event);
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        self.flush(out);
        Ok(Vec::new())
    }
}
