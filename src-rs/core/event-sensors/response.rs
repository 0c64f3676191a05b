//! The response of a pixel to light, which its comparator uses.

use crate::above;
use lapicque_base::error::Result;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Response {
    /// ln(offset + intensity), as ESIM.
    Log {
        #[serde(default = "offset")]
        offset: f64,
    },
    /// As v2e, for intensities of 0 to 255: a straight line up to `threshold`, ln above.
    LinLog {
        #[serde(default = "threshold")]
        threshold: f64,
    },
    /// The value itself.
    Linear {},
}

fn offset() -> f64 {
    1e-3
}

fn threshold() -> f64 {
    20.0
}

impl Default for Response {
    fn default() -> Self {
        Response::Log { offset: offset() }
    }
}

impl Response {
    pub fn check(&self) -> Result<()> {
        match self {
            Response::Log { offset } => above("response.offset", *offset, 0.0, true).map(|_| ()),
            Response::LinLog { threshold } => above("response.threshold", *threshold, 1.0, false).map(|_| ()),
            Response::Linear {} => Ok(()),
        }
    }

    pub fn of(&self, intensity: f64) -> f64 {
        match self {
            Response::Log { offset } => libm::log(offset + intensity),
            Response::LinLog { threshold } if intensity <= *threshold => {
                intensity * libm::log(*threshold) / threshold
            }
            Response::LinLog { .. } => libm::log(intensity),
            Response::Linear {} => intensity,
        }
    }
}
