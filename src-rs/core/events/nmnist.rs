//! The `.bin` files of N-MNIST and N-Caltech101: events of 5 bytes, without a header.

use crate::batch::Batch;
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Step};
use crate::options::WriteOptions;
use crate::writing::{Ordered, check_pixel, check_polarity};
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "nmnist",
    title: "N-MNIST and N-Caltech101",
    extensions: &["bin"],
    magic: "",
    sensor: "not in the file: 34 x 34 of N-MNIST, up to 240 x 180 of N-Caltech101",
    fields: "x 8 bits, y 8, polarity 1, t 23, big-endian; y = 240 is no event: all times from there on are 2^13 later",
    source: "G. Orchard et al., Front. Neurosci. 9:437, 2015; Read_Ndataset.m",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &[],
    write_options: &[],
    detect: |_| false,
    open: |_: Opening| Ok(Opened::new(Nmnist { base: 0.0 }, 0)),
    write: |_: &WriteOptions| Ok(Box::new(NmnistEncoder { base: 0, order: Ordered::new("nmnist") })),
};

/// The value of `y` that marks a wrap-around of the counter, and the time that it adds.
const OVERFLOW: u8 = 240;
const OVERFLOW_TIME: i64 = 1 << 13;

#[derive(Clone)]
struct Nmnist {
    base: f64,
}

impl Decoder for Nmnist {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let events = input.bytes.as_chunks::<5>().0;
        let mut at = 0;
        while at < events.len() && batch.remaining() > 0 {
            let [x, y, high, middle, low] = events[at];
            at += 1;
            if y == OVERFLOW {
                self.base += OVERFLOW_TIME as f64;
                continue;
            }
            let t = u32::from_be_bytes([0, high & 0x7f, middle, low]);
            batch.push(self.base + f64::from(t), u16::from(x), u16::from(y), high >> 7);
        }
        Ok(Step::Took(5 * at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct NmnistEncoder {
    base: i64,
    order: Ordered,
}

impl Encoder for NmnistEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        for i in 0..batch.len {
            let (t, x, y) = (self.order.time(batch.t[i])?, batch.x[i], batch.y[i]);
            check_pixel("nmnist", x, y, 0xff, u16::from(OVERFLOW) - 1)?;
            check_polarity(batch.polarity[i])?;
            if (t - self.base) / OVERFLOW_TIME > 1 << 20 {
                let expected = "less than 2^33 microseconds after the time before, as nmnist holds; read with origin: 'first'";
                return Err(Error::invalid("t", t, expected));
            }
            while t - self.base >= 1 << 23 {
                self.base += OVERFLOW_TIME;
                out.extend([0, OVERFLOW, 0, 0, 0]);
            }
            let [_, high, middle, low] = ((t - self.base) as u32).to_be_bytes();
            out.extend([x as u8, y as u8, high | batch.polarity[i] << 7, middle, low]);
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, _out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        Ok(Vec::new())
    }
}
