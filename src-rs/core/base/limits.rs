//! Limits on the memory that the content of a file may take. Files are untrusted, so the sizes that they declare are compared
//! with the limit before memory is allocated.

use crate::error::{Error, Result};

/// The limit of a loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
}

impl Limits {
    /// Files may always take this multiple of their own size.
    const TIMES: u64 = 4;

    /// The number of bytes that the content of a file may take, if the file itself has `file_bytes` bytes.
    pub fn allowed(self, file_bytes: u64) -> u64 {
        self.bytes.max(file_bytes.saturating_mul(Self::TIMES))
    }

    /// # Errors
    /// `too-large`, whose message explains how to raise the limit.
    pub fn check(self, what: &str, needed: u64, file_bytes: u64) -> Result<()> {
        match self.allowed(file_bytes) {
            allowed if needed > allowed => Err(Error::OverLimit { what: what.into(), needed, allowed }),
            _ => Ok(()),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 256 << 20 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_take_four_times_its_size_or_the_limit() {
        let limits = Limits { bytes: 1000 };
        assert_eq!(limits.allowed(10), 1000);
        assert_eq!(limits.allowed(400), 1600);
        assert_eq!(limits.allowed(u64::MAX), u64::MAX);
        assert_eq!(limits.check("it", 1600, 400), Ok(()));
        let error = limits.check("it", 1601, 400).unwrap_err();
        assert_eq!(error, Error::OverLimit { what: "it".into(), needed: 1601, allowed: 1600 });
        assert!(error.to_string().contains("limits: { bytes: 1601 }"), "{error}");
    }
}
