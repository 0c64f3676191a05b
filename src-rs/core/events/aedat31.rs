//! AEDAT 3.1 of cAER and libcaer: packets of events of one type.

use crate::aedat2;
use crate::batch::{Batch, Frame};
use crate::format::{
    Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step, malformed,
};
use crate::options::WriteOptions;
use crate::writing::{check_pixel, check_polarity, whole_time};
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "aedat3.1",
    title: "AEDAT 3.1 of cAER",
    extensions: &["aedat"],
    magic: "#!AER-DAT3.",
    sensor: "by the chip that the header names (`#Source 1: DVS128`)",
    fields: "packet: header of 28 bytes (type, source, size, offset of the time, overflow, capacity, number, valid), then `number` events. \
             Polarity: x 15 bits, y 15, polarity, valid; t 31 bits and the packet's overflow. Also special events (triggers), frames, IMU",
    source: "iniVation, AEDAT 3.1; libcaer events/*.h",
    reads: Holds::ALL,
    writes: Holds::TRIGGERS,
    options: &[],
    write_options: &[],
    detect: |head| head.starts_with(b"#!AER-DAT3."),
    open: |opening: Opening| {
        let (lines, end_of_lines) = aedat2::header(opening.head);
        // A packet after the end line may begin with a `#`.
        let end_line = b"#!END-HEADER\r\n";
        let start =
            opening.head.windows(end_line.len()).position(|w| w == end_line).map(|at| at + end_line.len());
        let metadata: Vec<(String, String)> = lines
            .iter()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_string(), value.trim().to_string()))
            .collect();
        let get = |name: &str| metadata.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        if let Some(format) = get("Format").filter(|format| *format != "RAW") {
            return Err(Error::Unsupported {
                feature: format!("packets in the form {format:?}"),
                format: "aedat3.1".into(),
            });
        }
        let source =
            metadata.iter().find(|(name, _)| name.starts_with("Source")).map(|(_, value)| value.as_str());
        Ok(Opened {
            sensor: source.and_then(sensor_of),
            metadata,
            ..Opened::new(Aedat31::default(), start.unwrap_or(end_of_lines))
        })
    },
    write: |options: &WriteOptions| {
        let sensor = Sensor::from_options(options)?;
        Ok(Box::new(Aedat31Encoder { sensor, header_written: false }))
    },
};

fn sensor_of(source: &str) -> Option<Sensor> {
    const SIZES: [(&str, u32, u32); 6] = [
        ("DVS128", 128, 128),
        ("DAVIS240", 240, 180),
        ("DAVIS346", 346, 260),
        ("DAVIS640", 640, 480),
        ("DAVIS128", 128, 128),
        ("DAVIS208", 208, 192),
    ];
    let found = SIZES.iter().find(|(name, ..)| source.to_uppercase().starts_with(name));
    found.map(|&(_, width, height)| Sensor { width, height })
}

const HEADER: usize = 28;
const SPECIAL: u16 = 0;
const POLARITY: u16 = 1;
const FRAME: u16 = 2;
const IMU6: u16 = 3;
const IMU9: u16 = 4;
/// Bytes of a frame header.
const FRAME_HEADER: usize = 36;

#[derive(Clone, Default)]
struct Aedat31 {
    /// The type of the current packet.
    kind: u16,
    size: usize,
    overflow: i64,
    left: u64,
    /// Number of bytes to skip.
    skip: u64,
    invalid: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn i32_at(bytes: &[u8], at: usize) -> i32 {
    u32_at(bytes, at) as i32
}

fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_bits(u32_at(bytes, at))
}

impl Aedat31 {
    /// Parses a packet's header; `rest` is the number of bytes after it in the file.
    fn begin(&mut self, header: &[u8], offset: u64, rest: u64) -> Result<()> {
        let (kind, size) = (u16_at(header, 0), u32_at(header, 4));
        let (overflow, capacity, number) = (u32_at(header, 12), u32_at(header, 16), u32_at(header, 20));
        let error =
            |reason: String| Err(malformed("aedat3.1", offset, format!("packet of type {kind}: {reason}")));
        if number > capacity {
            return error(format!("it declares {number} events, more than its capacity of {capacity}"));
        }
        let expected = match kind {
            SPECIAL | POLARITY => size == 8,
            FRAME => size as usize >= FRAME_HEADER,
            IMU6 => size == 36,
            IMU9 => size == 48,
            _ => size > 0 || number == 0,
        };
        if !expected {
            return error(format!("events of {size} bytes"));
        }
        let (size, number) = (u64::from(size), u64::from(number));
        if kind > IMU9 {
            self.skip = (size * number).min(rest);
            return Ok(());
        }
        // Missing events are reported at the end, after the events that exist.
        (self.kind, self.size, self.overflow, self.left) =
            (kind, size as usize, i64::from(overflow) << 31, number);
        Ok(())
    }

    #[inline(always)]
    fn time(&self, t: i32) -> f64 {
        // 32 bits of overflow and 31 bits of time are 63 bits.
        (self.overflow + i64::from(t)) as f64
    }

    fn event(&mut self, event: &[u8], offset: u64, batch: &mut Batch) -> Result<()> {
        let info = u32_at(event, 0);
        if info & 1 == 0 {
            self.invalid += 1;
            return Ok(());
        }
        let t = self.time(i32_at(event, 4));
        match self.kind {
            POLARITY => {
                batch.push(t, (info >> 17) as u16, (info >> 2 & 0x7fff) as u16, (info >> 1 & 1) as u8);
            }
            SPECIAL => {
                // Rising edge, falling edge, pulse at the camera's input; the other types are notes of the recorder.
                match info >> 1 & 0x7f {
                    2 => batch.trigger(t, 0, 1),
                    3 => batch.trigger(t, 0, 0),
                    4 => batch.trigger(t, 0, 2),
                    _ => {}
                }
            }
            IMU6 | IMU9 => {
                let three = |at: usize| [0, 4, 8].map(|i| f32_at(event, at + i));
                let magnetometer = if self.kind == IMU9 { three(36) } else { [0.0; 3] };
                batch.imu_sample(t, [three(8), three(20), magnetometer], f32_at(event, 32));
            }
            _ => self.frame(event, offset, batch)?,
        }
        Ok(())
    }

    fn frame(&self, event: &[u8], offset: u64, batch: &mut Batch) -> Result<()> {
        let field = |i: usize| i32_at(event, 4 * i);
        let channels = u32_at(event, 0) >> 1 & 7;
        let (width, height) = (field(5), field(6));
        let values =
            i64::from(width).checked_mul(i64::from(height)).and_then(|n| n.checked_mul(i64::from(channels)));
        let pixels = &event[FRAME_HEADER..];
        let bytes = values
            .filter(|&n| width >= 0 && height >= 0 && n <= pixels.len() as i64 / 2)
            .map(|n| 2 * n as usize);
        let (Some(bytes), 1 | 3 | 4) = (bytes, channels) else {
            let reason = format!("a frame of {width} x {height} x {channels} in {} bytes", pixels.len());
            return Err(malformed("aedat3.1", offset, reason));
        };
        let (start, end) = (self.time(field(3)), self.time(field(4)));
        batch.frame(Frame {
            t: ((start + end) / 2.0).floor(),
            exposure_start: start,
            exposure_end: end,
            width: width as u32,
            height: height as u32,
            x: field(7),
            y: field(8),
            channels,
            bytes_per_value: 2,
            pixels: pixels[..bytes].to_vec(),
        });
        Ok(())
    }
}

impl Decoder for Aedat31 {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let bytes = input.bytes;
        let mut at = 0;
        while !batch.full() {
            if self.skip > 0 {
                let skipped = self.skip.min((bytes.len() - at) as u64);
                self.skip -= skipped;
                at += skipped as usize;
            }
            let offset = input.offset + at as u64;
            let have = bytes.len() - at;
            if self.skip > 0 {
                break;
            }
            if self.left == 0 {
                if have < HEADER {
                    break;
                }
                self.begin(&bytes[at..at + HEADER], offset, input.rest - at as u64 - HEADER as u64)?;
                at += HEADER;
                continue;
            }
            if have < self.size {
                return Ok(Step::Needs(at, self.size as u64));
            }
            self.event(&bytes[at..at + self.size], offset, batch)?;
            self.left -= 1;
            at += self.size;
        }
        Ok(Step::Took(at))
    }

    fn missing(&self, rest: &[u8]) -> Option<String> {
        if self.left > 0 {
            return Some(format!("the file ends inside a packet: {} of its events are not there", self.left));
        }
        (!rest.is_empty())
            .then(|| format!("the file ends inside a packet's header: {} bytes are left", rest.len()))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }

    fn skipped(&self) -> Option<String> {
        (self.invalid > 0).then(|| format!("{} events are marked as invalid", self.invalid))
    }
}

struct Aedat31Encoder {
    sensor: Option<Sensor>,
    header_written: bool,
}

/// Number of events per packet.
const PACKET: usize = 4096;

impl Aedat31Encoder {
    /// Packets of 8-byte events; all events of a packet share one time overflow.
    fn packets(&self, kind: u16, events: &[(i64, u32)], out: &mut Vec<u8>) {
        for same in events.chunk_by(|a, b| a.0 >> 31 == b.0 >> 31) {
            for packet in same.chunks(PACKET) {
                let number = packet.len() as u32;
                out.extend(kind.to_le_bytes());
                out.extend(1_u16.to_le_bytes());
                for field in [8, 4, (packet[0].0 >> 31) as u32, number, number, number] {
                    out.extend(u32::to_le_bytes(field));
                }
                for &(t, word) in packet {
                    out.extend(word.to_le_bytes());
                    out.extend(((t & 0x7fff_ffff) as u32).to_le_bytes());
                }
            }
        }
    }
}

impl Encoder for Aedat31Encoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.header_written {
            self.header_written = true;
            let chip = match self.sensor {
                Some(Sensor { width: 240, height: 180 }) => "DAVIS240C",
                Some(Sensor { width: 346, height: 260 }) => "DAVIS346",
                Some(Sensor { width: 640, height: 480 }) => "DAVIS640",
                Some(Sensor { width: 128, height: 128 }) => "DVS128",
                _ => "File",
            };
            let text = format!("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: {chip}\r\n#!END-HEADER\r\n");
            out.extend(text.as_bytes());
        }
        let mut events = Vec::with_capacity(batch.len);
        for i in 0..batch.len {
            let (x, y, polarity) = (batch.x[i], batch.y[i], batch.polarity[i]);
            check_pixel("aedat3.1", x, y, 0x7fff, 0x7fff)?;
            check_polarity(polarity)?;
            let word = u32::from(x) << 17 | u32::from(y) << 2 | u32::from(polarity) << 1 | 1;
            events.push((whole_time(batch.t[i], 0)?, word));
        }
        self.packets(POLARITY, &events, out);
        let triggers = batch.triggers.t.iter().zip(&batch.triggers.polarity);
        let triggers = triggers.map(|(&t, &polarity)| {
            let kind = [3, 2, 4][usize::from(polarity.min(2))];
            Ok((whole_time(t, 0)?, kind << 1 | 1))
        });
        self.packets(SPECIAL, &triggers.collect::<Result<Vec<_>>>()?, out);
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}
