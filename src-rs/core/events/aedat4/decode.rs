//! Decoding of AEDAT 4 packets: events, frames, triggers and IMU samples.

use super::{EVENT, TRIGGERS};
use crate::batch::{Batch, Frame};
use crate::compression::Compression;
use crate::flatbuffer::{self, Table};
use crate::format::{Decoder, Input, Step, TWO_52, exact, malformed};
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Error, Result};
use lapicque_base::settings::simd_or_portable;
use rayon::prelude::*;
use std::collections::VecDeque;

pub struct Aedat4 {
    compression: Compression,
    /// The stream of the first camera, if the file has several.
    events_of: Option<i32>,
    /// Maximum bytes of an unpacked packet.
    limit: usize,
    /// Packets with events that are not in a batch yet.
    queue: VecDeque<Events>,
    /// Buffers for reuse.
    spare: Vec<Vec<u8>>,
    others: u64,
}

/// An unpacked packet of events.
#[derive(Clone)]
struct Events {
    bytes: Vec<u8>,
    /// Offset of the next event, and the number of remaining events.
    at: usize,
    left: usize,
    offset: u64,
}

/// Packets that are unpacked together on all threads, and their maximum bytes in the file: enough for a parked thread to wake up before
/// the others have finished.
const TOGETHER: usize = 32;
const TOGETHER_BYTES: usize = 1 << 20;
/// Maximum unpacked size of a packet that is unpacked together with others; a larger one is unpacked alone.
const SMALL_PACKET: usize = 1 << 20;

impl Events {
    /// Moves as many events as fit.
    fn drain(&mut self, batch: &mut Batch) -> Result<()> {
        let count = self.left.min(batch.remaining());
        let events = self.bytes[self.at..self.at + count * EVENT].as_chunks::<EVENT>().0;
        self.at += count * EVENT;
        self.left -= count;
        let at = batch.len;
        batch.len += count;
        if at_level(simd_or_portable(), Columns { events, at, batch }) {
            // Only the events before a time that is out of range count.
            batch.len = at;
            for (t, event) in batch.t[at..].iter_mut().zip(events) {
                *t = exact("aedat4", self.offset, halves(event)[0] as i64)?;
                batch.len += 1;
            }
        }
        Ok(())
    }
}

/// Fills columns from an element on; returns whether a time is at least 2^52, in which case all times must be converted again.
struct Columns<'a> {
    events: &'a [[u8; EVENT]],
    at: usize,
    batch: &'a mut Batch,
}

impl Work for Columns<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Columns { events, at, batch } = self;
        let until = at + events.len();
        let (t, x, y) = (&mut batch.t[at..until], &mut batch.x[at..until], &mut batch.y[at..until]);
        let polarity = &mut batch.polarity[at..until];
        let mut late = 0;
        for (i, event) in events.iter().enumerate() {
            let [time, rest] = halves(event);
            // Below 2^52 a time is the mantissa of 2^52 + t.
            late |= time;
            t[i] = f64::from_bits(time & LOW_52 | EXPONENT_52) - TWO_52;
            x[i] = rest as u16;
            y[i] = (rest >> 16) as u16;
            polarity[i] = u8::from(rest >> 32 & 0xff != 0);
        }
        late >> 52 != 0
    }
}

const EXPONENT_52: u64 = 0x433 << 52;
const LOW_52: u64 = (1 << 52) - 1;

#[inline(always)]
fn halves(event: &[u8; EVENT]) -> [u64; 2] {
    let (t, rest) = event.split_at(8);
    [t, rest].map(|half| u64::from_le_bytes(half.try_into().expect("8 bytes")))
}

/// A packet as stored in the file.
struct Packet<'a> {
    stream: i32,
    content: &'a [u8],
    offset: u64,
}

impl Aedat4 {
    pub fn new(compression: Compression, events_of: Option<i32>, limit: usize) -> Self {
        Aedat4 { compression, events_of, limit, queue: VecDeque::new(), spare: Vec::new(), others: 0 }
    }

    /// The complete packets at the beginning of the bytes, and their end.
    fn packets<'a>(&self, input: Input<'a>) -> Result<(Vec<Packet<'a>>, Step)> {
        let (mut packets, mut at) = (Vec::new(), 0);
        let bytes = input.bytes;
        while packets.len() < TOGETHER && at < TOGETHER_BYTES && bytes.len() - at >= 8 {
            let offset = input.offset + at as u64;
            let field = |i: usize| {
                i32::from_le_bytes([bytes[at + i], bytes[at + i + 1], bytes[at + i + 2], bytes[at + i + 3]])
            };
            let (stream, size) = (field(0), field(4));
            let size = usize::try_from(size)
                .map_err(|_| malformed("aedat4", offset, format!("a packet of {size} bytes")))?;
            let Some(content) = bytes.get(at + 8..at + 8 + size) else {
                let needed = 8 + size as u64;
                if packets.is_empty() {
                    return Ok((packets, Step::Needs(at, needed)));
                }
                break;
            };
            packets.push(Packet { stream, content, offset });
            at += 8 + size;
        }
        Ok((packets, Step::Took(at)))
    }

    /// Parses an unpacked packet: the first `len` bytes of a buffer.
    fn take(
        &mut self,
        stream: i32,
        buffer: Vec<u8>,
        len: usize,
        offset: u64,
        batch: &mut Batch,
    ) -> Result<()> {
        let bad = |reason: &str| malformed("aedat4", offset, format!("packet of stream {stream}: {reason}"));
        let bytes = &buffer[..len];
        let identifier =
            flatbuffer::identifier_of(bytes).ok_or_else(|| bad("it is shorter than a flatbuffer"))?;
        let Some(table) = flatbuffer::root(bytes, &identifier) else {
            return Err(bad("it is no flatbuffer"));
        };
        let broken = || bad("a field of its flatbuffer lies outside of it");
        match &identifier {
            b"EVTS" => {
                let events = table.vector(0, EVENT).ok_or_else(broken)?;
                if self.events_of.is_some_and(|own| own != stream) {
                    self.others += (events.len() / EVENT) as u64;
                    return Ok(());
                }
                let (at, left) = (events.as_ptr() as usize - bytes.as_ptr() as usize, events.len() / EVENT);
                let at = if left == 0 { 0 } else { at };
                self.queue.push_back(Events { bytes: buffer, at, left, offset });
                return Ok(());
            }
            b"TRIG" => {
                for trigger in table.tables(0).ok_or_else(broken)? {
                    let trigger = trigger.ok_or_else(broken)?;
                    let t = exact("aedat4", offset, trigger.i64(0).ok_or_else(broken)?)?;
                    let [kind] = trigger.number(1).ok_or_else(broken)?;
                    let Some(&(_, id, polarity)) = TRIGGERS.iter().find(|(own, ..)| *own == kind) else {
                        continue;
                    };
                    batch.trigger(t, id, polarity);
                }
            }
            b"IMUS" => {
                for sample in table.tables(0).ok_or_else(broken)? {
                    imu(sample.ok_or_else(broken)?, offset, batch).ok_or_else(broken)??;
                }
            }
            b"FRME" => frame(table, offset, batch).ok_or_else(broken)??,
            _ => {}
        }
        self.spare.push(buffer);
        Ok(())
    }
}

fn imu(sample: Table, offset: u64, batch: &mut Batch) -> Option<Result<()>> {
    let t = match exact("aedat4", offset, sample.i64(0)?) {
        Ok(t) => t,
        Err(error) => return Some(Err(error)),
    };
    let three = |first: usize| Some([sample.f32(first)?, sample.f32(first + 1)?, sample.f32(first + 2)?]);
    batch.imu_sample(t, [three(2)?, three(5)?, three(8)?], sample.f32(1)?);
    Some(Ok(()))
}

fn frame(table: Table, offset: u64, batch: &mut Batch) -> Option<Result<()>> {
    let time = |index: usize| Some(exact("aedat4", offset, table.i64(index)?));
    let i16 = |index: usize| table.number(index).map(i16::from_le_bytes);
    let [format] = table.number(5)?;
    let (width, height) = (i16(6)?, i16(7)?);
    let pixels = table.vector(10, 1)?;
    // The numbers of OpenCV types: 8 bits with 1, 3 or 4 channels, 16 bits with one.
    let (channels, bytes_per_value) = match format {
        0 => (1, 1),
        16 => (3, 1),
        24 => (4, 1),
        2 => (1, 2),
        _ => {
            return Some(Err(Error::Unsupported {
                feature: format!("frames of pixel type {format}"),
                format: "aedat4".into(),
            }));
        }
    };
    let bytes = i64::from(width) * i64::from(height) * channels * bytes_per_value;
    if width < 0 || height < 0 || bytes != pixels.len() as i64 {
        let reason = format!("a frame of {width} x {height} x {channels} in {} bytes", pixels.len());
        return Some(Err(malformed("aedat4", offset, reason)));
    }
    let times = (|| Some([time(0)?, time(3)?, time(4)?]))()?;
    let [t, exposure_start, exposure_end] = match times.into_iter().collect::<Result<Vec<_>>>() {
        Ok(times) => [times[0], times[1], times[2]],
        Err(error) => return Some(Err(error)),
    };
    batch.frame(Frame {
        t,
        exposure_start,
        exposure_end,
        width: width as u32,
        height: height as u32,
        x: i32::from(i16(8)?),
        y: i32::from(i16(9)?),
        channels: channels as u32,
        bytes_per_value: bytes_per_value as u32,
        pixels: pixels.to_vec(),
    });
    Some(Ok(()))
}

impl Decoder for Aedat4 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        while let Some(events) = self.queue.front_mut() {
            events.drain(batch)?;
            if events.left > 0 {
                return Ok(Step::Took(0));
            }
            self.spare.extend(self.queue.pop_front().map(|events| events.bytes));
        }
        let (packets, step) = self.packets(input)?;
        self.spare.retain(|buffer| buffer.capacity() <= SMALL_PACKET);
        let mut buffers: Vec<Vec<u8>> =
            packets.iter().map(|_| self.spare.pop().unwrap_or_default()).collect();
        let (compression, limit) = (self.compression, self.limit);
        let unpack = |(i, (packet, buffer)): (usize, (&Packet, &mut Vec<u8>))| {
            compression.unpack(packet.content, if i == 0 { limit } else { limit.min(SMALL_PACKET) }, buffer)
        };
        let results: Vec<_> = if packets.len() > 1 && compression != Compression::None {
            packets.par_iter().zip(&mut buffers).enumerate().map(unpack).collect()
        } else {
            packets.iter().zip(&mut buffers).enumerate().map(unpack).collect()
        };
        for (i, ((packet, buffer), result)) in packets.iter().zip(buffers).zip(results).enumerate() {
            let Packet { stream, offset, .. } = *packet;
            match result {
                Ok(len) => self.take(stream, buffer, len, offset, batch)?,
                // It is unpacked again, alone, after the packets before it have been returned.
                Err(_) if i > 0 => return Ok(Step::Took((offset - input.offset) as usize)),
                Err(reason) => {
                    return Err(malformed("aedat4", offset, format!("packet of stream {stream}: {reason}")));
                }
            }
        }
        Ok(step)
    }

    fn chunk(&self) -> usize {
        TOGETHER_BYTES
    }

    fn pending(&self) -> bool {
        !self.queue.is_empty()
    }

    fn missing(&self, rest: &[u8]) -> Option<String> {
        (!rest.is_empty())
            .then(|| format!("the file ends inside a packet, after {} of its bytes", rest.len()))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        let Aedat4 { compression, events_of, limit, ref queue, others, .. } = *self;
        Some(Box::new(Aedat4 {
            compression,
            events_of,
            limit,
            queue: queue.clone(),
            spare: Vec::new(),
            others,
        }))
    }

    fn skipped(&self) -> Option<String> {
        (self.others > 0).then(|| format!("{} events belong to other cameras than the first", self.others))
    }
}
