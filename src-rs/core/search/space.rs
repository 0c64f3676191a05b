//! Search spaces: a sequence of parameters, each with its values and the conditions under which it exists.

use crate::domain::Domain;
use crate::tree::{self, Node};
use lapicque_base::error::Result;
use serde_json::{Value, json};

/// Maximum number of parameters of a space.
pub const MOST: usize = 10_000;

/// A condition: the parameter exists only if another one passes a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The index of that other parameter.
    pub parameter: usize,
    pub test: Test,
}

/// A test of a value, which is NaN if that parameter does not exist itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    OneOf(Vec<f64>),
    Above(f64),
}

impl Test {
    pub fn passes(&self, x: f64) -> bool {
        match self {
            Test::OneOf(values) => values.contains(&x),
            Test::Above(bound) => x > *bound,
        }
    }
}

/// One parameter that varies.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its path: `lr`, `layers[0].size`.
    pub name: String,
    pub domain: Domain,
    /// All of them must pass.
    pub conditions: Vec<Condition>,
}

impl Parameter {
    /// `{ name, kind, … }`: `kind` is `real`, `stepped` or `choice`, the other fields describe the values.
    pub fn describe(&self) -> Value {
        let mut described = match &self.domain {
            Domain::Real { low, high, log } => {
                json!({ "kind": "real", "low": low, "high": high, "log": log })
            }
            Domain::Stepped { low, step, count, log, whole } => json!({
                "kind": "stepped", "low": low, "high": self.domain.nth(count - 1), "step": step, "log": log, "whole": whole,
            }),
            Domain::Choice { values } => json!({ "kind": "choice", "values": values }),
        };
        described["name"] = self.name.as_str().into();
        described["conditional"] = (!self.conditions.is_empty()).into();
        described
    }
}

/// A value for each parameter; NaN where it does not exist.
pub type Point = Vec<f64>;

/// The search space of a study.
#[derive(Debug, Clone)]
pub struct Space {
    pub parameters: Vec<Parameter>,
    /// Indices of the parameters, each after those that its conditions refer to.
    pub order: Vec<usize>,
    pub(crate) root: Node,
}

impl Space {
    /// Parses the JSON form (`src-ts/study/space.ts`).
    ///
    /// # Errors
    /// `invalid-parameter` and `unknown-name` with the parameter's name; `too-large` beyond [`MOST`] parameters.
    pub fn new(spec: &Value) -> Result<Self> {
        tree::read(spec)
    }

    pub fn len(&self) -> usize {
        self.parameters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// Whether a parameter exists, given the values of the parameters before it in `order`.
    pub fn exists(&self, parameter: usize, point: &[f64]) -> bool {
        let conditions = &self.parameters[parameter].conditions;
        conditions.iter().all(|condition| condition.test.passes(point[condition.parameter]))
    }

    /// A point from a value of each existing parameter; `value` is called in the sequence of `order`.
    pub fn point(&self, mut value: impl FnMut(usize, &Domain, &[f64]) -> f64) -> Point {
        let mut point = vec![f64::NAN; self.len()];
        for &i in &self.order {
            if self.exists(i, &point) {
                point[i] = value(i, &self.parameters[i].domain, &point);
            }
        }
        point
    }
}

/// Whether two points are equal; NaN equals NaN.
pub fn equal(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits() || x == y || (x.is_nan() && y.is_nan()))
}
