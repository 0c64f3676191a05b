//! Prunes trials whose reports are outside given bounds.

use super::{Decide, Pruner, Schedule, read_numbers, written};
use crate::field::{Fields, quoted, real};
use crate::trial::{Direction, Report, Trial};
use lapicque_base::error::{Error, Result};
use serde_json::{Value, json};

struct Threshold {
    lower: Vec<f64>,
    upper: Vec<f64>,
    warmup: u64,
    interval: u64,
}

pub fn build(options: &Fields, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    if options.get("lower").is_none() && options.get("upper").is_none() {
        return Err(Error::invalid(options.name_of("lower"), "nothing", "a bound, or one in upper"));
    }
    let lower = bounds(options, "lower", directions.len(), f64::NEG_INFINITY)?;
    let upper = bounds(options, "upper", directions.len(), f64::INFINITY)?;
    if let Some(i) = (0..lower.len()).find(|&i| lower[i] > upper[i]) {
        let expected = format!("a bound not below lower, which is {}", lower[i]);
        return Err(Error::invalid(options.name_of("upper"), upper[i], expected));
    }
    let warmup = options.whole("warmup", Some(0), 0, super::MAX_STEPS)?;
    let interval = options.whole("interval", Some(1), 1, super::MAX_STEPS)?;
    Ok(Box::new(Threshold { lower, upper, warmup, interval }))
}

fn bounds(options: &Fields, key: &str, count: usize, none: f64) -> Result<Vec<f64>> {
    let expected = || match count {
        1 => "a finite number".to_string(),
        _ => format!("a list of {count} numbers, one for each objective"),
    };
    let refused = |value: &Value| Error::invalid(options.name_of(key), quoted(value), expected());
    match options.get(key) {
        None => Ok(vec![none; count]),
        Some(value @ Value::Array(list)) => {
            let list: Option<Vec<f64>> = list.iter().map(real).collect();
            list.filter(|list| list.len() == count && !list.iter().any(|x| x.is_nan()))
                .ok_or_else(|| refused(value))
        }
        Some(value) => {
            let bound = value.as_f64().filter(|x| x.is_finite() && count == 1);
            Ok(vec![bound.ok_or_else(|| refused(value))?])
        }
    }
}

impl Pruner for Threshold {
    fn observe(&mut self, _: &Trial, _: u64) {}

    fn snapshot(&self, _: u64, _: u64) -> Value {
        let list = |bounds: &[f64]| bounds.iter().map(|&x| written(x)).collect::<Vec<_>>();
        json!({
            "kind": "threshold", "lower": list(&self.lower), "upper": list(&self.upper),
            "warmup": self.warmup, "interval": self.interval,
        })
    }
}

struct Within {
    lower: Vec<f64>,
    upper: Vec<f64>,
    schedule: Schedule,
}

pub fn restore(snapshot: &Value) -> Option<Box<dyn Decide>> {
    let bounds = |key: &str| read_numbers(snapshot.get(key)?);
    Some(Box::new(Within {
        lower: bounds("lower")?,
        upper: bounds("upper")?,
        schedule: Schedule::read(snapshot)?,
    }))
}

impl Decide for Within {
    fn report(&mut self, report: &Report) -> bool {
        let bounds = self.lower.iter().zip(&self.upper);
        self.schedule.is_due(report.step)
            && report.values.iter().zip(bounds).any(|(x, (lower, upper))| x < lower || x > upper)
    }
}
