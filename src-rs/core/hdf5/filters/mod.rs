//! Filters of chunks. Reading applies them from the last to the first.

mod bitshuffle;
mod blosc;
mod blosclz;
mod checked;
mod deflate;
pub mod ecf;
mod lz4;
mod lzf;
mod shuffle;
mod zstd;

use crate::fault::{parsed, unsupported};
use hdf5_reader::filters::FilterRegistry;
use hdf5_reader::messages::filter_pipeline::FilterDescription;
use lapicque_base::Result;
use std::sync::LazyLock;

pub(crate) use deflate::deflate;
pub(crate) use shuffle::shuffle;

pub const DEFLATE: u16 = 1;
pub const SHUFFLE: u16 = 2;
pub const FLETCHER32: u16 = 3;
const SZIP: u16 = 4;
const NBIT: u16 = 5;
const SCALE_OFFSET: u16 = 6;
const LZF: u16 = 32000;
const BLOSC: u16 = 32001;
const LZ4: u16 = 32004;
const BITSHUFFLE: u16 = 32008;
const ZSTD: u16 = 32015;
/// Prophesee's codec of camera events.
pub const ECF: u16 = 0x8ecf;

/// Registered filters that are not supported, with their common names.
const REFUSED: [(u16, &str); 14] = [
    (305, "LZO"),
    (307, "bzip2"),
    (32002, "MAFISC"),
    (32003, "Snappy"),
    (32005, "APAX"),
    (32006, "CBF"),
    (32010, "JPEG-XR"),
    (32013, "ZFP"),
    (32014, "fpzip"),
    (32017, "SZ"),
    (32019, "JPEG"),
    (32022, "FLAC"),
    (32024, "SZ3"),
    (32026, "Blosc2"),
];

/// The name of a filter in listings and messages.
pub fn name(id: u16) -> String {
    let text = match id {
        DEFLATE => "deflate",
        SHUFFLE => "shuffle",
        FLETCHER32 => "fletcher32",
        SZIP => "szip",
        NBIT => "nbit",
        SCALE_OFFSET => "scaleoffset",
        LZF => "lzf",
        BLOSC => "blosc",
        LZ4 => "lz4",
        BITSHUFFLE => "bitshuffle",
        ZSTD => "zstd",
        ECF => "ecf",
        _ => match REFUSED.iter().find(|(refused, _)| *refused == id) {
            Some((_, name)) => name,
            None => return format!("filter {id}"),
        },
    };
    text.into()
}

/// The size limit between two filters: a little more than the chunk, for checksums, headers and incompressible data.
fn between(len: usize) -> usize {
    len.saturating_add(len / 16).saturating_add(4096)
}

/// Decodes a chunk of `len` bytes, with elements of `size` bytes. Errors: `malformed-file`, `unsupported` with the name of a
/// filter.
pub fn decode(
    filters: &[FilterDescription],
    mask: u32,
    stored: &[u8],
    size: usize,
    len: usize,
) -> Result<Vec<u8>> {
    let is_applied = |i: usize| i >= 32 || mask & (1 << i) == 0;
    let first = (0..filters.len()).find(|i| is_applied(*i));
    let mut bytes = std::borrow::Cow::Borrowed(stored);
    for (i, filter) in filters.iter().enumerate().rev().filter(|(i, _)| is_applied(*i)) {
        let most = if Some(i) == first { len } else { between(len) };
        bytes = apply(filter, &bytes, size, most, Some(i) == first)?.into();
    }
    Ok(bytes.into_owned())
}

/// For rare filters that the parser supports.
static PARSERS: LazyLock<FilterRegistry> = LazyLock::new(FilterRegistry::new);

fn apply(
    filter: &FilterDescription,
    bytes: &[u8],
    size: usize,
    most: usize,
    is_last: bool,
) -> Result<Vec<u8>> {
    match filter.id {
        DEFLATE => deflate::inflate(bytes, most, is_last),
        SHUFFLE => {
            Ok(shuffle::unshuffle(bytes, filter.client_data.first().map_or(size, |size| *size as usize)))
        }
        LZF => lzf::decode(bytes, most),
        BLOSC => blosc::decode(bytes, most),
        LZ4 => lz4::decode(bytes, most),
        BITSHUFFLE => bitshuffle::decode(&filter.client_data, bytes, size, most),
        ZSTD => zstd::decode(bytes, most),
        ECF => ecf::decode(bytes, most),
        FLETCHER32 | SZIP | NBIT | SCALE_OFFSET => {
            PARSERS.apply_with_limit(filter, bytes, size, Some(most)).map_err(parsed)
        }
        id => {
            let declared = filter.name.as_deref().unwrap_or_default();
            let declared: String = declared.chars().filter(|c| !c.is_control()).take(60).collect();
            let declared = if declared.is_empty() { name(id) } else { format!("{}: {declared}", name(id)) };
            Err(unsupported(format!("filter {id} ({declared})")))
        }
    }
}
