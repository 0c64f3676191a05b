//! Numpy's `.npz` with events: an array for each column, or one of records.

use crate::batch::Batch;
use crate::columns::{self, Columns};
use crate::format::{Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Step, malformed};
use crate::npy::{self, Rows};
use crate::numbers;
use crate::options::WriteOptions;
use crate::source::{Cursor, Source};
use crate::writing::{check_polarity, whole_time};
use flate2::read::DeflateDecoder;
use lapicque_base::error::{Error, Result};
use lapicque_files::npy::Layout;
use lapicque_files::npz::archive;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Take, Write};
use zip::CompressionMethod;

pub const FORMAT: Format = Format {
    name: "npz",
    title: "numpy .npz",
    extensions: &["npz"],
    magic: "PK",
    sensor: "none",
    fields: "arrays t, x, y, p of any number type and one length (other names: timestamps, polarity, on, …); or one array of records as npy",
    source: "numpy.lib.format; PKWARE APPNOTE",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &["columns", "timeUnit"],
    write_options: &[],
    detect: |head| head.starts_with(b"PK\x03\x04"),
    open: |opening: Opening| {
        let decoder = Npz::open(opening.source, opening.options)?;
        Ok(Opened::new(decoder, opening.source.len() as usize))
    },
    write: |_: &WriteOptions| {
        let column = |name, descr| -> io::Result<Column> {
            Ok(Column { name, descr, file: BufWriter::with_capacity(1 << 18, tempfile::tempfile()?) })
        };
        let columns = || -> io::Result<[Column; 4]> {
            Ok([column("t", "'<i8'")?, column("x", "'<u2'")?, column("y", "'<u2'")?, column("p", "'|u1'")?])
        };
        let columns = columns().map_err(|error| Error::Io {
            path: std::env::temp_dir().display().to_string(),
            reason: error.to_string(),
        })?;
        Ok(Box::new(NpzEncoder { columns, count: 0 }))
    },
};

/// An array of the archive, read element by element.
struct Member {
    name: String,
    layout: Layout,
    content: Content,
    row: usize,
    /// The offset of the member in the archive.
    offset: u64,
    buffer: Vec<u8>,
}

enum Content {
    Stored(BufReader<Take<Cursor>>),
    Deflated(Box<DeflateDecoder<BufReader<Take<Cursor>>>>),
}

impl Read for Content {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Content::Stored(bytes) => bytes.read(into),
            Content::Deflated(bytes) => bytes.read(into),
        }
    }
}

/// Elements that are read together.
const TOGETHER: usize = 8192;

impl Member {
    /// Parses the header; the elements follow.
    fn open(source: &Source, name: String, start: u64, size: u64, method: CompressionMethod) -> Result<Self> {
        let mut cursor = source.cursor();
        let failed = |error: io::Error| malformed("npz", start, format!("{name:?}: {error}"));
        cursor.seek(SeekFrom::Start(start)).map_err(failed)?;
        let bytes = BufReader::with_capacity(1 << 16, cursor.take(size));
        let mut content = match method {
            CompressionMethod::Stored => Content::Stored(bytes),
            CompressionMethod::Deflated => Content::Deflated(Box::new(DeflateDecoder::new(bytes))),
            other => {
                return Err(Error::Unsupported {
                    feature: format!("members packed as {other}"),
                    format: "npz".into(),
                });
            }
        };
        let layout = Layout::read(&mut content).map_err(|error| match error {
            Error::MalformedFile { offset, reason, .. } => {
                malformed("npz", start, format!("{name:?}, byte {offset}: {reason}"))
            }
            other => other,
        })?;
        let row = layout.element_bytes() * layout.shape.iter().skip(1).product::<usize>();
        Ok(Member { name, layout, content, row, offset: start, buffer: Vec::new() })
    }

    fn events(&self) -> Option<usize> {
        self.layout.shape.first().copied()
    }

    /// Reads the next elements into the buffer.
    fn read(&mut self, count: usize) -> Result<()> {
        self.buffer.resize(count * self.row, 0);
        let read = self.content.read_exact(&mut self.buffer);
        read.map_err(|error| malformed("npz", self.offset, format!("{:?}: {error}", self.name)))
    }
}

/// The events of an archive. It reads from the file itself, at several offsets concurrently.
struct Npz {
    members: Vec<Member>,
    left: usize,
    how: How,
}

enum How {
    Columns(Columns),
    Rows(Rows),
}

impl Npz {
    fn open(source: &Source, options: &crate::options::Options) -> Result<Self> {
        let mut archive = archive(source.cursor(), source.len(), options.limits)?;
        let mut found = Vec::new();
        for index in 0..archive.len() {
            let bad = |error: zip::result::ZipError| malformed("npz", 0, error);
            let member = archive.by_index_raw(index).map_err(bad)?;
            let name = member.name().map_err(bad)?.trim_end_matches(".npy").to_string();
            let start = member.data_start().ok_or_else(|| malformed("npz", 0, "a member without a place"))?;
            found.push((name, start, member.compressed_size(), member.compression()));
        }
        let by_name = options.columns.is_none() && found.len() > 1;
        let kept = found.into_iter().filter(|(name, ..)| {
            let is_requested = options.columns.as_ref().is_some_and(|names| names.contains(name));
            !by_name && options.columns.is_none() || is_requested || by_name && columns::is_known(name)
        });
        let members = kept
            .map(|(name, start, size, method)| Member::open(source, name, start, size, method))
            .collect::<Result<Vec<_>>>()?;
        if let [member] = members.as_slice() {
            let (rows, left) = Rows::new("npz", &member.layout, options)?;
            return Ok(Npz { members, left, how: How::Rows(rows) });
        }
        let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
        let given = options.columns.as_ref().map(|_| names.clone());
        let columns =
            Columns::new("npz", &names, &crate::options::Options { columns: given, ..options.clone() })?;
        let left = members[columns.t].events().unwrap_or(0);
        for member in &members {
            let plain = member.layout.fields[0].name.is_empty() && member.layout.shape.len() == 1;
            if !plain || member.events() != Some(left) {
                let feature = format!(
                    "{:?} of shape {:?} together with {left} times",
                    member.name, member.layout.shape
                );
                return Err(Error::Unsupported { feature, format: "npz".into() });
            }
        }
        Ok(Npz { members, left, how: How::Columns(columns) })
    }
}

impl Decoder for Npz {
    fn decode(&mut self, _input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        while self.left > 0 && batch.remaining() > 0 {
            let count = self.left.min(batch.remaining()).min(TOGETHER);
            for member in &mut self.members {
                member.read(count)?;
            }
            for i in 0..count {
                match &self.how {
                    How::Rows(rows) => {
                        let member = &self.members[0];
                        rows.push(&member.buffer[i * member.row..][..member.row], member.offset, batch)?;
                    }
                    How::Columns(columns) => {
                        let number = |column: usize| {
                            let member = &self.members[column];
                            let row = &member.buffer[i * member.row..][..member.row];
                            numbers::read("npz", &member.layout.fields[0], 0, row, member.offset)
                        };
                        let polarity = columns.polarity.map_or(Ok(1.0), number)?;
                        let values = [number(columns.t)?, number(columns.x)?, number(columns.y)?, polarity];
                        columns.push(values, self.members[columns.t].offset, batch)?;
                    }
                }
            }
            self.left -= count;
        }
        Ok(Step::Took(0))
    }

    fn pending(&self) -> bool {
        self.left > 0
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        None
    }
}

/// A column that is stored in a temporary file until the end.
struct Column {
    name: &'static str,
    descr: &'static str,
    file: BufWriter<File>,
}

struct NpzEncoder {
    columns: [Column; 4],
    count: u64,
}

impl Encoder for NpzEncoder {
    fn write(&mut self, batch: &Batch, _out: &mut Vec<u8>) -> Result<()> {
        let [t, x, y, p] = &mut self.columns;
        let failed =
            |error: io::Error| Error::Io { path: "a temporary file".into(), reason: error.to_string() };
        for i in 0..batch.len {
            check_polarity(batch.polarity[i])?;
            t.file.write_all(&whole_time(batch.t[i], i64::MIN)?.to_le_bytes()).map_err(failed)?;
            x.file.write_all(&batch.x[i].to_le_bytes()).map_err(failed)?;
            y.file.write_all(&batch.y[i].to_le_bytes()).map_err(failed)?;
            p.file.write_all(&[batch.polarity[i]]).map_err(failed)?;
        }
        self.count += batch.len as u64;
        Ok(())
    }

    fn finish(&mut self, _written: u64, _out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        Ok(Vec::new())
    }

    fn tail(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut archive = zip::ZipWriter::new_stream(out);
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true);
        for column in &mut self.columns {
            archive.start_file(format!("{}.npy", column.name), options).map_err(io::Error::other)?;
            archive.write_all(&npy::header(column.descr, self.count))?;
            column.file.flush()?;
            let file = column.file.get_mut();
            file.rewind()?;
            io::copy(file, &mut archive)?;
        }
        archive.finish().map(|_| ()).map_err(io::Error::other)
    }
}
