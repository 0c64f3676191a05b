//! The values of one parameter, represented as numbers: a choice by its index.

use serde_json::{Number, Value};

/// The largest integer up to which a double represents all integers.
pub const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// The values of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// Any number in a range.
    Real { low: f64, high: f64, log: bool },
    /// `low + step * i` for `i` in `0..count`; `whole`: JavaScript integers. `log`: the step is 1, and values are uniform in
    /// the logarithm.
    Stepped { low: f64, step: f64, count: u64, log: bool, whole: bool },
    /// Indices of unordered values.
    Choice { values: Vec<Value> },
}

impl Domain {
    /// The number of values, if it is finite.
    pub fn count(&self) -> Option<u64> {
        match self {
            Domain::Real { low, high, .. } => (low == high).then_some(1),
            Domain::Stepped { count, .. } => Some(*count),
            Domain::Choice { values } => Some(values.len() as u64),
        }
    }

    pub fn is_choice(&self) -> bool {
        matches!(self, Domain::Choice { .. })
    }

    /// Value `i` of a finite domain.
    pub fn nth(&self, i: u64) -> f64 {
        match self {
            Domain::Real { low, .. } => *low,
            Domain::Stepped { low, step, .. } => low + step * i as f64,
            Domain::Choice { .. } => i as f64,
        }
    }

    /// Maps a number in \[0, 1) to a value; uniform numbers give the distribution of the domain.
    pub fn from_unit(&self, u: f64) -> f64 {
        match self {
            Domain::Real { .. } => self.from_scale(self.range().0 + u * (self.range().1 - self.range().0)),
            Domain::Stepped { count, log: false, .. } => self.nth(index(u, *count)),
            Domain::Stepped { .. } => self.from_scale(self.range().0 + u * (self.range().1 - self.range().0)),
            Domain::Choice { values } => index(u, values.len() as u64) as f64,
        }
    }

    /// The range on the scale on which a sampler works: logarithms if `log`; for steps extended by half a step at both ends.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Domain::Real { low, high, log: false } => (low, high),
            Domain::Real { low, high, log: true } => (libm::log(low), libm::log(high)),
            Domain::Stepped { low, step, count, log: false, .. } => {
                (low - step / 2.0, low + step * (count as f64 - 0.5))
            }
            Domain::Stepped { low, count, log: true, .. } => {
                (libm::log(low - 0.5), libm::log(low + count as f64 - 0.5))
            }
            Domain::Choice { ref values } => (0.0, values.len() as f64),
        }
    }

    /// Converts a value to that scale.
    pub fn to_scale(&self, x: f64) -> f64 {
        match self {
            Domain::Real { log: true, .. } | Domain::Stepped { log: true, .. } => libm::log(x),
            _ => x,
        }
    }

    /// The value nearest to a point on that scale.
    pub fn from_scale(&self, y: f64) -> f64 {
        match *self {
            Domain::Real { low, high, log: false } => y.clamp(low, high),
            Domain::Real { low, high, log: true } => libm::exp(y).clamp(low, high),
            Domain::Stepped { low, step, count, log, .. } => {
                let x = if log { libm::exp(y) } else { y };
                let i = ((x - low) / step).round().clamp(0.0, (count - 1) as f64);
                low + step * i
            }
            Domain::Choice { ref values } => y.floor().clamp(0.0, values.len() as f64 - 1.0),
        }
    }

    /// The cell of a stepped value on that scale.
    pub fn cell(&self, x: f64) -> (f64, f64) {
        match *self {
            Domain::Stepped { step, log: false, .. } => (x - step / 2.0, x + step / 2.0),
            Domain::Stepped { log: true, .. } => (libm::log(x - 0.5), libm::log(x + 0.5)),
            _ => (x, x),
        }
    }

    /// The value as JSON for a trial's parameters.
    pub fn to_json(&self, x: f64) -> Value {
        match self {
            Domain::Choice { values } => values.get(x as usize).cloned().unwrap_or(Value::Null),
            Domain::Stepped { whole: true, .. } => Value::Number(Number::from(x as i64)),
            _ => Number::from_f64(x).map_or(Value::Null, Value::Number),
        }
    }

    /// The number that represents a JSON value, if it is in the domain.
    pub fn from_json(&self, value: &Value) -> Option<f64> {
        if let Domain::Choice { values } = self {
            return values.iter().position(|other| same(other, value)).map(|i| i as f64);
        }
        let x = value.as_f64()?;
        let inside = match *self {
            Domain::Real { low, high, .. } => (low..=high).contains(&x),
            // Another program may return a stepped number with a different last bit.
            Domain::Stepped { low, step, count, .. } => {
                let i = (x - low) / step;
                (i - i.round()).abs() < 1e-6 && i.round() >= 0.0 && i.round() < count as f64
            }
            Domain::Choice { .. } => false,
        };
        inside.then(|| {
            if matches!(self, Domain::Stepped { .. }) { self.from_scale(self.to_scale(x)) } else { x }
        })
    }

    /// The expected values, for errors.
    pub fn expected(&self) -> String {
        match self {
            Domain::Real { low, high, .. } => format!("a number from {low} to {high}"),
            Domain::Stepped { low, step, count, whole, .. } => {
                let kind = if *whole { "an integer" } else { "a number" };
                let steps = if *step == 1.0 { String::new() } else { format!(" in steps of {step}") };
                format!("{kind} from {low} to {}{steps}", self.nth(count - 1))
            }
            Domain::Choice { values } => {
                let list: Vec<String> = values.iter().take(20).map(super::field::quoted).collect();
                format!("one of {}", list.join(", "))
            }
        }
    }
}

/// Equal as in JavaScript: 1 and 1.0 are the same number.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x.as_f64() == y.as_f64(),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(key, x)| y.get(key).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}

/// `floor(u * count)`, always below `count` in spite of rounding.
pub fn index(u: f64, count: u64) -> u64 {
    ((u * count as f64) as u64).min(count.saturating_sub(1))
}
