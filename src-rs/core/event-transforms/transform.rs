//! The interface of transforms.

use crate::events::Events;
use crate::sensor::Sensor;
use lapicque_base::error::Result;

/// A function of a stream of events that sees one batch at a time.
pub trait Transform: Send {
    /// Replaces a batch by what comes out so far.
    ///
    /// # Errors
    /// `too-large` where events are kept for later and memory cannot hold them.
    fn apply(&mut self, events: &mut Events) -> Result<()>;

    /// What is left when the stream has ended.
    ///
    /// # Errors
    /// `invalid-parameter` for options that do not fit the stream.
    fn finish(&mut self) -> Result<Events> {
        Ok(Events::default())
    }
}

/// A transform with the sensor that its events belong to.
pub struct Stage {
    pub transform: Box<dyn Transform>,
    pub sensor: Sensor,
}

impl Stage {
    pub fn new(transform: impl Transform + 'static, sensor: Sensor) -> Self {
        Stage { transform: Box::new(transform), sensor }
    }
}
