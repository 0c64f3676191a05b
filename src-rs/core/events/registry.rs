//! All formats, and how one is chosen: by its name, by the first bytes of a file, or by its extension.

use crate::format::Format;
use crate::{aedat2, aedat4, aedat31, aer, csv, dat, es, evt2, evt3, evt4, evt21, nmnist, npy, npz};
use lapicque_base::error::{Error, Result};
use std::path::Path;

/// All formats. Those that are detected by their first bytes come before those that are detected by their extension.
pub const FORMATS: [&Format; 14] = [
    &aedat4::FORMAT,
    &aedat31::FORMAT,
    &aedat2::FORMAT,
    &evt2::FORMAT,
    &evt21::FORMAT,
    &evt3::FORMAT,
    &evt4::FORMAT,
    &dat::FORMAT,
    &es::FORMAT,
    &npy::FORMAT,
    &npz::FORMAT,
    &nmnist::FORMAT,
    &csv::FORMAT,
    &aer::FORMAT,
];

/// The format of that name. Errors: `unknown-name`.
pub fn named(name: &str) -> Result<&'static Format> {
    let found = FORMATS.into_iter().find(|format| format.name == name);
    found.ok_or_else(|| Error::unknown("event format", name, FORMATS.map(|format| format.name)))
}

/// The format detected from the first bytes, or else from the extension. Errors: `unsupported`.
pub fn detected(head: &[u8], path: Option<&Path>) -> Result<&'static Format> {
    if let Some(format) = FORMATS.into_iter().find(|format| (format.detect)(head)) {
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
            FORMATS.map(|format| format.name).join(", ")
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
        preferred.or_else(|| FORMATS.into_iter().find(|f| f.extensions.contains(&extension.as_str())));
    found.ok_or_else(|| Error::Unsupported {
        feature: format!(
            "event files called .{extension}; option `format` names one of {}",
            FORMATS.map(|format| format.name).join(", ")
        ),
        format: "lapicque".into(),
    })
}
