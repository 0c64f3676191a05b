//! The options of a training step, and the step itself.

use crate::arrays::{Uint32ArraySlice, copied};
use crate::numbers;
use crate::reals::JsReals;
use lapicque_core::exec::online_plan::OnlineRule;
use lapicque_core::graph::Plan;
use lapicque_core::train::batch::{BatchReport, Method, Objective};
use lapicque_core::train::decision::Decision;
use lapicque_core::train::loss::Targets;
use lapicque_core::train::update::Update;
use lapicque_core::train::{AnyBatch, AnyTraining};
use lapicque_core::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

/// The options of a training step, as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StepOptions {
    loss: Value,
    #[serde(default)]
    regularizers: Vec<RegularizerOption>,
    #[serde(default)]
    segment: Option<f64>,
    #[serde(default)]
    method: MethodOption,
    /// Number of steps per segment of truncated back-propagation.
    #[serde(default)]
    truncate: Option<f64>,
    /// Number of classes, whose neurons vote for the labels.
    #[serde(default)]
    population_classes: Option<f64>,
    /// The output quantity that decides the labels.
    #[serde(default)]
    by: Option<Decision>,
    /// Omitted: only computes gradients, which are added to the existing ones.
    #[serde(default)]
    update: Option<Update>,
    /// Without an update: the optimizer of a later step, which states the frozen parameters.
    #[serde(default)]
    optimizer: Option<Value>,
    /// Also returns the gradient with respect to the input.
    #[serde(default)]
    input_gradient: bool,
    /// Also returns the scores that decided the labels.
    #[serde(default)]
    pub scores: bool,
    /// Fails with `aborted` unless the previous call succeeded.
    #[serde(default)]
    pub follows: bool,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum MethodOption {
    #[default]
    Bptt,
    EProp,
    Ottt,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RegularizerOption {
    layer: String,
    penalty: Value,
}

impl StepOptions {
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|e| Error::invalid("options", text, e.to_string()))
    }

    fn objective(&self, plan: &Plan) -> Result<Objective> {
        use lapicque_core::train::loss::{LossSpec, RegularizerSpec};
        let regularizers = self
            .regularizers
            .iter()
            .map(|r| {
                let layer = plan.layers.iter().position(|l| l.name == r.layer);
                let names = || plan.layers.iter().map(|l| &l.name);
                let layer = layer.ok_or_else(|| Error::unknown("layer", &r.layer, names()))?;
                Ok((layer, RegularizerSpec::from_json(&r.penalty)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let segment = self.segment.map(|s| numbers::size("segment", s, 1..=1 << 40)).transpose()?;
        Ok(Objective {
            loss: LossSpec::from_json(&self.loss)?,
            regularizers,
            segment,
            method: self.method()?,
            population_classes: self
                .population_classes
                .map(|n| numbers::size("populationClasses", n, 1..=1 << 32))
                .transpose()?,
            by: self.by,
        })
    }

    fn method(&self) -> Result<Method> {
        match (&self.method, self.truncate) {
            (MethodOption::Bptt, None) => Ok(Method::Bptt),
            (MethodOption::Bptt, Some(steps)) => {
                Ok(Method::Truncated(numbers::size("truncate", steps, 1..=1 << 40)?))
            }
            (_, Some(steps)) => {
                Err(Error::invalid("truncate", steps, "nothing beside a method forward in time"))
            }
            (MethodOption::EProp, None) => Ok(Method::Online(OnlineRule::EProp)),
            (MethodOption::Ottt, None) => Ok(Method::Online(OnlineRule::Ottt)),
        }
    }
}

/// Targets of a batch, copied.
pub enum OwnedTargets {
    Classes(Vec<u32>),
    Values(Vec<f64>),
}

impl OwnedTargets {
    pub fn new(classes: Option<Uint32ArraySlice>, values: &JsReals) -> Result<Self> {
        match (classes, values.doubles("targets")?) {
            (Some(c), _) => Ok(OwnedTargets::Classes(copied("targets", &c)?)),
            (None, Some(v)) => Ok(OwnedTargets::Values(v)),
            (None, None) => Err(Error::invalid("targets", "nothing", "labels or values")),
        }
    }

    pub fn view(&self) -> Targets<'_> {
        match self {
            OwnedTargets::Classes(c) => Targets::Classes(c),
            OwnedTargets::Values(v) => Targets::Values(v),
        }
    }
}

/// An optimizer as JSON.
pub fn optimizer(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::invalid("optimizer", text, e.to_string()))
}

pub fn step(
    training: &mut AnyTraining,
    batch: &AnyBatch,
    options: &StepOptions,
    backward: bool,
    control: &lapicque_core::Control,
) -> Result<(BatchReport, Option<Vec<f64>>)> {
    let objective = options.objective(training.plan())?;
    if let Some(update) = &options.update {
        training.check_update(update)?;
    }
    let optimizer = options.update.as_ref().map(|update| &update.optimizer);
    training.expect_optimizer(optimizer.or(options.optimizer.as_ref()))?;
    if !backward {
        return Ok((training.evaluate(batch, &objective, control)?, None));
    }
    let (mut report, gradient) = training.gradients(batch, &objective, options.input_gradient, control)?;
    if let Some(update) = &options.update {
        report.gradient_norm = training.update(update)?;
    }
    Ok((report, gradient))
}
