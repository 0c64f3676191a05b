//! Numpy's `.npy` with events: an array of records, or of rows.

use crate::batch::Batch;
use crate::columns::Columns;
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Step, malformed};
use crate::numbers;
use crate::options::{Options, WriteOptions};
use crate::writing::{check_polarity, whole_time};
use lapicque_base::error::{Error, Result};
use lapicque_files::npy::{Field, Layout};

pub const FORMAT: Format = Format {
    name: "npy",
    title: "numpy .npy",
    extensions: &["npy"],
    magic: "\\x93NUMPY",
    sensor: "none",
    fields: "records with fields t, x, y, p of any number type (as tonic, expelliarmus and faery have them), or an array [events, 4] with t, x, \
             y, p in this order or that of option `columns`",
    source: "numpy.lib.format",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &["columns", "timeUnit"],
    write_options: &[],
    detect: |head| head.starts_with(b"\x93NUMPY"),
    open: |opening: Opening| {
        let layout = Layout::read(opening.head)?;
        let (rows, events) = Rows::new("npy", &layout, opening.options)?;
        let needed = (events as u64).saturating_mul(rows.bytes as u64);
        let rest = opening.source.len() - layout.start;
        if needed < rest {
            let reason = format!("{rest} bytes of data for {events} events, which take {needed}");
            return Err(malformed("npy", layout.start, reason));
        }
        let missing = (needed > rest).then(|| {
            format!("it declares {events} events; the file has room for {}", rest / rows.bytes as u64)
        });
        Ok(Opened { missing, ..Opened::new(rows, layout.start as usize) })
    },
    write: |_: &WriteOptions| Ok(Box::new(NpyEncoder { count: 0, header_written: false })),
};

/// Events that are elements of an array.
#[derive(Clone)]
pub struct Rows {
    format: &'static str,
    columns: Columns,
    /// The fields of an element and their offsets.
    fields: Vec<(Field, usize)>,
    pub bytes: usize,
}

impl Rows {
    /// And the number of elements. Errors: `unsupported` for arrays of another form.
    pub fn new(format: &'static str, layout: &Layout, options: &Options) -> Result<(Self, usize)> {
        let unsupported = |feature: String| Err(Error::Unsupported { feature, format: format.into() });
        let (fields, events): (Vec<Field>, usize) = match (layout.shape.as_slice(), layout.fields.as_slice())
        {
            (&[events], fields) if !fields[0].name.is_empty() => (fields.to_vec(), events),
            (&[events, columns @ 3..=64], [field]) if field.name.is_empty() => {
                if layout.fortran && events > 1 {
                    return unsupported("arrays of rows in Fortran's order".into());
                }
                let names = options
                    .columns
                    .clone()
                    .unwrap_or_else(|| ["t", "x", "y", "p"].map(String::from).to_vec());
                let named =
                    |i: usize| Field { name: names.get(i).cloned().unwrap_or_default(), ..field.clone() };
                ((0..columns).map(named).collect(), events)
            }
            (shape, _) => {
                return unsupported(format!(
                    "an array of shape {shape:?}; events are records or [events, 4]"
                ));
            }
        };
        let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        // The names are those of the option already, where there is one.
        let given = options.columns.as_ref().map(|_| names.clone());
        let columns = Columns::new(format, &names, &Options { columns: given, ..options.clone() })?;
        let mut bytes = 0;
        let with_offset = |field: Field| {
            let at = bytes;
            bytes += field.dtype.bytes();
            (field, at)
        };
        let fields: Vec<_> = fields.into_iter().map(with_offset).collect();
        if columns.width() > fields.len() {
            return unsupported(format!("elements of {} numbers", fields.len()));
        }
        Ok((Rows { format, columns, fields, bytes }, events))
    }

    pub fn push(&self, row: &[u8], offset: u64, batch: &mut Batch) -> Result<()> {
        let number = |column: usize| {
            let (field, at) = &self.fields[column];
            numbers::read(self.format, field, *at, row, offset)
        };
        let columns = &self.columns;
        let polarity = columns.polarity.map_or(Ok(1.0), number)?;
        columns.push([number(columns.t)?, number(columns.x)?, number(columns.y)?, polarity], offset, batch)
    }
}

impl Decoder for Rows {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let mut at = 0;
        while input.bytes.len() - at >= self.bytes && batch.remaining() > 0 {
            self.push(&input.bytes[at..at + self.bytes], input.offset + at as u64, batch)?;
            at += self.bytes;
        }
        Ok(Step::Took(at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct NpyEncoder {
    count: u64,
    header_written: bool,
}

/// A header of 128 bytes, independent of the number of elements.
pub fn header(descr: &str, count: u64) -> Vec<u8> {
    const LEN: usize = 128;
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ({count},), }}");
    out.extend(((LEN - 10) as u16).to_le_bytes());
    out.extend(text.as_bytes());
    out.resize(LEN - 1, b' ');
    out.push(b'\n');
    out
}

const RECORDS: &str = "[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')]";

impl Encoder for NpyEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.header_written {
            self.header_written = true;
            out.extend(header(RECORDS, 0));
        }
        for i in 0..batch.len {
            check_polarity(batch.polarity[i])?;
            out.extend(whole_time(batch.t[i], i64::MIN)?.to_le_bytes());
            out.extend(batch.x[i].to_le_bytes());
            out.extend(batch.y[i].to_le_bytes());
            out.push(batch.polarity[i]);
        }
        self.count += batch.len as u64;
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(vec![Patch { offset: 0, bytes: header(RECORDS, self.count) }])
    }
}
