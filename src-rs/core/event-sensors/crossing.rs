//! A value that changes linearly, and the thresholds that it crosses: the comparator of cameras and signals.

use crate::MAX_EVENTS;
use lapicque_base::error::{Error, Result};

/// What a value is compared with. An event moves `reference` by one threshold.
#[derive(Debug, Clone, Copy)]
pub struct Comparator {
    pub reference: f64,
    /// Distances at which an event is sent, both positive.
    pub on: f64,
    pub off: f64,
}

impl Comparator {
    /// Calls `event` with the fraction of the change at which each threshold is crossed, and whether upwards.
    ///
    /// # Errors
    /// `invalid-parameter` for more than [`MAX_EVENTS`] crossings.
    pub fn follow(&mut self, from: f64, to: f64, mut event: impl FnMut(f64, bool)) -> Result<()> {
        let (distance, step) = match to >= self.reference {
            true => (to - self.reference, self.on),
            false => (self.reference - to, self.off),
        };
        let crossings = libm::floor(distance / step);
        if crossings < 1.0 {
            return Ok(());
        }
        if crossings > MAX_EVENTS || crossings.is_nan() {
            let expected = format!("a change of at most {MAX_EVENTS} thresholds in a step");
            return Err(Error::invalid("threshold", step, expected));
        }
        let (start, up) = (self.reference, to >= self.reference);
        let sign = if up { 1.0 } else { -1.0 };
        for k in 1..=crossings as u64 {
            self.reference = start + sign * k as f64 * step;
            let share = if to == from { 1.0 } else { (self.reference - from) / (to - from) };
            event(share.clamp(0.0, 1.0), up);
        }
        Ok(())
    }
}
