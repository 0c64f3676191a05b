//! The pixel array of the events.

use crate::events::Events;
use lapicque_base::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Columns, rows and polarities (1: polarity is not told apart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
    pub width: u32,
    pub height: u32,
    #[serde(default = "two")]
    pub polarities: u8,
}

fn two() -> u8 {
    2
}

/// Coordinates have 16 bits.
const MOST: u32 = 1 << 16;

impl Sensor {
    /// # Errors
    /// `invalid-parameter` for a size that is 0 or above 65536, or polarities other than 1 and 2.
    pub fn check(self) -> Result<Self> {
        for (name, size) in [("sensor.width", self.width), ("sensor.height", self.height)] {
            if size == 0 || size > MOST {
                return Err(Error::invalid(name, size, format!("1 to {MOST} pixels")));
            }
        }
        if !(1..=2).contains(&self.polarities) {
            return Err(Error::invalid("sensor.polarities", self.polarities, "1 or 2"));
        }
        Ok(self)
    }

    pub fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Entries of a frame, `[polarity, row, column]`.
    pub fn channels(self) -> usize {
        self.pixels() * usize::from(self.polarities)
    }

    pub fn pixel(self, x: u16, y: u16) -> usize {
        usize::from(y) * self.width as usize + usize::from(x)
    }

    /// The entry of a frame; of one polarity all are the first.
    pub fn channel(self, x: u16, y: u16, p: u8) -> usize {
        let plane = if self.polarities == 1 { 0 } else { usize::from(p) };
        plane * self.pixels() + self.pixel(x, y)
    }

    /// # Errors
    /// `invalid-parameter` for an event outside of the sensor, with its number in the batch.
    pub fn check_events(self, events: &Events) -> Result<()> {
        let beyond = |values: &[u16], size: u32| values.iter().fold(0, |most, &v| most.max(v)) as u32 >= size;
        let most = |values: &[u8]| values.iter().fold(0, |most, &v| most.max(v));
        let polarity = self.polarities == 2 && most(&events.p) > 1;
        if events.is_empty() || !(beyond(&events.x, self.width) || beyond(&events.y, self.height) || polarity)
        {
            return Ok(());
        }
        let at = |test: &dyn Fn(usize) -> bool| (0..events.len()).find(|&i| test(i));
        let size = format!("{} x {} pixels", self.width, self.height);
        if let Some(i) =
            at(&|i| u32::from(events.x[i]) >= self.width || u32::from(events.y[i]) >= self.height)
        {
            let got = format!("{}, {}", events.x[i], events.y[i]);
            return Err(Error::invalid(
                format!("events[{i}]"),
                got,
                format!("a pixel of the sensor, {size}"),
            ));
        }
        let i = at(&|i| events.p[i] > 1).unwrap_or_default();
        Err(Error::invalid(
            format!("events.polarity[{i}]"),
            events.p[i],
            "0 or 1 of a sensor of two polarities",
        ))
    }
}
