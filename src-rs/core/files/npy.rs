//! Numpy's `.npy` arrays, versions 1 to 3. Source: the format's text in `numpy.lib.format`.
//!
//! Big-endian elements and Fortran order are converted to little-endian and C order. Strings of fixed length become
//! arrays of their bytes (`S`) or code points (`U`) with one more axis.

use crate::tensor::{Dtype, MAX_DIMENSIONS, Tensor, TensorView};
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use std::io::{self, Read, Write};

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Numpy itself reads headers up to 10,000 characters unless the file is declared trusted.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// Reads an array that takes all `len` bytes of `source`. Errors: `malformed-file`; `unsupported` for
/// elements that are no plain numbers; `too-large`.
pub fn read_from(source: impl Read, len: u64, name: String) -> Result<Tensor> {
    let mut source = Source { inner: source, offset: 0 };
    let header = read_header(&mut source)?.plain()?;
    let declared = header.dtype.bytes_of(&header.shape);
    let rest = len.saturating_sub(source.offset);
    let Some(bytes) = declared.filter(|&bytes| bytes as u64 == rest) else {
        let expected = declared.map_or("more than any machine holds".into(), |bytes| bytes.to_string());
        let reason = format!(
            "{rest} bytes of data for {} {:?}, which takes {expected}",
            header.dtype.name(),
            header.shape
        );
        return Err(malformed(source.offset, reason));
    };
    let mut data = reserve(&name, bytes)?;
    data.resize(bytes, 0);
    source.fill(&mut data)?;
    if header.big_endian {
        data.chunks_exact_mut(header.dtype.bytes()).for_each(<[u8]>::reverse);
    }
    if header.fortran && header.shape.len() > 1 {
        // A text is one element, however long.
        let axes = header.shape.len() - usize::from(header.is_text);
        let (outer, text) = header.shape.split_at(axes);
        let size = text.iter().product::<usize>() * header.dtype.bytes();
        data = to_c_order(&name, &data, outer, size)?;
    }
    Ok(Tensor { name, dtype: header.dtype, shape: header.shape, bytes: data })
}

/// Writes version 1.0, as numpy does.
pub fn write_to(out: &mut dyn Write, tensor: TensorView) -> io::Result<()> {
    let mut extents: String = tensor.shape.iter().map(|extent| format!("{extent}, ")).collect();
    if tensor.shape.len() > 1 {
        extents.truncate(extents.len() - 2);
    }
    let descr = descr(tensor.dtype)
        .ok_or_else(|| io::Error::other(format!("numpy has no elements of type {}", tensor.dtype.name())))?;
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}", extents.trim_end());
    // The data begins at a multiple of 64.
    let padded = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(64) - MAGIC.len() - 4;
    header.push_str(&" ".repeat(padded - header.len() - 1));
    header.push('\n');
    let header_len = u16::try_from(header.len()).map_err(io::Error::other)?;
    out.write_all(MAGIC)?;
    out.write_all(&[1, 0])?;
    out.write_all(&header_len.to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    out.write_all(tensor.bytes)
}

/// How an array's elements lie in its file, for whoever reads them piece by piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Of a record its fields in their order; of plain elements one without a name.
    pub fields: Vec<Field>,
    pub fortran: bool,
    pub shape: Vec<usize>,
    /// Where the elements begin.
    pub start: u64,
}

/// One number of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub dtype: Dtype,
    pub big_endian: bool,
}

impl Layout {
    /// Reads the header of an array. Errors: `malformed-file`; `unsupported` for elements that are neither numbers nor records of numbers.
    pub fn read(source: impl Read) -> Result<Self> {
        let mut source = Source { inner: source, offset: 0 };
        let header = read_header(&mut source)?;
        let fields = match header.elements {
            Elements::Records(fields) => fields,
            Elements::Plain { dtype, big_endian, letters: None } => {
                vec![Field { name: String::new(), dtype, big_endian }]
            }
            Elements::Plain { .. } => return Err(unsupported("texts where events are expected")),
        };
        Ok(Layout { fields, fortran: header.fortran, shape: header.shape, start: source.offset })
    }

    /// Bytes of an element.
    pub fn element_bytes(&self) -> usize {
        self.fields.iter().map(|field| field.dtype.bytes()).sum()
    }
}

fn unsupported(feature: &str) -> Error {
    Error::Unsupported { feature: feature.into(), format: "lapicque".into() }
}

/// What the header's dictionary says.
struct Dictated {
    elements: Elements,
    fortran: bool,
    shape: Vec<usize>,
}

enum Elements {
    /// Of a text also how many letters it has.
    Plain {
        dtype: Dtype,
        big_endian: bool,
        letters: Option<usize>,
    },
    Records(Vec<Field>),
}

impl Dictated {
    /// Errors: `unsupported` for records.
    fn plain(self) -> Result<Header> {
        let Elements::Plain { dtype, big_endian, letters } = self.elements else {
            return Err(unsupported("numpy arrays of records"));
        };
        let shape = self.shape.into_iter().chain(letters).collect();
        Ok(Header { dtype, big_endian, fortran: self.fortran, is_text: letters.is_some(), shape })
    }
}

struct Header {
    dtype: Dtype,
    big_endian: bool,
    fortran: bool,
    /// Whether the last axis is that of the letters of a text.
    is_text: bool,
    shape: Vec<usize>,
}

/// Knows where in the file it stands.
struct Source<R> {
    inner: R,
    offset: u64,
}

impl<R: Read> Source<R> {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.inner.read_exact(bytes).map_err(|error| malformed(self.offset, error))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

fn malformed(offset: u64, reason: impl std::fmt::Display) -> Error {
    Error::MalformedFile { format: "npy".into(), offset, reason: reason.to_string() }
}

fn reserve(what: &str, bytes: usize) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    data.try_reserve_exact(bytes).map_err(|_| memory::refused::<u8>(&format!("array \"{what}\""), bytes))?;
    Ok(data)
}

fn read_header(source: &mut Source<impl Read>) -> Result<Dictated> {
    if source.array::<6>()? != *MAGIC {
        return Err(malformed(0, "it does not begin with \\x93NUMPY"));
    }
    let [major, minor] = source.array()?;
    let len = match major {
        1 => u16::from_le_bytes(source.array()?) as usize,
        2 | 3 => u32::from_le_bytes(source.array()?) as usize,
        _ => {
            return Err(unsupported(&format!("npy version {major}.{minor}")));
        }
    };
    if len > MAX_HEADER_BYTES {
        return Err(malformed(8, format!("a header of {len} bytes; {MAX_HEADER_BYTES} are allowed")));
    }
    let start = source.offset;
    let mut text = vec![0; len];
    source.fill(&mut text)?;
    Dictionary { text: &text, at: 0 }.header().map_err(|error| match error {
        Error::MalformedFile { format, offset, reason } => {
            Error::MalformedFile { format, offset: start + offset, reason }
        }
        other => other,
    })
}

/// The header's Python dictionary: three keys, a string, a truth value, a tuple of whole numbers.
struct Dictionary<'a> {
    text: &'a [u8],
    at: usize,
}

impl Dictionary<'_> {
    fn header(mut self) -> Result<Dictated> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.take(b'}') {
            let start = self.at;
            let key = self.string()?;
            self.expect(b':')?;
            let new = match key.as_str() {
                "descr" => descr.replace(self.descr()?).is_none(),
                "fortran_order" => fortran.replace(self.boolean()?).is_none(),
                "shape" => shape.replace(self.shape()?).is_none(),
                _ => false,
            };
            if !new {
                return Err(malformed(start as u64, format!("the key {key:?} is unknown or stands twice")));
            }
            if !self.take(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.space();
        if self.at < self.text.len() {
            return Err(self.error("the end of the header"));
        }
        match (descr, fortran, shape) {
            (Some(elements), Some(fortran), Some(shape)) => Ok(Dictated { elements, fortran, shape }),
            _ => Err(malformed(0, "the header lacks descr, fortran_order or shape")),
        }
    }

    fn descr(&mut self) -> Result<Elements> {
        self.space();
        if self.text.get(self.at) == Some(&b'[') {
            return self.records().map(Elements::Records);
        }
        let (dtype, big_endian, letters) = self.element()?;
        Ok(Elements::Plain { dtype, big_endian, letters })
    }

    /// A list of names and types. Errors: `unsupported` for fields that are no single numbers.
    fn records(&mut self) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        self.expect(b'[')?;
        while !self.take(b']') {
            self.expect(b'(')?;
            let name = self.string()?;
            self.expect(b',')?;
            let (dtype, big_endian, letters) = self.element()?;
            self.take(b',');
            if letters.is_some() || !self.take(b')') {
                return Err(unsupported("numpy records with fields that are no single numbers"));
            }
            fields.push(Field { name, dtype, big_endian });
            if fields.len() > MAX_DIMENSIONS {
                return Err(self.error("at most 64 fields"));
            }
            if !self.take(b',') {
                self.expect(b']')?;
                break;
            }
        }
        if fields.is_empty() { Err(unsupported("numpy records without fields")) } else { Ok(fields) }
    }

    /// Type, byte order, and of a text its length.
    fn element(&mut self) -> Result<(Dtype, bool, Option<usize>)> {
        let text = self.string()?;
        let (order, kind) = text.split_at_checked(1).unwrap_or(("", ""));
        if let Some(letters) = text_length(order, kind) {
            let dtype = if order == "|" { Dtype::U8 } else { Dtype::U32 };
            return Ok((dtype, order == ">", Some(letters)));
        }
        let dtype = DESCR.into_iter().find(|(_, name)| name[1..] == *kind).map(|(dtype, _)| dtype);
        // `|` has no order to tell; `=` is that of the machine that wrote, of which we know nothing.
        match (dtype, order) {
            (Some(dtype), "<" | ">") => Ok((dtype, order == ">", None)),
            (Some(dtype), "|") if dtype.bytes() == 1 => Ok((dtype, false, None)),
            _ => Err(unsupported(&format!("numpy elements of type {text:?}"))),
        }
    }

    fn boolean(&mut self) -> Result<bool> {
        self.space();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>> {
        let mut shape = Vec::new();
        self.expect(b'(')?;
        while !self.take(b')') {
            let digits = self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let text = std::str::from_utf8(&self.text[self.at..self.at + digits]).unwrap_or_default();
            let extent = text.parse().map_err(|_| self.error("a whole number"))?;
            self.at += digits;
            // Python 2 wrote long integers with a letter.
            self.take(b'L');
            shape.push(extent);
            if shape.len() > MAX_DIMENSIONS {
                return Err(self.error("at most 64 dimensions"));
            }
            if !self.take(b',') {
                self.expect(b')')?;
                break;
            }
        }
        Ok(shape)
    }

    /// Between quotes of either kind, without escapes: no key or type that we know has any.
    fn string(&mut self) -> Result<String> {
        self.space();
        let quote = match self.text.get(self.at) {
            Some(&quote @ (b'\'' | b'"')) => quote,
            _ => return Err(self.error("a string")),
        };
        let rest = &self.text[self.at + 1..];
        let len = rest.iter().position(|&byte| byte == quote).ok_or_else(|| self.error("a closed string"))?;
        let string = String::from_utf8_lossy(&rest[..len]).into_owned();
        self.at += len + 2;
        Ok(string)
    }

    fn space(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// Passes over `byte` and the space around it, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let there = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        self.space();
        there
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) { Ok(()) } else { Err(self.error(&format!("'{}'", byte as char))) }
    }

    fn error(&self, expected: &str) -> Error {
        let got = self.text.get(self.at).map_or("the end".into(), |&byte| format!("{:?}", byte as char));
        malformed(self.at as u64, format!("expected {expected} but got {got}"))
    }
}

const DESCR: [(Dtype, &str); 12] = [
    (Dtype::F64, "<f8"),
    (Dtype::F32, "<f4"),
    (Dtype::F16, "<f2"),
    (Dtype::I64, "<i8"),
    (Dtype::U64, "<u8"),
    (Dtype::I32, "<i4"),
    (Dtype::U32, "<u4"),
    (Dtype::I16, "<i2"),
    (Dtype::U16, "<u2"),
    (Dtype::I8, "|i1"),
    (Dtype::U8, "|u1"),
    (Dtype::Bool, "|b1"),
];

/// The length of texts of type `|S3` or `<U3`.
fn text_length(order: &str, kind: &str) -> Option<usize> {
    let digits = match order {
        "|" => kind.strip_prefix('S'),
        "<" | ">" => kind.strip_prefix('U'),
        _ => None,
    };
    digits.and_then(|digits| digits.parse().ok())
}

/// Numpy has no bfloat16.
fn descr(dtype: Dtype) -> Option<&'static str> {
    DESCR.into_iter().find(|(other, _)| *other == dtype).map(|(_, name)| name)
}

/// From first index fastest to last index fastest; `size` bytes an element.
fn to_c_order(name: &str, data: &[u8], shape: &[usize], size: usize) -> Result<Vec<u8>> {
    let mut out = reserve(name, data.len())?;
    let strides: Vec<usize> = shape
        .iter()
        .scan(size, |stride, &extent| {
            let own = *stride;
            *stride *= extent;
            Some(own)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    while out.len() < data.len() {
        out.extend_from_slice(&data[at..at + size]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            at += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            at -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    Ok(out)
}
