//! Coarser pixels and times: each coordinate times its factor, truncated to an integer. No event is lost.

use crate::events::{Events, positive};
use crate::sensor::Sensor;
use crate::transform::{Stage, Transform};
use lapicque_base::error::{Error, Result, try_vec};
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Size of the new sensor.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Factor of both coordinates, instead of a size.
    pub factor: Option<f64>,
    pub time_factor: Option<f64>,
}

struct Downsample {
    columns: Vec<u16>,
    rows: Vec<u16>,
    time: Option<f64>,
}

pub fn build(options: &Options, sensor: Sensor) -> Result<Stage> {
    let factor = options.factor.map(|f| positive("downsample.factor", f, "")).transpose()?;
    let time = options.time_factor.map(|f| positive("downsample.timeFactor", f, "")).transpose()?;
    if factor.is_some() && (options.width.is_some() || options.height.is_some()) {
        return Err(Error::invalid(
            "downsample.factor",
            factor.unwrap_or(1.0),
            "no factor beside width or height",
        ));
    }
    let scale = |given: Option<u32>, whole: u32| match (given, factor) {
        (Some(size), _) => (f64::from(size) / f64::from(whole), size),
        // The last pixel decides how many there are.
        (None, Some(factor)) => {
            let last = (f64::from(whole - 1) * factor).min(f64::from(u32::MAX - 1));
            (factor, last as u32 + 1)
        }
        (None, None) => (1.0, whole),
    };
    let ((by_x, width), (by_y, height)) =
        (scale(options.width, sensor.width), scale(options.height, sensor.height));
    let sampled = Sensor { width, height, ..sensor };
    sampled.check().map_err(|e| e.within("downsample"))?;
    let table = |whole: u32, factor: f64, size: u32| -> Result<Vec<u16>> {
        let mut table = try_vec("pixels", whole as usize, 0u16)?;
        let new = |old: usize| ((old as f64 * factor) as u32).min(size - 1) as u16;
        table.iter_mut().enumerate().for_each(|(old, entry)| *entry = new(old));
        Ok(table)
    };
    let (columns, rows) = (table(sensor.width, by_x, width)?, table(sensor.height, by_y, height)?);
    Ok(Stage::new(Downsample { columns, rows, time: time.filter(|&t| t != 1.0) }, sampled))
}

impl Transform for Downsample {
    fn apply(&mut self, events: &mut Events) -> Result<()> {
        events.x.iter_mut().for_each(|x| *x = self.columns[usize::from(*x)]);
        events.y.iter_mut().for_each(|y| *y = self.rows[usize::from(*y)]);
        if let Some(factor) = self.time {
            events.t.iter_mut().for_each(|t| *t = (*t as f64 * factor) as i64);
        }
        Ok(())
    }
}
