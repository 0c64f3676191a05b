//! Pruning: decides whether a running trial is ended. A [`Pruner`] observes the finished trials of a study. Its snapshot for a
//! trial is plain data, from which a [`Decider`] decides wherever the trial runs. So a decision depends on the trials that
//! were told when the trial was proposed, not on trials that finish meanwhile.

mod asha;
mod hyperband;
mod median;
mod threshold;

use crate::field::{Fields, kind_of, quoted, real};
use crate::trial::{Direction, Report, Trial};
use lapicque_base::error::{Error, Result};
use serde_json::{Value, json};

pub use hyperband::{bracket, budgets};

/// Maximum step of a rung.
pub const MAX_STEPS: u64 = 1 << 53;

/// Observes finished trials.
pub trait Pruner: Send {
    fn observe(&mut self, trial: &Trial, seed: u64);

    /// The data from which a [`Decider`] is made.
    fn snapshot(&self, number: u64, seed: u64) -> Value;
}

/// Decides on the reports of one trial.
trait Decide: Send {
    /// Whether the trial must end; all values of the report are finite.
    fn report(&mut self, report: &Report) -> bool;
}

type Build = fn(&Fields, &[Direction]) -> Result<Box<dyn Pruner>>;
type Restore = fn(&Value) -> Option<Box<dyn Decide>>;

/// Name, options, the constructor of a study's pruner, the constructor of a trial's decider.
const PRUNERS: [(&str, &[&str], Build, Restore); 7] = [
    ("none", &[], plain::<false>, never),
    ("non-finite", &[], plain::<true>, never),
    ("median", &["warmup", "interval", "direction", "startup", "percentile"], median::build, median::restore),
    ("threshold", &["warmup", "interval", "lower", "upper"], threshold::build, threshold::restore),
    ("asha", &["direction", "minSteps", "reduction", "startup"], asha::build, asha::restore),
    ("hyperband", &["direction", "maxSteps", "minSteps", "reduction"], hyperband::build, asha::restore),
    ("any", &["of"], any, restore_any),
];

/// Maximum nesting depth of `any`.
const LEVELS: usize = 10;

/// The pruner described by a node of `src-ts/study/prune.ts`.
///
/// # Errors
/// `unknown-name`, `invalid-parameter`.
pub fn build(spec: &Value, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    if depth(spec) > LEVELS {
        return Err(Error::invalid("prune", "more levels", format!("at most {LEVELS} levels of any")));
    }
    let kind = kind_of("prune", spec)?;
    let found = PRUNERS.iter().find(|(name, ..)| *name == kind);
    let (name, known, build, _) =
        found.ok_or_else(|| Error::unknown("pruner", kind, PRUNERS.map(|(name, ..)| name)))?;
    build(&Fields::new(&format!("prune.{name}"), spec, known)?, directions)
}

fn depth(spec: &Value) -> usize {
    let inner = spec.get("of").and_then(Value::as_array);
    1 + inner.map_or(0, |of| of.iter().map(depth).max().unwrap_or(0))
}

/// The directions of reports: those of the objectives, unless an option states that a report is one number.
fn report_directions(options: &Fields, directions: &[Direction]) -> Result<Vec<Direction>> {
    match options.get("direction") {
        Some(value) => Ok(vec![Direction::from_json(&options.name_of("direction"), value)?]),
        None => Ok(directions.to_vec()),
    }
}

/// The costs of a report in each direction; `None` for a report of another form or with NaN.
fn costs(report: &Report, directions: &[Direction]) -> Option<Vec<f64>> {
    let fits = report.values.len() == directions.len() && !report.values.iter().any(|x| x.is_nan());
    fits.then(|| report.values.iter().zip(directions).map(|(&x, direction)| direction.cost(x)).collect())
}

fn direction_names(directions: &[Direction]) -> Value {
    let name = |direction: &Direction| match direction {
        Direction::Minimize => "minimize",
        Direction::Maximize => "maximize",
    };
    directions.iter().map(name).collect()
}

fn read_directions(snapshot: &Value) -> Option<Vec<Direction>> {
    let list = snapshot.get("directions")?.as_array()?;
    list.iter().map(|value| Direction::from_json("directions", value).ok()).collect()
}

/// JSON numbers; infinite ones are strings.
fn read_numbers(value: &Value) -> Option<Vec<f64>> {
    value.as_array()?.iter().map(real).collect()
}

/// A number as JSON, an infinite one as a string.
fn written(x: f64) -> Value {
    if x.is_finite() {
        json!(x)
    } else {
        json!(if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    }
}

/// The kinds that compare no trials.
struct Plain {
    kind: &'static str,
}

fn plain<const FINITE: bool>(_: &Fields, _: &[Direction]) -> Result<Box<dyn Pruner>> {
    Ok(Box::new(Plain { kind: if FINITE { "non-finite" } else { "none" } }))
}

impl Pruner for Plain {
    fn observe(&mut self, _: &Trial, _: u64) {}

    fn snapshot(&self, _: u64, _: u64) -> Value {
        json!({ "kind": self.kind })
    }
}

struct Never;

fn never(_: &Value) -> Option<Box<dyn Decide>> {
    Some(Box::new(Never))
}

impl Decide for Never {
    fn report(&mut self, _: &Report) -> bool {
        false
    }
}

/// Prunes if any of several pruners does.
struct Any {
    of: Vec<Box<dyn Pruner>>,
}

fn any(options: &Fields, directions: &[Direction]) -> Result<Box<dyn Pruner>> {
    let of = options.get("of").and_then(Value::as_array).filter(|of| !of.is_empty());
    let of = of.ok_or_else(|| options.invalid("of", "a list of at least one pruner"))?;
    Ok(Box::new(Any { of: of.iter().map(|spec| build(spec, directions)).collect::<Result<_>>()? }))
}

impl Pruner for Any {
    fn observe(&mut self, trial: &Trial, seed: u64) {
        self.of.iter_mut().for_each(|pruner| pruner.observe(trial, seed));
    }

    fn snapshot(&self, number: u64, seed: u64) -> Value {
        let of: Vec<Value> = self.of.iter().map(|pruner| pruner.snapshot(number, seed)).collect();
        json!({ "kind": "any", "of": of })
    }
}

struct AnyOf {
    of: Vec<Decider>,
}

fn restore_any(snapshot: &Value) -> Option<Box<dyn Decide>> {
    let of = snapshot.get("of")?.as_array()?;
    let of = of.iter().map(|one| Decider::new(one).ok()).collect::<Option<_>>()?;
    Some(Box::new(AnyOf { of }))
}

impl Decide for AnyOf {
    fn report(&mut self, report: &Report) -> bool {
        // All of them must see every report, so there is no short-circuit evaluation.
        self.of.iter_mut().fold(false, |ends, decider| decider.report(report) | ends)
    }
}

/// Decides whether a running trial must end.
pub struct Decider {
    decide: Box<dyn Decide>,
    is_finite: bool,
}

impl Decider {
    /// Restores a decider from a [snapshot](Pruner::snapshot).
    ///
    /// # Errors
    /// `invalid-parameter` if it is not a snapshot.
    pub fn new(snapshot: &Value) -> Result<Self> {
        let refused = || {
            Error::invalid(
                "pruning",
                quoted(snapshot),
                "the pruning data that the study's search returned for the trial",
            )
        };
        if depth(snapshot) > LEVELS {
            return Err(refused());
        }
        let kind = kind_of("pruning", snapshot)?;
        let (name, _, _, restore) = PRUNERS.iter().find(|(name, ..)| *name == kind).ok_or_else(refused)?;
        // In `any`, each pruner checks this itself.
        let is_finite = !["none", "any"].contains(name);
        Ok(Decider { decide: restore(snapshot).ok_or_else(refused)?, is_finite })
    }

    /// Processes the next report of the trial; returns whether the trial must end.
    pub fn report(&mut self, report: &Report) -> bool {
        if self.is_finite && report.values.iter().any(|x| !x.is_finite()) {
            return true;
        }
        self.decide.report(report)
    }
}

/// Selects reports in intervals of steps: whether a report is the first at or after the start of an interval.
struct Schedule {
    warmup: f64,
    interval: f64,
    last: f64,
}

impl Schedule {
    fn read(snapshot: &Value) -> Option<Self> {
        let number = |key: &str| snapshot.get(key)?.as_f64();
        Some(Schedule {
            warmup: number("warmup")?,
            interval: number("interval")?.max(1.0),
            last: f64::NEG_INFINITY,
        })
    }

    fn is_due(&mut self, step: f64) -> bool {
        let before = self.last;
        self.last = before.max(step);
        if step < self.warmup {
            return false;
        }
        let due = ((step - self.warmup) / self.interval).floor() * self.interval + self.warmup;
        before < due
    }
}
