//! CSV and other texts with an event in each line.

use crate::batch::Batch;
use crate::columns::Columns;
use crate::format::{
    Decoder, Encoder, Format, Holds, Input, Opened, Opening, Patch, Sensor, Step, malformed,
};
use crate::options::WriteOptions;
use crate::writing::{check_polarity, whole_time};
use lapicque_base::error::Result;

pub const FORMAT: Format = Format {
    name: "csv",
    title: "CSV",
    extensions: &["csv", "txt"],
    magic: "",
    sensor: "none, but of faery's header `t,x@320,y@240,on`",
    fields: "a line each event: t, x, y, p by the names of the first line, or in this order without one; separated by comma, semicolon, \
             tab or spaces. Option `timeUnit` says what t is in; -1 is polarity 0. A header without polarity is refused, unless option `columns` \
             leaves it out: then all are 1",
    source: "RFC 4180; faery",
    reads: Holds::NONE,
    writes: Holds::NONE,
    options: &["columns", "timeUnit"],
    write_options: &[],
    detect: |_| false,
    open: |opening: Opening| {
        let head = opening.head;
        let (mut at, mut line) = (0, &head[..0]);
        // Comments at the beginning.
        while at < head.len() {
            let len = head[at..].iter().position(|&byte| byte == b'\n').unwrap_or(head.len() - at);
            line = &head[at..at + len];
            if !line.trim_ascii().is_empty() && line[0] != b'#' {
                break;
            }
            at = head.len().min(at + len + 1);
        }
        if line.len() > MAX_LINE {
            return Err(malformed("csv", at as u64, format!("a line of more than {MAX_LINE} bytes")));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Err(malformed("csv", at as u64, "its first line is no text"));
        };
        let separator = [b',', b';', b'\t'].into_iter().find(|byte| line.contains(byte)).unwrap_or(b' ');
        let cells: Vec<&str> = fields(text.as_bytes(), separator)
            .map(|cell| std::str::from_utf8(cell).unwrap_or_default().trim_matches(['"', '\'']))
            .collect();
        let has_names = cells.first().is_some_and(|cell| number(cell.as_bytes()).is_none());
        let (mut names, mut sizes) = (["t", "x", "y", "p"].map(String::from).to_vec(), (None, None));
        if has_names {
            names.clear();
            for cell in cells {
                let (name, size) = cell.split_once('@').unwrap_or((cell, ""));
                match name {
                    "x" => sizes.0 = size.parse().ok(),
                    "y" => sizes.1 = size.parse().ok(),
                    _ => {}
                }
                names.push(name.to_string());
            }
        } else if line.is_empty() {
            at = head.len();
        }
        let start =
            if has_names { opening.source.len().min((at + line.len() + 1) as u64) } else { at as u64 };
        let columns = Columns::new("csv", &names, opening.options)?;
        let sensor = match sizes {
            (Some(width @ 1..=0xffff), Some(height @ 1..=0xffff)) => Some(Sensor { width, height }),
            _ => None,
        };
        Ok(Opened { sensor, ..Opened::new(Csv { columns, separator }, start as usize) })
    },
    write: |_: &WriteOptions| Ok(Box::new(CsvEncoder { begun: false })),
};

/// Longer lines are refused.
const MAX_LINE: usize = 4096;

/// The cells of a line; several spaces count as one separator.
fn fields(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let many = separator == b' ';
    let line = line.trim_ascii();
    line.split(move |&byte| byte == separator || many && byte == b'\t')
        .filter(move |cell| !many || !cell.is_empty())
        .map(<[u8]>::trim_ascii)
}

/// Integers of at most this many digits are exact as doubles.
const EXACT_DIGITS: usize = 15;

/// An integer of at most 30 digits.
fn integer(cell: &[u8]) -> Option<i128> {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    if digits.len() > 30 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(cell).ok()?.parse().ok()
}

/// A number, or a boolean.
fn number(cell: &[u8]) -> Option<f64> {
    // Most numbers are short integers.
    if cell.len() <= EXACT_DIGITS && !cell.is_empty() && cell.iter().all(u8::is_ascii_digit) {
        let whole = cell.iter().fold(0_u64, |whole, &digit| 10 * whole + u64::from(digit - b'0'));
        return Some(whole as f64);
    }
    match cell {
        b"true" | b"True" | b"TRUE" => Some(1.0),
        b"false" | b"False" | b"FALSE" => Some(0.0),
        // Unlike Rust's parser, `inf` and `nan` are refused.
        _ if cell.last()?.is_ascii_alphabetic() => None,
        _ => std::str::from_utf8(cell).ok()?.parse().ok(),
    }
}

#[derive(Clone)]
struct Csv {
    columns: Columns,
    separator: u8,
}

impl Csv {
    fn line(&self, line: &[u8], offset: u64, batch: &mut Batch) -> Result<()> {
        if line.trim_ascii().is_empty() || line[0] == b'#' {
            return Ok(());
        }
        let columns = &self.columns;
        let mut values = [0.0, 0.0, 0.0, 1.0];
        let mut found = 0;
        // A time with more digits than a double holds.
        let mut long_time = None;
        for (i, cell) in fields(line, self.separator).enumerate() {
            let columns_of_values = [Some(columns.t), Some(columns.x), Some(columns.y), columns.polarity];
            found = i + 1;
            if i == columns.t && cell.len() > EXACT_DIGITS {
                long_time = integer(cell);
            }
            for (value, _) in
                values.iter_mut().zip(columns_of_values).filter(|(_, column)| *column == Some(i))
            {
                *value = number(cell).ok_or_else(|| {
                    let quoted: String = String::from_utf8_lossy(cell).chars().take(40).collect();
                    malformed("csv", offset, format!("column {i} is {quoted:?}, not a number"))
                })?;
            }
        }
        if found < columns.width() {
            return Err(malformed(
                "csv",
                offset,
                format!("a line of {found} columns; {} are needed", columns.width()),
            ));
        }
        let [_, x, y, polarity] = values;
        match long_time {
            Some(t) => columns.push_whole(t, [x, y, polarity], offset, batch),
            None => columns.push(values, offset, batch),
        }
    }
}

impl Decoder for Csv {
    fn decode(&mut self, input: Input<'_>, batch: &mut Batch) -> Result<Step> {
        let bytes = input.bytes;
        let mut at = 0;
        while at < bytes.len() && batch.remaining() > 0 {
            let offset = input.offset + at as u64;
            let rest = &bytes[at..];
            match rest.iter().take(MAX_LINE + 1).position(|&byte| byte == b'\n') {
                Some(len) => {
                    self.line(&rest[..len], offset, batch)?;
                    at += len + 1;
                }
                // The last line need not end with a line break.
                None if rest.len() as u64 == input.rest - at as u64 && rest.len() <= MAX_LINE => {
                    // If it is not a valid event, it was truncated.
                    if self.line(rest, offset, batch).is_ok() {
                        at = bytes.len();
                    }
                    break;
                }
                None if rest.len() > MAX_LINE => {
                    return Err(malformed("csv", offset, format!("a line of more than {MAX_LINE} bytes")));
                }
                None => break,
            }
        }
        Ok(Step::Took(at))
    }

    fn copy(&self) -> Option<Box<dyn Decoder>> {
        Some(Box::new(self.clone()))
    }
}

struct CsvEncoder {
    begun: bool,
}

impl Encoder for CsvEncoder {
    fn write(&mut self, batch: &Batch, out: &mut Vec<u8>) -> Result<()> {
        if !self.begun {
            self.begun = true;
            out.extend(b"t,x,y,p\n");
        }
        for i in 0..batch.len {
            check_polarity(batch.polarity[i])?;
            let t = whole_time(batch.t[i], i64::MIN)?;
            out.extend(format!("{t},{},{},{}\n", batch.x[i], batch.y[i], batch.polarity[i]).as_bytes());
        }
        Ok(())
    }

    fn finish(&mut self, _written: u64, out: &mut Vec<u8>) -> Result<Vec<Patch>> {
        self.write(&Batch::default(), out)?;
        Ok(Vec::new())
    }
}
