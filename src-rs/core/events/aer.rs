//! Headerless address events, as cochleas record them: an address and a time, big-endian.

use crate::aedat2::Clock32;
use crate::batch::Batch;
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Step};
use crate::options::WriteOptions;
use crate::writing::Ordered;
use lapicque_base::error::{Error, Result};

pub const FORMAT: Format = Format {
    name: "aer",
    title: "headerless AER (NAVIS, cochleas)",
    extensions: &["aedat"],
    magic: "",
    sensor: "none",
    fields: "address 16 or 32 bits, t 32 in ticks, big-endian. Neither the size of an address nor the tick is in the file: options \
             `addressBytes` and `tick`, or the name as NAVIS writes it (`…_addr2b_ts02.aedat`: 2 bytes, 0.2 microseconds)",
    source: "NAVIS and pyNAVIS, J. P. Dominguez-Morales et al.",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &["addressBytes", "tick"],
    write_options: &["addressBytes"],
    detect: |_| false,
    open: |opening: Opening| {
        let name = opening.source.name().and_then(|path| path.file_name()?.to_str());
        let address_bytes =
            opening.options.address_bytes.or_else(|| number_after(name?, "addr")?.parse().ok());
        let Some(address_bytes @ (2 | 4)) = address_bytes else {
            let got = address_bytes.map_or("nothing".into(), |bytes| bytes.to_string());
            return Err(Error::invalid("addressBytes", got, "2 or 4, which headerless AER files do not say"));
        };
        Ok(Opened::new(Aer { address_bytes, clock: Clock32::default() }, 0))
    },
    write: |options: &WriteOptions| match options.address_bytes {
        None | Some(4) => Ok(Box::new(AerEncoder { address_bytes: 4, order: Ordered::new("aer") })),
        Some(2) => Ok(Box::new(AerEncoder { address_bytes: 2, order: Ordered::new("aer") })),
        Some(other) => Err(Error::invalid("addressBytes", other, "2 or 4")),
    },
};

/// The number after a word.
fn number_after<'a>(name: &'a str, word: &str) -> Option<&'a str> {
    let (_, rest) = name.rsplit_once(word)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| &rest[..digits])
}

/// The tick in a file's name: `ts02` is 0.2 microseconds, `ts1` is 1.
pub fn tick_of_name(name: &str) -> Option<f64> {
    let digits = number_after(name, "_ts")?;
    match digits.strip_prefix('0') {
        Some(decimals) if !decimals.is_empty() => format!("0.{decimals}").parse().ok(),
        _ => digits.parse().ok(),
    }
    .filter(|&tick: &f64| tick > 0.0)
}

#[derive(Clone)]
struct Aer {
    address_bytes: usize,
    clock: Clock32,
}

impl Decoder for Aer {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let size = self.address_bytes + 4;
        let mut at = 0;
        while input.bytes.len() - at >= size && batch.remaining() > 0 {
            let (address, t) = input.bytes[at..at + size].split_at(self.address_bytes);
            at += size;
            let address = address.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
            let t = t.iter().fold(0, |word, &byte| word << 8 | u32::from(byte));
            let t = self.clock.time(t);
            batch.push(t, address as u16, (address >> 16) as u16, 0);
            batch.extra.address.push(address);
        }
        Ok(Step::Took(at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct AerEncoder {
    address_bytes: usize,
    order: Ordered,
}

impl Encoder for AerEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        for i in 0..batch.len {
            let t = u32::try_from(self.order.time(batch.t[i])?)
                .map_err(|_| Error::invalid("t", batch.t[i], "at most 2^32 - 1 ticks, as aer holds"))?;
            let halves = u32::from(batch.y[i]) << 16 | u32::from(batch.x[i]);
            let address = batch.extra.address.get(i).copied().unwrap_or(halves);
            if self.address_bytes == 2 && address > 0xffff {
                return Err(Error::invalid("address", address, "at most 65535, as addressBytes: 2 holds"));
            }
            out.extend(&address.to_be_bytes()[4 - self.address_bytes..]);
            out.extend(t.to_be_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, _out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        Ok(Vec::new())
    }
}
