//! ECF, Prophesee's codec of camera events, filter 0x8ECF: times as differences in runs, then addresses and polarities, packed or in runs. A chunk is
//! decoded to records of 16 bytes: x and y of 16 bits each, polarity of 16, 2 of padding, time of 64.

use super::{damaged, zeros};
use lapicque_base::Result;

/// Bytes of a record.
pub const RECORD: usize = 16;

/// Events that one chunk may have.
pub const MOST_EVENTS: usize = 65535;

/// A part of the packed bytes, read from its beginning on.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(|| damaged("ECF", "it ends early"))?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn byte(&mut self) -> Result<usize> {
        Ok(usize::from(self.take::<1>()?[0]))
    }

    fn word(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.take()?))
    }
}

/// Events field by field.
struct Events {
    t: Vec<u64>,
    x: Vec<u16>,
    y: Vec<u16>,
    p: Vec<u8>,
}

/// Adds a value so many times, but not beyond `count`.
fn run<T: Copy>(into: &mut Vec<T>, value: T, times: usize, count: usize) -> Result<()> {
    if times > count - into.len() {
        return Err(damaged("ECF", "a run that is longer than its chunk"));
    }
    into.extend(std::iter::repeat_n(value, times));
    Ok(())
}

pub(super) fn decode(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let mut reader = Reader(bytes);
    let head = u32::from_le_bytes(reader.take()?);
    let count = (head >> 2) as usize;
    if count > MOST_EVENTS || count * RECORD > most {
        return Err(damaged("ECF", &format!("it declares {count} events")));
    }
    let t = times(&mut reader, count)?;
    let events = if head & 2 != 0 {
        packed_addresses(&mut reader, t)?
    } else {
        let mut y = Vec::with_capacity(count);
        while y.len() < count {
            let word = reader.word()?;
            let times = match word & 31 {
                31 => reader.word()?,
                times => times,
            };
            run(&mut y, word >> 5, usize::from(times), count)?;
            if times == 0 {
                return Err(damaged("ECF", "an empty run"));
            }
        }
        if head & 1 != 0 { packed_columns(&mut reader, t, y)? } else { masked_columns(&mut reader, t, y)? }
    };
    let mut out = zeros(most)?;
    for (i, record) in out.chunks_exact_mut(RECORD).take(count).enumerate() {
        record[0..2].copy_from_slice(&events.x[i].to_le_bytes());
        record[2..4].copy_from_slice(&events.y[i].to_le_bytes());
        record[4] = events.p[i];
        record[8..16].copy_from_slice(&events.t[i].to_le_bytes());
    }
    Ok(out)
}

/// The upper half of a byte is what has passed, the lower how many events there are then: 15 and two further bytes for more of them,
/// and 15 in the upper half for 4 bits of a longer time.
fn times(reader: &mut Reader, count: usize) -> Result<Vec<u64>> {
    let mut now = u64::from_le_bytes(reader.take()?);
    let mut t = Vec::with_capacity(count);
    while t.len() < count {
        let mut byte = reader.byte()?;
        if byte >> 4 == 15 {
            let (mut passed, mut shift) = (0_u64, 0);
            while byte >> 4 == 15 {
                passed |= ((byte & 15) as u64).checked_shl(shift).unwrap_or(0);
                shift += 4;
                byte = reader.byte()?;
            }
            now = now.wrapping_add(passed);
        }
        now = now.wrapping_add((byte >> 4) as u64);
        let times = match byte & 15 {
            15 => usize::from(reader.word()?),
            times => times,
        };
        if times == 0 {
            return Err(damaged("ECF", "an empty run"));
        }
        run(&mut t, now, times, count)?;
    }
    Ok(t)
}

/// Four events in three words of 32 bits: 11 bits of y, 11 of x, one of polarity each.
fn packed_addresses(reader: &mut Reader, t: Vec<u64>) -> Result<Events> {
    let count = t.len();
    let mut events = Events { t, x: Vec::with_capacity(count + 3), y: Vec::with_capacity(count + 3), p: Vec::with_capacity(count + 3) };
    while events.x.len() < count {
        let words: [u32; 3] = [reader.take()?, reader.take()?, reader.take()?].map(u32::from_le_bytes);
        let values = [
            words[0] >> 8,
            words[0] & 0xff | (words[1] >> 16) << 8,
            words[1] & 0xffff | (words[2] >> 24) << 16,
            words[2] & 0xff_ffff,
        ];
        for value in values {
            events.y.push((value >> 12 & 0x7ff) as u16);
            events.x.push((value >> 1 & 0x7ff) as u16);
            events.p.push((value & 1) as u8);
        }
    }
    Ok(events)
}

/// Four events in three words of 16 bits: 11 bits of x and one of polarity each.
fn packed_columns(reader: &mut Reader, t: Vec<u64>, y: Vec<u16>) -> Result<Events> {
    let count = t.len();
    let mut events = Events { t, x: Vec::with_capacity(count + 3), y, p: Vec::with_capacity(count + 3) };
    while events.x.len() < count {
        let words = [reader.word()?, reader.word()?, reader.word()?];
        let values = [
            words[0] >> 4,
            words[0] & 0xf | (words[1] >> 8) << 4,
            words[1] & 0xff | (words[2] >> 12) << 8,
            words[2] & 0xfff,
        ];
        for value in values {
            events.x.push(value >> 1);
            events.p.push((value & 1) as u8);
        }
    }
    Ok(events)
}

/// An x, and a bit for each of the five behind it; then runs of polarities.
fn masked_columns(reader: &mut Reader, t: Vec<u64>, y: Vec<u16>) -> Result<Events> {
    let count = t.len();
    let mut x = Vec::with_capacity(count + 5);
    while x.len() < count {
        let word = reader.word()?;
        let first = word >> 5;
        x.push(first);
        x.extend((0..5).filter(|j| word & (1 << (4 - j)) != 0).map(|j| first + j + 1));
    }
    let mut p = Vec::with_capacity(count);
    while p.len() < count {
        let byte = reader.byte()?;
        let times = match byte & 127 {
            127 => usize::from(reader.word()?),
            times => times,
        };
        if times == 0 {
            return Err(damaged("ECF", "an empty run"));
        }
        run(&mut p, (byte >> 7) as u8, times, count)?;
    }
    Ok(Events { t, x, y, p })
}
