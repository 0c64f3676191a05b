//! Electrodes.

use lapicque_base::error::{Error, Result};
use serde::Deserialize;

use super::model::Passive;

/// A current in nA from `delay` to `delay + duration`, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CurrentClamp {
    pub cell: usize,
    pub node: usize,
    pub delay: f64,
    pub duration: f64,
    pub amplitude: f64,
}

/// Voltages in mV one after the other, each for a duration in ms, through a resistance in MΩ.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoltageClamp {
    pub cell: usize,
    pub node: usize,
    pub steps: Vec<(f64, f64)>,
    pub resistance: f64,
}

/// Checks the place of an electrode, synapse or record.
pub fn check_place(what: &str, (cell, cells): (usize, usize), node: usize, passive: &Passive) -> Result<()> {
    if cell >= cells {
        return Err(Error::invalid(format!("{what}.cell"), cell, format!("a cell, below {cells}")));
    }
    let nodes = passive.parent.len();
    if node >= nodes {
        return Err(Error::invalid(format!("{what}.node"), node, format!("a node, below {nodes}")));
    }
    Ok(())
}

impl CurrentClamp {
    /// The current in the step whose middle is `t`.
    pub fn current(&self, t: f64) -> f64 {
        if t >= self.delay && t < self.delay + self.duration { self.amplitude } else { 0.0 }
    }

    pub fn check(&self) -> Result<()> {
        let numbers = [("delay", self.delay), ("duration", self.duration), ("amplitude", self.amplitude)];
        let wrong = numbers.into_iter().find(|&(_, x)| x.is_nan() || x == f64::NEG_INFINITY);
        wrong
            .map_or(Ok(()), |(name, x)| Err(Error::invalid(format!("currentClamp.{name}"), x, "a number")))?;
        match self.amplitude.is_finite() {
            true => Ok(()),
            false => Err(Error::invalid("currentClamp.amplitude", self.amplitude, "a finite number")),
        }
    }
}

impl VoltageClamp {
    /// The voltage in the step whose middle is `t`; `None` when the clamp is off.
    pub fn voltage(&self, t: f64) -> Option<f64> {
        let mut end = 0.0;
        for &(duration, voltage) in &self.steps {
            end += duration;
            if t < end {
                return Some(voltage);
            }
        }
        None
    }

    pub fn check(&self) -> Result<()> {
        if !(self.resistance > 0.0 && self.resistance.is_finite()) {
            return Err(Error::invalid("voltageClamp.resistance", self.resistance, "a number above 0"));
        }
        let fits = |&(duration, voltage): &(f64, f64)| duration >= 0.0 && voltage.is_finite();
        match self.steps.iter().all(fits) {
            true => Ok(()),
            false => Err(Error::invalid(
                "voltageClamp.steps",
                format!("{:?}", self.steps),
                "durations and voltages",
            )),
        }
    }
}
