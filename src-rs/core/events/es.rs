//! Event Stream `.es`: DVS, ATIS, color and generic events in few bytes each.

use crate::batch::Batch;
use crate::format::{
    Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step, malformed,
};
use crate::options::WriteOptions;
use crate::writing::{Ordered, check_pixel, check_polarity};
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "es",
    title: "Event Stream",
    extensions: &["es"],
    magic: "Event Stream",
    sensor: "header: width and height, 16 bits each; generic ones have none",
    fields: "a byte of the time since the event before, with what else fits: DVS 7 bits and polarity, ATIS 6 bits, polarity and exposure, \
             color and generic 8 bits; x and y 16 bits each; color: r, g, b. The largest bytes only add to the time",
    source: "A. Marcireau, Event Stream 2.0.0 specification",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &[],
    write_options: &["sensor"],
    detect: |head| head.starts_with(MAGIC),
    open: |opening: Opening| {
        let head = opening.head;
        let Some(rest) = head.strip_prefix(MAGIC) else {
            return Err(malformed("es", 0, "it does not begin with \"Event Stream\""));
        };
        let at = MAGIC.len();
        let Some(&[major, minor, patch, kind]) = rest.first_chunk::<4>() else {
            return Err(malformed("es", at as u64, "it ends inside its header"));
        };
        if major != 2 {
            let feature = format!("version {major}.{minor}.{patch}; it reads 2");
            return Err(Error::Unsupported { feature, format: "es".into() });
        }
        let kind = Kind::numbered(kind).ok_or_else(|| Error::Unsupported {
            feature: format!("events of type {kind}"),
            format: "es".into(),
        })?;
        let start = at + 4;
        let metadata = vec![
            ("version".into(), format!("{major}.{minor}.{patch}")),
            ("type".into(), kind.name().to_string()),
        ];
        let limit = opening.options.limits.allowed(opening.source.len());
        let decoder = Es { kind, t: 0, limit };
        if kind == Kind::Generic {
            return Ok(Opened { metadata, ..Opened::new(decoder, start) });
        }
        let Some(&[a, b, c, d]) = head[start..].first_chunk::<4>() else {
            return Err(malformed("es", start as u64, "it ends inside its header"));
        };
        let sensor =
            Sensor { width: u16::from_le_bytes([a, b]).into(), height: u16::from_le_bytes([c, d]).into() };
        Ok(Opened { sensor: Some(sensor), metadata, ..Opened::new(decoder, start + 4) })
    },
    write: |options: &WriteOptions| {
        let sensor = Sensor::from_options(options)?;
        Ok(Box::new(EsEncoder { sensor, kind: None, t: 0, order: Ordered::new("es") }))
    },
};

const MAGIC: &[u8] = b"Event Stream";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Generic,
    Dvs,
    Atis,
    Color,
}

impl Kind {
    fn numbered(number: u8) -> Option<Self> {
        Some(match number {
            0 => Kind::Generic,
            1 => Kind::Dvs,
            2 => Kind::Atis,
            4 => Kind::Color,
            _ => return None,
        })
    }

    fn number(self) -> u8 {
        match self {
            Kind::Generic => 0,
            Kind::Dvs => 1,
            Kind::Atis => 2,
            Kind::Color => 4,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Generic => "generic",
            Kind::Dvs => "dvs",
            Kind::Atis => "atis",
            Kind::Color => "color",
        }
    }

    /// Bits of the first byte below those of the time.
    fn shift(self) -> u32 {
        match self {
            Kind::Generic | Kind::Color => 0,
            Kind::Dvs => 1,
            Kind::Atis => 2,
        }
    }

    /// The increment of the time by a byte that is not an event.
    fn only_time(self, byte: u8) -> Option<i64> {
        match (self, byte) {
            (Kind::Generic | Kind::Color, 0xff) => Some(254),
            (Kind::Dvs, 0xff) => Some(127),
            // A reset; readers ignore it.
            (Kind::Generic | Kind::Color | Kind::Dvs, 0xfe) => Some(0),
            (Kind::Atis, 0xfc..) => Some(63 * i64::from(byte & 3)),
            _ => None,
        }
    }

    /// Bytes of an event.
    fn size(self) -> usize {
        match self {
            Kind::Dvs | Kind::Atis => 5,
            Kind::Color => 8,
            // And its payload.
            Kind::Generic => 2,
        }
    }
}

#[derive(Clone)]
struct Es {
    kind: Kind,
    t: i64,
    limit: u64,
}

impl Es {
    /// A generic event at the beginning of the bytes: start and end of its payload.
    fn generic(
        &self,
        bytes: &[u8],
        offset: u64,
        rest: u64,
    ) -> Result<std::result::Result<(usize, usize), u64>> {
        let (mut size, mut at) = (0_u64, 1);
        loop {
            // Seven bits per byte, the lowest first; the lowest bit of a byte states whether another follows.
            let Some(&byte) = bytes.get(at) else { return Ok(Err(at as u64 + 1)) };
            let shift = 7 * (at as u32 - 1);
            if shift > 35 {
                return Err(malformed("es", offset, "the size of a payload has more than six bytes"));
            }
            size |= u64::from(byte >> 1) << shift;
            at += 1;
            if byte & 1 == 0 {
                break;
            }
        }
        let end = at as u64 + size;
        if end > bytes.len() as u64 {
            if end <= rest && size > self.limit {
                let what = "a payload".to_string();
                return Err(Error::OverLimit { what, needed: size, allowed: self.limit });
            }
            return Ok(Err(end));
        }
        Ok(Ok((at, end as usize)))
    }
}

impl Decoder for Es {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let bytes = input.bytes;
        let (size, shift) = (self.kind.size(), self.kind.shift());
        let mut at = 0;
        while at < bytes.len() && !batch.full() {
            let first = bytes[at];
            if let Some(more) = self.kind.only_time(first) {
                self.t += more;
                at += 1;
                continue;
            }
            if self.kind == Kind::Generic {
                let offset = input.offset + at as u64;
                match self.generic(&bytes[at..], offset, input.rest - at as u64)? {
                    Err(needed) => return Ok(Step::Needs(at, needed)),
                    Ok((from, to)) => {
                        self.t += i64::from(first);
                        batch.push(self.t as f64, 0, 0, 0);
                        batch.payload(&bytes[at + from..at + to]);
                        at += to;
                    }
                }
                continue;
            }
            let Some(event) = bytes.get(at..at + size) else { break };
            at += size;
            // Each byte adds at most 254 microseconds, so no file reaches 2^53.
            self.t += i64::from(first >> shift);
            let t = self.t as f64;
            let x = u16::from_le_bytes([event[1], event[2]]);
            let y = u16::from_le_bytes([event[3], event[4]]);
            match self.kind {
                Kind::Dvs => batch.push(t, x, y, first & 1),
                Kind::Atis => {
                    batch.push(t, x, y, first >> 1 & 1);
                    batch.extra.exposure.push(first & 1);
                }
                Kind::Color | Kind::Generic => {
                    batch.push(t, x, y, 0);
                    batch.extra.r.push(event[5]);
                    batch.extra.g.push(event[6]);
                    batch.extra.b.push(event[7]);
                }
            }
        }
        Ok(Step::Took(at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct EsEncoder {
    sensor: Option<Sensor>,
    /// Determined by the first batch.
    kind: Option<Kind>,
    t: i64,
    order: Ordered,
}

impl EsEncoder {
    fn begin(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<Kind> {
        if let Some(kind) = self.kind {
            return Ok(kind);
        }
        let kind = if !batch.extra.payload_ends.is_empty() {
            Kind::Generic
        } else if !batch.extra.r.is_empty() {
            Kind::Color
        } else if !batch.extra.exposure.is_empty() {
            Kind::Atis
        } else {
            Kind::Dvs
        };
        self.kind = Some(kind);
        out.extend(MAGIC);
        out.extend([2, 0, 0, kind.number()]);
        if kind != Kind::Generic {
            let Some(Sensor { width, height }) = self.sensor else {
                return Err(Error::invalid("sensor", "nothing", "{ width, height }, which es files state"));
            };
            out.extend((width as u16).to_le_bytes());
            out.extend((height as u16).to_le_bytes());
        }
        Ok(kind)
    }

    /// Emits the bytes that only increase the time; returns the rest for the event itself.
    fn pause(&mut self, kind: Kind, t: i64, out: &mut Vec<u8>) -> Result<u8> {
        let mut pause = t - self.t;
        let (most, at_once) = match kind {
            Kind::Dvs => (126, 127),
            Kind::Atis => (62, 63),
            Kind::Color | Kind::Generic => (253, 254),
        };
        if pause / at_once > MAX_PAUSE {
            let expected = format!(
                "at most {} microseconds after the time before; read with origin: 'first'",
                MAX_PAUSE * at_once
            );
            return Err(Error::invalid("t", t, expected));
        }
        while pause > most {
            // ATIS adds up to three at once.
            let times = if kind == Kind::Atis { (pause / at_once).min(3) } else { 1 };
            out.push(if kind == Kind::Atis { 0xfc | times as u8 } else { 0xff });
            pause -= times * at_once;
        }
        self.t = t;
        Ok(pause as u8)
    }
}

/// Maximum pause in microseconds: for an hour, about 30 MB would be written.
const MAX_PAUSE: i64 = 1 << 26;

impl Encoder for EsEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if batch.len == 0 {
            return Ok(());
        }
        let kind = self.begin(batch, out)?;
        let extra = &batch.extra;
        let has = match kind {
            Kind::Dvs => batch.len,
            Kind::Atis => extra.exposure.len(),
            Kind::Color => extra.r.len(),
            Kind::Generic => extra.payload_ends.len(),
        };
        if has != batch.len {
            let expected = format!("one for each event of a file of type {}", kind.name());
            return Err(Error::invalid("the extra columns", has, expected));
        }
        for i in 0..batch.len {
            let (x, y, polarity) = (batch.x[i], batch.y[i], batch.polarity[i]);
            check_polarity(polarity)?;
            if let Some(Sensor { width, height }) = self.sensor {
                check_pixel("es", x, y, (width - 1) as u16, (height - 1) as u16)?;
            }
            let t = self.order.time(batch.t[i])?;
            let pause = self.pause(kind, t, out)?;
            let first = match kind {
                Kind::Dvs => pause << 1 | polarity,
                Kind::Atis => pause << 2 | polarity << 1 | extra.exposure[i] & 1,
                Kind::Color | Kind::Generic => pause,
            };
            out.push(first);
            if kind == Kind::Generic {
                let from = if i == 0 { 0 } else { extra.payload_ends[i - 1] as usize };
                let payload = &extra.payload[from..extra.payload_ends[i] as usize];
                let mut size = payload.len();
                loop {
                    let more = u8::from(size > 0x7f);
                    out.push((size as u8 & 0x7f) << 1 | more);
                    size >>= 7;
                    if more == 0 {
                        break;
                    }
                }
                out.extend(payload);
                continue;
            }
            out.extend(x.to_le_bytes());
            out.extend(y.to_le_bytes());
            if kind == Kind::Color {
                out.extend([extra.r[i], extra.g[i], extra.b[i]]);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.begin(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}
