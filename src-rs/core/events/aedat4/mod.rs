//! AEDAT 4 of DV: packets of flatbuffers, each compressed separately. This file reads the header.

mod decode;
mod encode;

use crate::compression::Compression;
use crate::flatbuffer;
use crate::format::{Format, Holds, Opened, Opening, Sensor, malformed};
use crate::options::WriteOptions;
use decode::Aedat4;
use encode::Aedat4Encoder;
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "aedat4",
    title: "AEDAT 4 of DV",
    extensions: &["aedat4"],
    magic: "#!AER-DAT4.0",
    sensor: "attributes `sizeX` and `sizeY` of the header's XML",
    fields: "packet: stream 32 bits, size 32, then (LZ4, Zstd or plain) a flatbuffer. EVTS: t 64 bits, x 16, y 16, polarity 8, 3 bytes of \
             padding. Also FRME (frames), IMUS, TRIG. A table of all packets at the end, whose place the header has",
    source: "iniVation, dv-processing: AEDAT 4 specification and its flatbuffer schemas",
    reads: Holds::ALL,
    writes: Holds::ALL,
    options: &[],
    write_options: &["sensor", "compression"],
    detect: |head| head.starts_with(MAGIC),
    open: |opening: Opening| open(&opening),
    write: |options: &WriteOptions| {
        let sensor = Sensor::needed(options, "aedat4")?;
        let compression = Compression::named(options.compression.as_deref().unwrap_or("lz4"))?;
        Ok(Box::new(Aedat4Encoder::new(sensor, compression)))
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
        .ok_or_else(|| bad(at + 4, "its header is not a flatbuffer of type IOHE"))?;
    let broken = || bad(at + 4, "a field of its header is outside the header");
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
        // 0, or -1 in a recording that was not closed.
        Err(_) | Ok(0) => (None, None),
        Ok(position) if position > len => (
            None,
            Some(format!("its header declares packets up to byte {position}; the file has {len} bytes")),
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
        ..Opened::new(Aedat4::new(compression, events.map(|stream| stream.id), limit), start)
    })
}

/// Largest packet. A packet of ten milliseconds of the fastest cameras is much smaller.
const MAX_PACKET: u64 = 16 << 20;

struct Stream {
    id: i32,
    kind: String,
    sensor: Option<Sensor>,
}

/// The streams in the header's XML: `<node name="0">` with attributes, which contains a node with the sensor's size.
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

/// Bytes of an event.
const EVENT: usize = 16;

/// Types of triggers and their meaning: 0 is the camera's input, 1 its generator, 2 frames, 3 their exposures, 4 a reset of
/// the clock.
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
