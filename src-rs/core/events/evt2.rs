//! Prophesee EVT2: words of 32 bits.

#[cfg(target_arch = "x86_64")]
use crate::avx512;
use crate::batch::Batch;
use crate::format::{Decoder, Encoder, Format, Holds, Input, MAX_TIME, Opened, Opening, Patch, Sensor, Step};
use crate::options::WriteOptions;
use crate::raw_header::{RawHeader, evt_header};
use crate::writing::{Ordered, checked_events};
use lapicque_base::error::{Error, Result};
use lapicque_base::settings::simd_or_portable;
use lapicque_base::simd::SimdLevel;

pub const FORMAT: Format = Format {
    name: "evt2",
    title: "Prophesee EVT2",
    extensions: &["raw"],
    magic: "% evt 2.0",
    sensor: "header lines `format` or `geometry`",
    fields: "word: type 4 bits, low time 6, x 11, y 11; TIME_HIGH (8): the upper 28 bits of 34 of the time; EXT_TRIGGER (10): id bits \
             8-12, value bit 0",
    source: "OpenEB, hal/cpp: evt2_event_types.h, evt2_decoder.h",
    reads: Holds::TRIGGERS,
    writes: Holds::TRIGGERS,
    options: &[],
    write_options: &[],
    detect: |head| RawHeader::read(head).is_evt("2.0", "EVT2"),
    open: |opening: Opening| {
        let header = RawHeader::read(opening.head);
        Ok(Opened {
            decoder: Box::new(Evt2 { clock: HighClock::new(28, 6, header.origin()) }),
            start: header.end as u64,
            end: None,
            sensor: header.sensor(),
            metadata: header.fields,
            missing: None,
        })
    },
    write: |options: &WriteOptions| {
        Ok(Box::new(Evt2Encoder {
            sensor: Sensor::from_options(options)?,
            high: None,
            begun: false,
            order: Ordered::new("evt2"),
        }))
    },
};

/// The time of formats whose upper bits come in separate words. Events before the first such word are ignored.
#[derive(Clone)]
pub struct HighClock {
    /// Number of upper bits, and of lower bits.
    bits: u32,
    low_bits: u32,
    high: Option<u32>,
    loops: i64,
    origin: i64,
}

impl HighClock {
    pub fn new(bits: u32, low_bits: u32, origin: i64) -> Self {
        HighClock { bits, low_bits, high: None, loops: 0, origin }
    }

    /// The counter has wrapped around if it falls by more than half of its range. A smaller decrease is an out-of-order word.
    pub fn set(&mut self, high: u32) {
        if self.high.is_some_and(|old| old > high && old - high > 1 << (self.bits - 1)) {
            // The number of wrap-arounds is limited, because a damaged file could exceed 2^53 microseconds.
            self.loops = (self.loops + 1).min(MAX_TIME >> (self.bits + self.low_bits));
        }
        self.high = Some(high);
    }

    /// The time at which the upper bits are 0, if all sums with it are exact (below 2^52).
    pub fn epoch(&self) -> Option<f64> {
        let epoch = self.origin + (self.loops << (self.bits + self.low_bits));
        (epoch < 1 << 51).then_some(epoch as f64)
    }

    /// The time at which the lower bits are 0.
    #[inline(always)]
    pub fn base(&self) -> Option<f64> {
        let high = i64::from(self.high?) << self.low_bits;
        Some((self.origin + (self.loops << (self.bits + self.low_bits)) + high) as f64)
    }
}

#[derive(Clone)]
struct Evt2 {
    clock: HighClock,
}

/// Words that are decoded together if they are events and time words in order.
const GROUP: usize = 16;
/// Kinds of such words, as a bit set.
const IN_GROUPS: u32 = 1 << 0 | 1 << 1 | 1 << 8;

impl Evt2 {
    /// Decodes groups as far as possible; returns the number of words.
    fn groups(&mut self, words: &[[u8; 4]], level: SimdLevel, batch: &mut Batch) -> usize {
        let (Some(mut high), Some(epoch)) = (self.clock.high, self.clock.epoch()) else { return 0 };
        let at = match level {
            #[cfg(target_arch = "x86_64")]
            SimdLevel::Avx512 => {
                let at;
                // SAFETY: the CPU has the level, as `simd_or_portable` has found.
                (at, high) = unsafe { avx512::evt2(words, high, epoch, batch) };
                at
            }
            _ => {
                let mut at = 0;
                while let Some(group) = words[at..].first_chunk()
                    && batch.remaining() >= GROUP
                    && one_group(group, &mut high, epoch, batch)
                {
                    at += GROUP;
                }
                at
            }
        };
        self.clock.high = Some(high);
        at
    }
}

/// Decodes a group without a branch per word: every word is stored, and overwritten by the next if it was not an event.
/// Refused, without any change, if there are other words or decreasing times.
#[inline(always)]
fn one_group(group: &[[u8; 4]; GROUP], high: &mut u32, epoch: f64, batch: &mut Batch) -> bool {
    let group = group.map(u32::from_le_bytes);
    if group.iter().any(|word| IN_GROUPS >> (word >> 28) & 1 == 0) {
        return false;
    }
    let (mut now, mut falls, mut count) = (*high, false, 0);
    let block = batch.next_block::<GROUP>();
    for word in group {
        let is_high = word >> 28 == 8;
        let next = if is_high { word & 0x0fff_ffff } else { now };
        falls |= next < now;
        now = next;
        block.t[count % GROUP] = epoch + ((i64::from(now) << 6) + i64::from(word >> 22 & 0x3f)) as f64;
        block.x[count % GROUP] = (word >> 11 & 0x7ff) as u16;
        block.y[count % GROUP] = (word & 0x7ff) as u16;
        block.polarity[count % GROUP] = (word >> 28) as u8;
        count += usize::from(!is_high);
    }
    if !falls {
        *high = now;
        batch.len += count;
    }
    !falls
}

impl Decoder for Evt2 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let words = input.bytes.as_chunks::<4>().0;
        let level = simd_or_portable();
        let mut at = 0;
        while at < words.len() && !batch.full() {
            at += self.groups(&words[at..], level, batch);
            let mut base = self.clock.base();
            let until = words.len().min(at + GROUP);
            while at < until && batch.remaining() > 0 {
                let word = u32::from_le_bytes(words[at]);
                at += 1;
                if word >> 28 == 8 {
                    self.clock.set(word & 0x0fff_ffff);
                    base = self.clock.base();
                }
                let Some(base) = base else { continue };
                let t = base + f64::from((word >> 22 & 0x3f) as i32);
                match word >> 28 {
                    polarity @ 0..=1 => {
                        batch.push(t, (word >> 11 & 0x7ff) as u16, (word & 0x7ff) as u16, polarity as u8);
                    }
                    10 => batch.trigger(t, (word >> 8 & 0x1f) as u8, (word & 1) as u8),
                    _ => {}
                }
            }
        }
        Ok(Step::Took(4 * at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct Evt2Encoder {
    sensor: Option<Sensor>,
    high: Option<i64>,
    begun: bool,
    order: Ordered,
}

impl Encoder for Evt2Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            out.extend(evt_header("2.0", "EVT2", "", self.sensor));
        }
        for event in checked_events(batch, &mut self.order, 0x7ff)? {
            high_words(&mut self.high, event.t, 6, 28, |high| out.extend((8 << 28 | high).to_le_bytes()))?;
            let low = (event.t & 0x3f) as u32;
            let word = match event.trigger {
                Some(id) => 10 << 28 | low << 22 | u32::from(id & 0x1f) << 8 | u32::from(event.polarity & 1),
                None => {
                    u32::from(event.polarity & 1) << 28
                        | low << 22
                        | u32::from(event.x) << 11
                        | u32::from(event.y)
                }
            };
            out.extend(word.to_le_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}

/// Emits the words with the upper bits of an event's time: one when they change, and more when they change by so much that a
/// reader could not count the wrap-arounds. Errors: `invalid-parameter` for a time so far ahead that very many words would be
/// needed.
pub fn high_words(
    written: &mut Option<i64>,
    t: i64,
    low_bits: u32,
    bits: u32,
    mut word: impl FnMut(u32),
) -> Result<()> {
    let high = t >> low_bits;
    let mask = (1_i64 << bits) - 1;
    // A reader counts a wrap-around when the counter falls by more than half of its range. With steps of less than half, it
    // counts each.
    let step = (1_i64 << (bits - 1)) - 1;
    if *written == Some(high) {
        return Ok(());
    }
    let mut at = written.unwrap_or(if high <= mask { high } else { 0 });
    if (high - at) / step > MAX_STEPS {
        let expected = format!(
            "at most {} microseconds after the time before (the counter of the format begins anew every {}); read with \
             origin: 'first' to begin at 0",
            (MAX_STEPS * step) << low_bits,
            (mask + 1) << low_bits
        );
        return Err(Error::invalid("t", t, expected));
    }
    if written.is_none() && at != high {
        word(0);
    }
    while high - at > step {
        at += step;
        word((at & mask) as u32);
    }
    word((high & mask) as u32);
    *written = Some(high);
    Ok(())
}

/// Maximum number of words for a pause.
const MAX_STEPS: i64 = 1 << 14;
