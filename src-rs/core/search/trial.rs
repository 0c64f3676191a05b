//! A finished trial, as samplers, pruners and importance use it.

use crate::decode;
use crate::field::{quoted, real};
use crate::space::{Point, Space};
use lapicque_base::error::{Error, Result};
use serde_json::Value;
use std::cmp::Ordering;

/// The direction of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Minimize,
    Maximize,
}

impl Direction {
    /// The value as a cost, of which less is better.
    pub fn cost(self, value: f64) -> f64 {
        if self == Direction::Minimize { value } else { -value }
    }

    /// # Errors
    /// `invalid-parameter` for anything but `minimize` and `maximize`.
    pub fn from_json(name: &str, value: &Value) -> Result<Self> {
        match value.as_str() {
            Some("minimize") => Ok(Direction::Minimize),
            Some("maximize") => Ok(Direction::Maximize),
            _ => Err(Error::invalid(name, quoted(value), "\"minimize\" or \"maximize\"")),
        }
    }
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Complete,
    Pruned,
    Failed,
}

/// One intermediate report: a number, or one for each objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub step: f64,
    pub values: Vec<f64>,
}

/// A finished trial.
#[derive(Debug, Clone)]
pub struct Trial {
    pub number: u64,
    pub state: State,
    pub point: Point,
    /// One cost per objective, less is better; empty unless the trial is complete.
    pub costs: Vec<f64>,
    /// As reported, in ascending order of steps.
    pub reports: Vec<Report>,
}

impl Trial {
    /// Parses a record of `src-ts/study/trials.ts`; infinite numbers and NaN are strings. A complete trial with a NaN value
    /// counts as failed.
    ///
    /// # Errors
    /// `invalid-parameter` with the trial's number if it does not fit the space or the objectives.
    pub fn from_json(space: &Space, directions: &[Direction], record: &Value) -> Result<Self> {
        let number = record.get("number").and_then(Value::as_f64);
        let number = number.filter(|x| x.fract() == 0.0 && (0.0..=crate::domain::MAX_SAFE).contains(x));
        let number = number.ok_or_else(|| {
            let value = record.get("number").map_or("nothing".into(), quoted);
            Error::invalid("trial.number", value, "an integer from 0 on")
        })? as u64;
        Self::read(space, directions, number, record)
            .map_err(|error| error.within(&format!("trial {number}")))
    }

    fn read(space: &Space, directions: &[Direction], number: u64, record: &Value) -> Result<Self> {
        let state = record.get("state").unwrap_or(&Value::Null);
        let mut state = match state.as_str() {
            Some("complete") => State::Complete,
            Some("pruned") => State::Pruned,
            Some("failed") => State::Failed,
            _ => {
                let expected = "\"complete\", \"pruned\" or \"failed\"";
                return Err(Error::invalid("state", quoted(state), expected));
            }
        };
        let point = decode::point(space, "parameters", record.get("parameters").unwrap_or(&Value::Null))?;
        let mut costs = Vec::new();
        if state == State::Complete {
            let values = record.get("values").unwrap_or(&Value::Null);
            let expected = || format!("a list of {} numbers, one for each objective", directions.len());
            let list = values.as_array().filter(|list| list.len() == directions.len());
            let list = list.ok_or_else(|| Error::invalid("values", quoted(values), expected()))?;
            for (value, direction) in list.iter().zip(directions) {
                let value =
                    real(value).ok_or_else(|| Error::invalid("values", quoted(values), expected()))?;
                costs.push(direction.cost(value));
            }
            if costs.iter().any(|cost| cost.is_nan()) {
                state = State::Failed;
                costs.clear();
            }
        }
        let reports = record.get("reports").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let reports = reports.iter().map(Report::from_json).collect::<Result<_>>()?;
        Ok(Trial { number, state, point, costs, reports })
    }

    pub fn is_complete(&self) -> bool {
        self.state == State::Complete
    }

    /// Which of two trials with one objective is better: complete trials by value, then pruned ones (the longest first) by
    /// their last report, then failed ones; of equal trials the earlier.
    pub fn compare(&self, other: &Trial, directions: &[Direction]) -> Ordering {
        let last = |trial: &Trial| match (trial.state, trial.reports.last(), directions) {
            (State::Pruned, Some(report), [direction]) if report.values.len() == 1 => {
                (-report.step, direction.cost(report.values[0]))
            }
            _ => (0.0, f64::INFINITY),
        };
        let cost = |trial: &Trial| trial.costs.first().copied().unwrap_or(0.0);
        let (mine, theirs) = (last(self), last(other));
        self.state
            .cmp(&other.state)
            .then_with(|| cost(self).total_cmp(&cost(other)))
            .then_with(|| mine.0.total_cmp(&theirs.0))
            // The sign of a NaN report is arbitrary.
            .then_with(|| mine.1.is_nan().cmp(&theirs.1.is_nan()))
            .then_with(|| if mine.1.is_nan() { Ordering::Equal } else { mine.1.total_cmp(&theirs.1) })
            .then_with(|| self.number.cmp(&other.number))
    }
}

impl Report {
    /// # Errors
    /// `invalid-parameter` if it is not a step with a number or a list of numbers.
    pub fn from_json(report: &Value) -> Result<Self> {
        let step = report.get("step").and_then(Value::as_f64);
        let values = match report.get("value") {
            Some(Value::Array(list)) => list.iter().map(real).collect(),
            Some(value) => real(value).map(|value| vec![value]),
            None => None,
        };
        match (step, values) {
            (Some(step), Some(values)) => Ok(Report { step, values }),
            _ => Err(Error::invalid(
                "reports",
                quoted(report),
                "a step and a value, or one value for each objective",
            )),
        }
    }
}
