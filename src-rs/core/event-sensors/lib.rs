//! Sensors that send events on changes: an event camera for frames, a cochlea for sound, and level crossings for any
//! signal. Each receives its input piece by piece and returns the events of the time since the last piece.

mod camera;
mod cochlea;
mod crossing;
mod response;
mod signal;

use lapicque_base::error::{Error, Result};
use lapicque_event_transforms::{Events, Sensor as Geometry};
use serde::Deserialize;

/// A sensor as it is described, with `kind` for its name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SensorSpec {
    Camera(camera::Options),
    Cochlea(cochlea::Options),
    Signal(signal::Options),
}

/// A sensor at work.
pub trait Sensor: Send {
    /// What events of it look like.
    fn geometry(&self) -> Geometry;

    /// Takes the next piece of its input and adds the events up to its end, in the order of time.
    ///
    /// # Errors
    /// `shape-mismatch` for another number of values; `invalid-parameter` for a time that is not after the last one, for values
    /// that are not finite, and where one step would give more events than [`MAX_EVENTS`].
    fn push(&mut self, values: &[f32], t: f64, events: &mut Events) -> Result<()>;

    /// How many values were worked on so far: what stands still is not looked at twice.
    fn operations(&self) -> u64;
}

/// Events of one pixel or channel in one step.
pub const MAX_EVENTS: f64 = 1e6;

impl SensorSpec {
    /// # Errors
    /// `invalid-parameter`, `too-large`
    pub fn build(&self) -> Result<Box<dyn Sensor>> {
        Ok(match self {
            SensorSpec::Camera(options) => Box::new(camera::Camera::new(options)?),
            SensorSpec::Cochlea(options) => Box::new(cochlea::Cochlea::new(options)?),
            SensorSpec::Signal(options) => Box::new(signal::Signal::new(options)?),
        })
    }

    /// From JSON.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn from_json(text: &str) -> Result<Box<dyn Sensor>> {
        let spec: SensorSpec =
            serde_json::from_str(text).map_err(|e| Error::invalid("sensor", text, e.to_string()))?;
        spec.build()
    }
}

/// An option that must be a finite number from `least` on, or above it.
pub(crate) fn above(name: &str, value: f64, least: f64, included: bool) -> Result<f64> {
    if value.is_finite() && (value > least || (included && value == least)) {
        return Ok(value);
    }
    let expected =
        if included { format!("a number from {least}") } else { format!("a number above {least}") };
    Err(Error::invalid(name, value, expected))
}
