//! How a format is chosen: by its name, by the first bytes of a file, or by its extension.

use crate::format::{Format, Holds};
use crate::{FORMATS, aedat31, evt3};
use lapicque_base::error::{Error, Result};
use serde::Serialize;
use std::path::Path;

fn names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name).collect()
}

/// The format of that name. Errors: `unknown-name`.
pub fn named(name: &str) -> Result<&'static Format> {
    let found = FORMATS.iter().copied().find(|format| format.name == name);
    found.ok_or_else(|| Error::unknown("event format", name, names()))
}

/// The format detected from the first bytes, or else from the extension. Errors: `unsupported`.
pub fn detected(head: &[u8], path: Option<&Path>) -> Result<&'static Format> {
    if let Some(format) = FORMATS.iter().copied().find(|format| (format.detect)(head)) {
        return Ok(format);
    }
    let extension = path.and_then(|path| path.extension()?.to_str()).map(str::to_lowercase);
    let by_extension = |format: &&&Format| {
        let extension = extension.as_deref().unwrap_or_default();
        // Formats with a magic number would have been detected above.
        format.magic.is_empty() && format.extensions.contains(&extension)
    };
    FORMATS.iter().find(by_extension).copied().ok_or_else(|| Error::Unsupported {
        feature: format!(
            "a recording that begins with {:?}{}; option `format` names one of {}",
            String::from_utf8_lossy(&head[..head.len().min(12)]),
            extension.map(|extension| format!(" and is called .{extension}")).unwrap_or_default(),
            names().join(", ")
        ),
        format: "lapicque".into(),
    })
}

/// The format for writing a file with this extension. Errors: `unsupported`.
pub fn of_extension(path: &Path) -> Result<&'static Format> {
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase();
    // By default `.raw` is EVT3, which all current cameras write; `.aedat` is AEDAT 3.1.
    let preferred = match extension.as_str() {
        "raw" => Some(&evt3::FORMAT),
        "aedat" => Some(&aedat31::FORMAT),
        _ => None,
    };
    let found =
        preferred.or_else(|| FORMATS.iter().copied().find(|f| f.extensions.contains(&extension.as_str())));
    found.ok_or_else(|| Error::Unsupported {
        feature: format!(
            "event files called .{extension}; option `format` names one of {}",
            names().join(", ")
        ),
        format: "lapicque".into(),
    })
}

/// A format as TypeScript and the documentation see it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Described {
    name: &'static str,
    title: &'static str,
    extensions: Vec<&'static str>,
    /// Extensions of files that are written in this format if none is named.
    default_of: Vec<&'static str>,
    magic: &'static str,
    sensor: &'static str,
    fields: &'static str,
    source: &'static str,
    reads: Vec<&'static str>,
    writes: Vec<&'static str>,
    options: &'static [&'static str],
    write_options: &'static [&'static str],
}

impl Described {
    fn of(format: &Format) -> Self {
        let is_default = |extension: &&&str| {
            let path = Path::new("a").with_extension(extension);
            of_extension(&path).is_ok_and(|found| found.name == format.name)
        };
        Described {
            name: format.name,
            title: format.title,
            extensions: format.extensions.to_vec(),
            default_of: format.extensions.iter().filter(is_default).copied().collect(),
            magic: format.magic,
            sensor: format.sensor,
            fields: format.fields,
            source: format.source,
            reads: format.reads.names(),
            writes: format.writes.names(),
            options: format.options,
            write_options: format.write_options,
        }
    }

    /// Recordings in HDF5 files, whose layouts `src-ts/events` reads over the crate `hdf5`; here so that one place lists all formats.
    fn hdf5() -> Self {
        Described {
            name: "hdf5",
            title: "HDF5 of Prophesee (ECF), DSEC, SHD and SSC",
            extensions: vec!["h5", "hdf5"],
            default_of: vec!["h5", "hdf5"],
            magic: "\\x89HDF",
            sensor: "Prophesee: `geometry`",
            fields: "data sets of columns; Prophesee: chunks of its codec ECF",
            source: "Prophesee, hdf5_ecf; M. Gehrig et al., IEEE RA-L 6(3), 2021 (DSEC); B. Cramer et al., IEEE TNNLS 33(7), 2022 (SHD, SSC)",
            reads: Holds::TRIGGERS.names(),
            writes: Holds::NONE.names(),
            options: &["sample"],
            write_options: &[],
        }
    }
}

/// All formats, from which types, checks and documentation are generated.
pub fn describe() -> Vec<Described> {
    FORMATS.iter().map(|format| Described::of(format)).chain([Described::hdf5()]).collect()
}
