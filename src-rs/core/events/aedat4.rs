//! AEDAT 4 of DV: packets of flatbuffers, each compressed by itself.

use crate::batch::{Batch, Frame};
use crate::compression::Compression;
use crate::flatbuffer::{self, Field, Table};
use crate::format::{
    Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step, TWO_52, exact, malformed,
};
use crate::options::WriteOptions;
use crate::writing::{check_pixel, check_polarity, whole_time};
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::error::{Error, Result};
use lapicque_base::settings::simd_or_portable;
use rayon::prelude::*;
use std::collections::VecDeque;

pub const FORMAT: Format = Format {
    name: "aedat4",
    title: "AEDAT 4 of DV",
    extensions: &["aedat4"],
    magic: "#!AER-DAT4.0",
    sensor: "attributes `sizeX` and `sizeY` of the header's XML",
    fields: "packet: stream 32 bits, size 32, then (LZ4, Zstd or plain) a flatbuffer. EVTS: t 64 bits, x 16, y 16, polarity 8, 3 bytes of \
             padding. Also FRME (frames), IMUS, TRIG. A table of all packets at the end, whose place the header has",
    source: "iniVation, dv-processing: AEDAT 4 specification and its flatbuffer schemas",
    detect: |head| head.starts_with(MAGIC),
    open: |opening: Opening| open(&opening),
    write: |options: &WriteOptions| {
        let sensor = Sensor::needed(options, "aedat4")?;
        let compression = Compression::named(options.compression.as_deref().unwrap_or("lz4"))?;
        Ok(Box::new(Aedat4Encoder { sensor, compression, position: 0, table: Vec::new(), begun: false }))
    },
};

const MAGIC: &[u8] = b"#!AER-DAT4.0\r\n";

fn open(opening: &Opening) -> Result<Opened> {
    let head = opening.head;
    let bad = |offset: usize, reason: &str| malformed("aedat4", offset as u64, reason);
    let at = MAGIC.len();
    let declared = head.get(at..at + 4).ok_or_else(|| bad(at, "it ends before its header"))?;
    let size = u32::from_le_bytes([declared[0], declared[1], declared[2], declared[3]]) as usize;
    let start = at + 4 + size;
    let buffer =
        head.get(at..start).ok_or_else(|| bad(at, &format!("it declares a header of {size} bytes")))?;
    let table = flatbuffer::root(buffer, b"IOHE")
        .ok_or_else(|| bad(at + 4, "its header is no flatbuffer of IOHE"))?;
    let broken = || bad(at + 4, "a field of its header lies outside of it");
    let number = i32::from_le_bytes(table.number(0).ok_or_else(broken)?);
    let compression = Compression::numbered(number).ok_or_else(|| Error::Unsupported {
        feature: format!("compression number {number}"),
        format: "aedat4".into(),
    })?;
    let position = table.i64(1).ok_or_else(broken)?;
    let info = String::from_utf8_lossy(table.text(2).ok_or_else(broken)?);
    let streams = streams(&info);
    let len = opening.source.len();
    let (end, missing) = match u64::try_from(position) {
        // Nothing, or -1 of a recording that was not closed.
        Err(_) | Ok(0) => (None, None),
        Ok(position) if position > len => (
            None,
            Some(format!("its header says that {position} bytes of packets are there; the file has {len}")),
        ),
        Ok(position) if position < start as u64 => {
            return Err(bad(
                at + 4,
                &format!("its table of packets begins at {position}, inside the header"),
            ));
        }
        Ok(position) => (Some(position), None),
    };
    let events = streams.iter().find(|stream| stream.kind == "EVTS");
    let limit = opening.options.limits.allowed(len).min(MAX_PACKET.max(2 * len)) as usize;
    Ok(Opened {
        end,
        sensor: events.and_then(|stream| stream.sensor),
        metadata: streams
            .iter()
            .map(|stream| (format!("stream {}", stream.id), stream.kind.clone()))
            .collect(),
        missing,
        ..Opened::new(
            Aedat4 {
                compression,
                events_of: events.map(|stream| stream.id),
                limit,
                queue: VecDeque::new(),
                spare: Vec::new(),
                others: 0,
            },
            start,
        )
    })
}

/// A packet of ten milliseconds of the fastest cameras is far below.
const MAX_PACKET: u64 = 16 << 20;

struct Stream {
    id: i32,
    kind: String,
    sensor: Option<Sensor>,
}

/// What the header's XML says of each stream: `<node name="0">` with attributes, and within it a node of the sensor's size.
fn streams(xml: &str) -> Vec<Stream> {
    let mut streams: Vec<Stream> = Vec::new();
    let mut size = (None, None);
    for element in xml.split('<').skip(1) {
        let attribute = |name: &str| {
            let (_, rest) = element.split_once(&format!("{name}=\""))?;
            rest.split_once('"').map(|(value, _)| value)
        };
        let content = element.split_once('>').map_or("", |(_, content)| content.trim());
        match attribute("key") {
            None if element.starts_with("node") => {
                if let Some(id) = attribute("name").and_then(|name| name.parse().ok()) {
                    streams.push(Stream { id, kind: String::new(), sensor: None });
                    size = (None, None);
                }
            }
            Some("typeIdentifier") => {
                if let Some(stream) = streams.last_mut() {
                    stream.kind = content.chars().take(4).collect();
                }
            }
            Some("sizeX") => size.0 = content.parse().ok(),
            Some("sizeY") => size.1 = content.parse().ok(),
            _ => {}
        }
        if let (Some(stream), (Some(width @ 1..=0xffff), Some(height @ 1..=0xffff))) =
            (streams.last_mut(), size)
        {
            stream.sensor = Some(Sensor { width, height });
        }
    }
    streams
}

struct Aedat4 {
    compression: Compression,
    /// Of several cameras in one file the first one counts.
    events_of: Option<i32>,
    /// Bytes of an unpacked packet.
    limit: usize,
    /// Packets of events that are not all in a batch yet.
    queue: VecDeque<Events>,
    /// Buffers to be used again.
    spare: Vec<Vec<u8>>,
    others: u64,
}

/// An unpacked packet of events.
#[derive(Clone)]
struct Events {
    bytes: Vec<u8>,
    /// Where the next event is, and how many there still are.
    at: usize,
    left: usize,
    offset: u64,
}

/// Bytes of an event.
const EVENT: usize = 16;
/// Packets that are unpacked together, on all threads, and how much of a file they may be: enough that a thread that sleeps wakes up before
/// the others are done.
const TOGETHER: usize = 32;
const TOGETHER_BYTES: usize = 1 << 20;
/// What a packet may unpack to that is unpacked together with others; a larger one is unpacked alone.
const SMALL_PACKET: usize = 1 << 20;

impl Events {
    /// Moves as many events as there is room for.
    fn drain(&mut self, batch: &mut Batch) -> Result<()> {
        let count = self.left.min(batch.room());
        let events = self.bytes[self.at..self.at + count * EVENT].as_chunks::<EVENT>().0;
        self.at += count * EVENT;
        self.left -= count;
        let at = batch.len;
        batch.len += count;
        if at_level(simd_or_portable(), Columns { events, at, batch }) {
            // Only those before a time that is out of range count.
            batch.len = at;
            for (t, event) in batch.t[at..].iter_mut().zip(events) {
                *t = exact("aedat4", self.offset, halves(event)[0] as i64)?;
                batch.len += 1;
            }
        }
        Ok(())
    }
}

/// Fills columns from an element on, and says whether there is a time that is not below 2^52: then all times are to be done again.
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

/// Types of triggers, and what of a batch they are: 0 is the camera's input, 1 its generator, 2 frames, 3 their exposures, 4 a reset of the clock.
const TRIGGERS: [(u8, u8, u8); 10] = [
    (1, 0, 1),
    (2, 0, 0),
    (3, 0, 2),
    (4, 1, 1),
    (5, 1, 0),
    (6, 2, 1),
    (7, 2, 0),
    (8, 3, 1),
    (9, 3, 0),
    (0, 4, 2),
];

/// One packet as it is in the file.
struct Packet<'a> {
    stream: i32,
    content: &'a [u8],
    offset: u64,
}

impl Aedat4 {
    /// The whole packets at the beginning of the bytes, and where they end.
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

    /// Takes apart an unpacked packet: the first `len` bytes of a buffer.
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
    // As OpenCV numbers its types: 8 bits of 1, 3 and 4 channels, 16 bits of one.
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
                // It is unpacked again, alone, when those before it are done with.
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
            .then(|| format!("the file ends inside a packet: {} bytes of it are there", rest.len()))
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
        (self.others > 0).then(|| format!("{} events are of other cameras than the first", self.others))
    }
}

struct Aedat4Encoder {
    sensor: Sensor,
    compression: Compression,
    position: u64,
    table: Vec<Entry>,
    begun: bool,
}

/// A packet in the table at the end.
struct Entry {
    offset: u64,
    stream: i32,
    size: i32,
    count: i64,
    first: i64,
    last: i64,
}

/// Events of a packet.
const PACKET: usize = 4096;

const STREAMS: [(&str, &str); 4] =
    [("EVTS", "events"), ("FRME", "frames"), ("IMUS", "imu"), ("TRIG", "triggers")];

impl Aedat4Encoder {
    fn header(&self, position: i64) -> Vec<u8> {
        let Sensor { width, height } = self.sensor;
        let mut xml = "<dv version=\"2.0\">\n    <node name=\"outInfo\" path=\"/outInfo/\">\n".to_string();
        for (id, (kind, name)) in STREAMS.iter().enumerate() {
            let attribute = |key: &str, of: &str, value: &str| {
                format!("            <attr key=\"{key}\" type=\"{of}\">{value}</attr>\n")
            };
            xml += &format!("        <node name=\"{id}\" path=\"/outInfo/{id}/\">\n");
            xml += &attribute("compression", "string", self.compression.name());
            xml += &attribute("originalModuleName", "string", "lapicque");
            xml += &attribute("originalOutputName", "string", name);
            xml += &attribute("typeDescription", "string", "written by lapicque");
            xml += &attribute("typeIdentifier", "string", kind);
            xml += &format!("            <node name=\"info\" path=\"/outInfo/{id}/info/\">\n");
            if matches!(*kind, "EVTS" | "FRME") {
                xml += &format!("    {}", attribute("sizeX", "int", &width.to_string()));
                xml += &format!("    {}", attribute("sizeY", "int", &height.to_string()));
            }
            xml += &format!("    {}", attribute("source", "string", "lapicque"));
            xml += "            </node>\n        </node>\n";
        }
        xml += "    </node>\n</dv>\n";
        let mut text = xml.into_bytes();
        let len = text.len() as u32;
        text.push(0);
        let fields = [
            Field::Number(self.compression.number().to_le_bytes().to_vec(), 4),
            Field::Number(position.to_le_bytes().to_vec(), 8),
            Field::Vector(len, text),
        ];
        let mut out = MAGIC.to_vec();
        out.extend(flatbuffer::write(b"IOHE", &fields));
        out
    }

    fn packet(
        &mut self,
        stream: i32,
        content: &[u8],
        times: [i64; 2],
        count: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let packed = self.compression.pack(content);
        let size = i32::try_from(packed.len())
            .map_err(|_| Error::Internal { reason: "a packet of 2 GiB".into() })?;
        out.extend(stream.to_le_bytes());
        out.extend(size.to_le_bytes());
        self.position += 8;
        let [first, last] = times;
        self.table.push(Entry { offset: self.position, stream, size, count: count as i64, first, last });
        self.position += packed.len() as u64;
        out.extend(packed);
        Ok(())
    }

    fn events(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        for from in (0..batch.len).step_by(PACKET) {
            let mut bytes = Vec::with_capacity(PACKET * EVENT);
            let range = from..batch.len.min(from + PACKET);
            let mut times = [i64::MAX, i64::MIN];
            for i in range.clone() {
                let (t, x, y, polarity) =
                    (whole_time(batch.t[i], i64::MIN)?, batch.x[i], batch.y[i], batch.polarity[i]);
                check_pixel("aedat4", x, y, i16::MAX as u16, i16::MAX as u16)?;
                check_polarity(polarity)?;
                times = [times[0].min(t), times[1].max(t)];
                bytes.extend(t.to_le_bytes());
                bytes.extend(x.to_le_bytes());
                bytes.extend(y.to_le_bytes());
                bytes.extend([polarity, 0, 0, 0]);
            }
            let content = flatbuffer::write(b"EVTS", &[Field::Vector(range.len() as u32, bytes)]);
            self.packet(0, &content, times, range.len(), out)?;
        }
        Ok(())
    }

    fn others(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        let i64_field = |value: i64| Field::Number(value.to_le_bytes().to_vec(), 8);
        let i16_field = |value: i16| Field::Number(value.to_le_bytes().to_vec(), 2);
        let f32_field = |value: f32| Field::Number(value.to_le_bytes().to_vec(), 4);
        for frame in &batch.frames {
            let kind = match (frame.channels, frame.bytes_per_value) {
                (1, 1) => 0,
                (3, 1) => 16,
                (4, 1) => 24,
                (1, 2) => 2,
                _ => {
                    return Err(Error::Unsupported {
                        feature: "frames of 16-bit colours".into(),
                        format: "aedat4".into(),
                    });
                }
            };
            let small = |name: &str, value: i64| {
                i16::try_from(value)
                    .map_err(|_| Error::invalid(name, value, "at most 32767, as aedat4 holds"))
            };
            let time = |t: f64| whole_time(t, i64::MIN).map(i64_field);
            let fields = [
                time(frame.t)?,
                time(frame.exposure_start)?,
                time(frame.exposure_end)?,
                time(frame.exposure_start)?,
                time(frame.exposure_end)?,
                Field::Number(vec![kind], 1),
                i16_field(small("a frame's width", i64::from(frame.width))?),
                i16_field(small("a frame's height", i64::from(frame.height))?),
                i16_field(small("a frame's x", i64::from(frame.x))?),
                i16_field(small("a frame's y", i64::from(frame.y))?),
                Field::Vector(frame.pixels.len() as u32, frame.pixels.clone()),
            ];
            let content = flatbuffer::write(b"FRME", &fields);
            self.packet(1, &content, [frame.t as i64; 2], 1, out)?;
        }
        let span = |t: &[f64]| {
            let min = t.iter().copied().fold(f64::INFINITY, f64::min);
            [min as i64, t.iter().copied().fold(f64::NEG_INFINITY, f64::max) as i64]
        };
        let imu = &batch.imu;
        if !imu.t.is_empty() {
            let samples = (0..imu.t.len()).map(|i| {
                let values = [&imu.accelerometer, &imu.gyroscope, &imu.magnetometer];
                let values = values.into_iter().flat_map(|values| &values[3 * i..3 * i + 3]).copied();
                let first = [i64_field(whole_time(imu.t[i], i64::MIN)?), f32_field(imu.temperature[i])];
                Ok(first.into_iter().chain(values.map(f32_field)).collect())
            });
            let content = flatbuffer::write(b"IMUS", &[Field::Tables(samples.collect::<Result<_>>()?)]);
            self.packet(2, &content, span(&imu.t), imu.t.len(), out)?;
        }
        let triggers = &batch.triggers;
        if !triggers.t.is_empty() {
            let tables = triggers.t.iter().zip(triggers.id.iter().zip(&triggers.polarity)).map(
                |(&t, (&id, &polarity))| {
                    let same = TRIGGERS.iter().find(|&&(_, own, edge)| own == id && edge == polarity);
                    // Other cameras have more inputs than DV has names for.
                    let kind = same.map_or([2, 1, 3][usize::from(polarity.min(2))], |&(kind, ..)| kind);
                    Ok(vec![i64_field(whole_time(t, i64::MIN)?), Field::Number(vec![kind], 1)])
                },
            );
            let content = flatbuffer::write(b"TRIG", &[Field::Tables(tables.collect::<Result<_>>()?)]);
            self.packet(3, &content, span(&triggers.t), triggers.t.len(), out)?;
        }
        Ok(())
    }
}

impl Encoder for Aedat4Encoder {
    fn holds(&self) -> Holds {
        Holds { triggers: true, imu: true, frames: true }
    }

    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            let header = self.header(-1);
            self.position = header.len() as u64;
            out.extend(header);
        }
        self.events(batch, out)?;
        self.others(batch, out)
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        let entries = self.table.iter().map(|entry| {
            let mut info = entry.stream.to_le_bytes().to_vec();
            info.extend(entry.size.to_le_bytes());
            let number = |value: i64| Field::Number(value.to_le_bytes().to_vec(), 8);
            vec![
                number(entry.offset as i64),
                Field::Number(info, 4),
                number(entry.count),
                number(entry.first),
                number(entry.last),
            ]
        });
        let table = flatbuffer::write(b"FTAB", &[Field::Tables(entries.collect())]);
        out.extend(self.compression.pack(&table));
        Ok(vec![Patch { offset: 0, bytes: self.header(self.position as i64) }])
    }
}
