//! ECF, Prophesee's codec of camera events, filter 0x8ECF: run-length encoded time differences, then addresses and polarities,
//! packed or run-length encoded. A chunk is decoded to records of 16 bytes: x and y with 16 bits each, polarity with 16,
//! padding of 2 bytes, time with 64 bits.

use super::checked::{damaged, zeros};
use lapicque_base::Result;

/// Bytes of a record.
pub const RECORD: usize = 16;

/// Maximum number of events of a chunk.
pub const MAX_EVENTS: usize = 65535;

/// The remaining packed bytes.
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

/// Appends a value this number of times, but not beyond `count`.
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
    if count > MAX_EVENTS || count * RECORD > most {
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

/// The upper half of a byte is the time difference, the lower half the number of events at that time. A lower half of 15 is
/// followed by two bytes with a larger number; an upper half of 15 holds 4 bits of a longer difference.
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

/// Four events in three 32-bit words: 11 bits of y, 11 of x, one of polarity each.
fn packed_addresses(reader: &mut Reader, t: Vec<u64>) -> Result<Events> {
    let count = t.len();
    let mut events = Events {
        t,
        x: Vec::with_capacity(count + 3),
        y: Vec::with_capacity(count + 3),
        p: Vec::with_capacity(count + 3),
    };
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

/// Four events in three 16-bit words: 11 bits of x and one of polarity each.
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

/// An x, and a bit for each of the five following ones; then runs of polarities.
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

/// The inverse of `decode`. Errors: `invalid-parameter` with the name `path` for events that ECF cannot represent: descending
/// times, addresses of more than 11 bits, polarities other than 0 and 1.
pub fn encode(records: &[u8], path: &str) -> Result<Vec<u8>> {
    let (records, _) = records.as_chunks::<RECORD>();
    let time = |r: &[u8; RECORD]| u64::from_le_bytes([r[8], r[9], r[10], r[11], r[12], r[13], r[14], r[15]]);
    let x = |r: &[u8; RECORD]| u16::from_le_bytes([r[0], r[1]]);
    let y = |r: &[u8; RECORD]| u16::from_le_bytes([r[2], r[3]]);
    let count = records.len();
    // The padding of a chunk is not checked.
    let is_filling = |r: &[u8; RECORD]| *r == [0; RECORD];
    let is_lost = |r: &[u8; RECORD]| r[1] > 7 || r[3] > 7 || r[4] > 1 || r[5] != 0;
    let goes_back = |two: &[[u8; RECORD]]| time(&two[0]) > time(&two[1]) && !is_filling(&two[1]);
    if records.iter().any(is_lost) || records.windows(2).any(goes_back) {
        let expected = "times that never go back, x and y below 2048 and polarities 0 or 1, as ECF has them";
        return Err(lapicque_base::Error::invalid(path, "events that ECF cannot hold", expected));
    }
    // Addresses are run-length encoded if rows of the sensor have several events at the same time, as in a scan; otherwise
    // they are packed.
    let repeats = records.windows(2).filter(|two| y(&two[0]) == y(&two[1])).count();
    let is_packed = 5 * repeats <= count;
    let mut out =
        ((count as u32) << 2 | u32::from(is_packed) << 1 | u32::from(!is_packed)).to_le_bytes().to_vec();
    let mut now = records.first().map_or(0, time);
    out.extend_from_slice(&now.to_le_bytes());
    let mut rest = records;
    while let Some(first) = rest.first() {
        let t = time(first).max(now);
        let mut passed = t - now;
        if passed >= 15 {
            while passed > 0 {
                out.push(0xf0 | (passed & 15) as u8);
                passed >>= 4;
            }
        }
        let together = rest.iter().take_while(|record| time(record).max(now) == t).count();
        let high = (passed as u8) << 4;
        if together >= 15 {
            out.push(high | 15);
            out.extend_from_slice(&(together as u16).to_le_bytes());
        } else {
            out.push(high | together as u8);
        }
        now = t;
        rest = &rest[together..];
    }
    if is_packed {
        for four in records.chunks(4) {
            let value = |i: usize| {
                let Some(r) = four.get(i) else { return 0 };
                u32::from(y(r)) << 12 | u32::from(x(r)) << 1 | u32::from(r[4] & 1)
            };
            let [a, b, c, d] = [value(0), value(1), value(2), value(3)];
            for word in [a << 8 | b & 0xff, (b >> 8) << 16 | c & 0xffff, (c >> 16) << 24 | d & 0xff_ffff] {
                out.extend_from_slice(&word.to_le_bytes());
            }
        }
        return Ok(out);
    }
    for run in records.chunk_by(|a, b| y(a) == y(b)) {
        let word = y(&run[0]) << 5;
        if run.len() >= 31 {
            out.extend_from_slice(&(word | 31).to_le_bytes());
            out.extend_from_slice(&(run.len() as u16).to_le_bytes());
        } else {
            out.extend_from_slice(&(word | run.len() as u16).to_le_bytes());
        }
    }
    for four in records.chunks(4) {
        let value = |i: usize| four.get(i).map_or(0, |r| x(r) << 1 | u16::from(r[4] & 1));
        let [a, b, c, d] = [value(0), value(1), value(2), value(3)];
        for word in [a << 4 | b & 0xf, (b >> 4) << 8 | c & 0xff, (c >> 8) << 12 | d] {
            out.extend_from_slice(&word.to_le_bytes());
        }
    }
    Ok(out)
}
