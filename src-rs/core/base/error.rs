//! One error type with fields and a stable code; it crosses to JavaScript as an object.

use crate::memory;
use crate::nearest::{near, truncated};
use serde::Serialize;
use std::fmt;

pub type Result<T> = std::result::Result<T, Error>;

/// All errors of the engine. The `code` of the serialized form is the variant's name in kebab case; it never changes once
/// released.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Error {
    ShapeMismatch {
        layer: String,
        expected: String,
        got: String,
    },
    UnknownName {
        kind: String,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        did_you_mean: Option<String>,
        /// Empty if `did_you_mean` is given.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        known: Vec<String>,
    },
    InvalidParameter {
        name: String,
        value: String,
        expected: String,
    },
    Equation {
        line: usize,
        column: usize,
        reason: String,
        frame: String,
    },
    NonFinite {
        layer: String,
        step: usize,
        name: String,
    },
    Unsupported {
        feature: String,
        format: String,
    },
    MalformedFile {
        format: String,
        offset: u64,
        reason: String,
    },
    TooLarge {
        what: String,
        needed: u64,
        allowed: u64,
    },
    /// The content of a file needs more memory than its loader allows.
    #[serde(rename = "too-large")]
    OverLimit {
        what: String,
        needed: u64,
        allowed: u64,
    },
    Io {
        path: String,
        reason: String,
    },
    /// More calls are queued than the configured limit.
    Busy {
        queued: usize,
        limit: usize,
    },
    Aborted,
    Disposed {
        what: String,
    },
    /// A caught panic: always a bug in lapicque.
    Internal {
        reason: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::ShapeMismatch { layer, expected, got } => {
                write!(f, "{layer}: expected shape {expected} but got {got}")
            }
            Error::UnknownName { kind, name, did_you_mean, known } => {
                write!(f, "unknown {kind} \"{name}\"")?;
                if let Some(close) = did_you_mean {
                    write!(f, "; did you mean \"{close}\"?")?;
                }
                if known.is_empty() { Ok(()) } else { write!(f, "; known are {}", known.join(", ")) }
            }
            Error::InvalidParameter { name, value, expected } => {
                write!(f, "{name}: expected {expected} but got {value}")
            }
            Error::Equation { line, column, reason, frame } => {
                write!(f, "line {line}, column {column}: {reason}\n{frame}")
            }
            Error::NonFinite { layer, step, name } => {
                write!(f, "{layer}: {name} is not finite at step {step}")
            }
            Error::Unsupported { feature, format } => write!(f, "{format} does not support {feature}"),
            Error::MalformedFile { format, offset, reason } => {
                write!(f, "malformed {format} file at byte {offset}: {reason}")
            }
            Error::TooLarge { what, needed, allowed } => {
                write!(f, "{what} needs {needed} bytes but {allowed} are available")
            }
            Error::OverLimit { what, needed, allowed } => write!(
                f,
                "{what} needs {needed} bytes but {allowed} are allowed; if you trust the source, raise the limit \
                 with limits: {{ bytes: {needed} }} (on the command line --limit-bytes {needed})"
            ),
            Error::Io { path, reason } => write!(f, "{path}: {reason}"),
            Error::Busy { queued, limit } => {
                write!(f, "the engine is busy: {queued} calls wait, and at most {limit} may; try again later")
            }
            Error::Aborted => write!(f, "the operation was aborted"),
            Error::Disposed { what } => write!(f, "{what} has been disposed"),
            Error::Internal { reason } => write!(f, "internal error (please report it): {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// Maximum number of names that an error lists; for more it states their number.
const LISTED: usize = 40;

impl Error {
    /// `unknown-name` with the similar name among `known`, or with all of them.
    pub fn unknown<N: AsRef<str>>(kind: &str, name: &str, known: impl IntoIterator<Item = N>) -> Self {
        let mut known: Vec<String> = known.into_iter().map(|name| name.as_ref().to_string()).collect();
        let did_you_mean = near(name, known.iter().map(String::as_str)).map(str::to_string);
        let more = known.len().saturating_sub(LISTED);
        known.truncate(if did_you_mean.is_some() { 0 } else { LISTED });
        known.extend((more > 0 && did_you_mean.is_none()).then(|| format!("and {more} more")));
        Error::UnknownName { kind: kind.to_string(), name: truncated(name), did_you_mean, known }
    }

    /// The same error for a part of something: prefixes the parameter with the name of the layer or population.
    pub fn within(self, holder: &str) -> Self {
        match self {
            Error::InvalidParameter { name, value, expected } => {
                Error::InvalidParameter { name: format!("{holder}.{name}"), value, expected }
            }
            Error::ShapeMismatch { layer, expected, got } => {
                Error::ShapeMismatch { layer: format!("{holder}.{layer}"), expected, got }
            }
            Error::UnknownName { kind, name, did_you_mean, known } => {
                let kind = match kind.strip_prefix("value of ") {
                    Some(option) => format!("value of {holder}.{option}"),
                    None => kind,
                };
                Error::UnknownName { kind, name, did_you_mean, known }
            }
            other => other,
        }
    }

    /// The message of every range check: `name: expected … but got …`.
    pub fn invalid(name: impl Into<String>, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        Error::InvalidParameter { name: name.into(), value: value.to_string(), expected: expected.into() }
    }
}

/// A vector of `len` copies of `value`. A size that does not fit into memory is an error, not an abort.
pub fn try_vec<T: Clone>(what: &str, len: usize, value: T) -> Result<Vec<T>> {
    // The system overcommits memory, and kills a process that uses more than there is.
    memory::check(what, (len as u64).saturating_mul(size_of::<T>() as u64))?;
    let mut v = Vec::new();
    v.try_reserve_exact(len).map_err(|_| memory::refused::<T>(what, len))?;
    v.resize(len, value);
    Ok(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_comes_with_the_near_one_or_with_what_is_known() {
        let said = |name| Error::unknown("parameter", name, ["beta", "vThreshold", "tauMem"]).to_string();
        assert_eq!(said("bta"), "unknown parameter \"bta\"; did you mean \"beta\"?");
        assert_eq!(said("colour"), "unknown parameter \"colour\"; known are beta, vThreshold, tauMem");
        let none = Error::unknown("layer", "a", [""; 0]).to_string();
        assert_eq!(none, "unknown layer \"a\"");
        let many = Error::unknown("layer", "none", (0..50).map(|i| format!("layer{i}"))).to_string();
        assert!(many.ends_with("layer38, layer39, and 10 more"), "{many}");
    }
}
