//! The fixed-point unit of the weights onto one port, and a weight in this unit.

use super::precision::Precision;
#[cfg(test)]
use super::synapse_format::MOST_WIDE;
use super::synapse_format::{SURE, TOLERANCE};
use crate::random::distribution::Sampler;
use lapicque_base::error::Error;
use lapicque_base::real::Real;

/// The units of a port's weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// The unit of compact synapses, and the largest compact weight in units.
    pub compact: f64,
    pub most: i64,
    /// The unit of wide synapses, and the largest wide weight in units; 0 if the precision has no wide form.
    pub wide: f64,
    pub most_wide: i64,
    /// Smaller magnitudes cannot be represented within [`TOLERANCE`] in the precision of the run.
    pub smallest: f64,
}

/// A weight in units and its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Compact(i64),
    Wide(i64),
    /// The rounding error is larger than [`TOLERANCE`] in either form.
    Refused,
}

impl Unit {
    /// The form in which a weight onto the port is stored.
    #[inline(always)]
    pub fn store(&self, weight: f64) -> Stored {
        let units = weight / self.compact;
        // `round` is not used because it is a function call.
        let is_sure = (SURE as f64..=self.most as f64).contains(&units.abs());
        if is_sure { Stored::Compact(units.round() as i64) } else { self.store_closely(weight) }
    }

    /// A weight rounded to compact units, whatever its error; `None` if it is out of range.
    #[inline(always)]
    pub fn rounded(&self, weight: f64) -> Option<i64> {
        let units = (weight / self.compact).round();
        (units.abs() <= self.most as f64).then_some(units as i64)
    }

    #[cfg(test)]
    pub fn with(compact: f64, wide: f64) -> Unit {
        Unit { compact, most: i16::MAX.into(), wide, most_wide: MOST_WIDE, smallest: 0.0 }
    }

    fn store_closely(&self, weight: f64) -> Stored {
        let [units, wide] = [self.compact, self.wide].map(|unit| (weight / unit).round());
        let is_near = |x: f64| (x - weight).abs() <= weight.abs() * TOLERANCE;
        if weight != 0.0 && weight.abs() < self.smallest {
            Stored::Refused
        } else if units.abs() <= self.most as f64 && is_near(units * self.compact) {
            Stored::Compact(units as i64)
        } else if wide.abs() <= self.most_wide as f64 && is_near(wide * self.wide) {
            Stored::Wide(wide as i64)
        } else {
            Stored::Refused
        }
    }

    /// The value of a stored weight as the engine adds it.
    pub fn weight<F: Precision>(&self, stored: Stored) -> f64 {
        match stored {
            Stored::Compact(units) => {
                let unit = <F as Real>::from_f64(self.compact);
                (<F as Real>::from_f64(units as f64) * unit).to_f64()
            }
            Stored::Wide(units) => <F as Real>::from_f64(units as f64 * self.wide).to_f64(),
            Stored::Refused => 0.0,
        }
    }

    /// From this magnitude on, every weight in range can be stored.
    pub fn least(&self) -> f64 {
        let unit = if self.most_wide > 0 { self.wide.min(self.compact) } else { self.compact };
        self.smallest.max(SURE as f64 * unit)
    }

    /// The share of a sampler's values that lead to the port and are stored in the compact form.
    pub fn share(&self, weight: &Sampler, is_own: impl Fn(f64) -> bool) -> f64 {
        let [low, high] = [SURE as f64 * self.compact, (self.most as f64 + 0.5) * self.compact];
        share(weight, is_own, |w| matches!(self.store(w), Stored::Compact(_)), [low, high.max(low)])
    }
}

/// The share of a sampler's values that pass both tests. For distributions, `is_own` is tested for the sign alone, and
/// magnitudes are compared with a range.
pub fn share(
    weight: &Sampler,
    is_own: impl Fn(f64) -> bool,
    is_chosen: impl Fn(f64) -> bool,
    [low, high]: [f64; 2],
) -> f64 {
    match weight {
        Sampler::Constant(_) | Sampler::Values { .. } => {
            let some = weight.some();
            some.iter().filter(|&&w| is_own(w) && is_chosen(w)).count() as f64 / some.len().max(1) as f64
        }
        _ => {
            let of = |sign: f64, [low, high]: [f64; 2]| {
                if is_own(sign) { weight.share_between(low, high) } else { 0.0 }
            };
            of(1.0, [low, high]) + of(-1.0, [-high, -low])
        }
    }
}

/// The error for a weight that neither form can store.
pub fn refused<F: Precision>(name: String, weight: f64, unit: &Unit) -> Error {
    let least = unit.least();
    let expected = match weight.abs() < least {
        true => format!(
            "0, or a magnitude of at least {least:.3e}: weights onto one input are summed in parts of the largest, and a \
             smaller one would be rounded by more than 1/1024 of itself (give a distribution min and max, or the \
             weights inputs of their own)"
        ),
        false => format!("a magnitude that {} can hold within 1/1024 of itself", <F as Real>::NAME),
    };
    Error::invalid(name, weight, expected)
}
