//! Encoding of AEDAT 4: the header, packets, and the table of packets at the end.

use super::{EVENT, MAGIC, TRIGGERS};
use crate::batch::Batch;
use crate::compression::Compression;
use crate::flatbuffer::{self, Field};
use crate::format::{Encoder, Patch, Sensor};
use crate::writing::{check_pixel, check_polarity, whole_time};
use lapicque_base::error::{Error, Result};

pub struct Aedat4Encoder {
    sensor: Sensor,
    compression: Compression,
    position: u64,
    table: Vec<Entry>,
    header_written: bool,
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

/// Number of events per packet.
const PACKET: usize = 4096;

const STREAMS: [(&str, &str); 4] =
    [("EVTS", "events"), ("FRME", "frames"), ("IMUS", "imu"), ("TRIG", "triggers")];

impl Aedat4Encoder {
    pub fn new(sensor: Sensor, compression: Compression) -> Self {
        Aedat4Encoder { sensor, compression, position: 0, table: Vec::new(), header_written: false }
    }

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
                        feature: "frames of 16-bit colors".into(),
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
                    // Cameras of other formats may have more inputs than DV has names for.
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
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.header_written {
            self.header_written = true;
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
