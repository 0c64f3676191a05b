//! The options of reading and writing recordings.

use lapicque_base::limits::Limits;
use serde::Deserialize;

/// The options of a reader.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// Name of the format; detected from the content if absent.
    pub format: Option<String>,
    pub batch_size: usize,
    pub origin: Origin,
    pub allow_truncated: bool,
    /// Width and height, instead of those in the file.
    pub sensor: Option<(u32, u32)>,
    /// Of AEDAT 2.
    pub chip: Option<String>,
    /// Of EVT2.1, instead of that in the file.
    pub half_order: Option<String>,
    /// Bytes of an address of headerless AER, 2 or 4.
    pub address_bytes: Option<usize>,
    /// Microseconds of a unit of time of headerless AER.
    pub tick: Option<f64>,
    /// Names of the columns of CSV and NPY, in their order.
    pub columns: Option<Vec<String>>,
    /// Unit of the times of CSV, NPY and NPZ: `us`, `ms`, `s`, `ns`.
    pub time_unit: Option<String>,
    #[serde(skip)]
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            format: None,
            batch_size: 1 << 16,
            origin: Origin::Stored,
            allow_truncated: false,
            sensor: None,
            chip: None,
            half_order: None,
            address_bytes: None,
            tick: None,
            columns: None,
            time_unit: None,
            limits: Limits::default(),
        }
    }
}

/// The meaning of time 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// As stored in the file.
    Stored,
    /// Time of the first event, trigger, sample or frame.
    First,
}

/// The options of a writer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WriteOptions {
    pub format: Option<String>,
    pub sensor: Option<(u32, u32)>,
    /// Of AEDAT 2: `dvs128` or `davis240`.
    pub chip: Option<String>,
    /// Of EVT2.1: `little` or `legacy`.
    pub half_order: Option<String>,
    /// Of AEDAT 4: `none`, `lz4` or `zstd`.
    pub compression: Option<String>,
    pub address_bytes: Option<usize>,
    pub columns: Option<Vec<String>>,
}
