//! Training steps: their options, which are parsed once for many steps, and the step itself.

use crate::arrays::{Uint32ArraySlice, copied};
use crate::model::Sizes;
use crate::numbers;
use crate::reals::JsReals;
use lapicque_core::exec::online_plan::OnlineRule;
use lapicque_core::graph::Plan;
use lapicque_core::train::TracedLoss;
use lapicque_core::train::batch::{BatchReport, Method, Objective, ObjectiveLoss};
use lapicque_core::train::decision::Decision;
use lapicque_core::train::declared::Declared;
use lapicque_core::train::loss::{RegularizerSpec, Targets};
use lapicque_core::train::update::{Update, UpdateOptions, check_lr_factor};
use lapicque_core::train::{AnyBatch, AnyTraining};
use lapicque_core::{Error, Result};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// What steps minimize and how they find gradients, checked for one model.
#[napi]
pub struct NativeObjective {
    pub(crate) options: Arc<StepOptions>,
}

/// An optimizer's steps, checked for one model.
#[napi]
pub struct NativeUpdate {
    pub(crate) update: Arc<Update>,
}

/// The options of steps, as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ObjectiveOptions {
    loss: Value,
    #[serde(default)]
    metrics: Vec<Value>,
    /// A traced function that decides the labels.
    #[serde(default)]
    readout: Option<Value>,
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
    /// Also returns the gradient with respect to the input.
    #[serde(default)]
    input_gradient: bool,
    /// Also returns the scores that decided the labels.
    #[serde(default)]
    scores: bool,
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

/// The parsed options of steps.
pub struct StepOptions {
    objective: Objective,
    input_gradient: bool,
    pub scores: bool,
}

impl StepOptions {
    /// The parameters that its traced functions declare.
    pub fn declared(&self) -> Vec<Declared> {
        self.objective.declared()
    }

    /// # Errors
    /// `invalid-parameter` and `unknown-name` for wrong options.
    pub fn parse(text: &str, plan: &Plan) -> Result<Self> {
        let options: ObjectiveOptions =
            serde_json::from_str(text).map_err(|e| Error::invalid("options", text, e.to_string()))?;
        let penalty = |r: &RegularizerOption| {
            let layer = plan.layers.iter().position(|l| l.name == r.layer);
            let names = || plan.layers.iter().map(|l| &l.name);
            let layer = layer.ok_or_else(|| Error::unknown("layer", &r.layer, names()))?;
            Ok((layer, RegularizerSpec::from_json(&r.penalty)?))
        };
        let size = |name, value: Option<f64>, most| {
            value.map(|value| numbers::size(name, value, 1..=most)).transpose()
        };
        let objective = Objective {
            loss: ObjectiveLoss::from_json(&options.loss)?,
            metrics: options.metrics.iter().map(TracedLoss::from_json).collect::<Result<_>>()?,
            readout: options.readout.as_ref().map(TracedLoss::readout_from_json).transpose()?,
            regularizers: options.regularizers.iter().map(penalty).collect::<Result<_>>()?,
            segment: size("segment", options.segment, 1 << 40)?,
            method: method(&options.method, size("truncate", options.truncate, 1 << 40)?)?,
            population_classes: size("populationClasses", options.population_classes, 1 << 32)?,
            by: options.by,
        };
        Ok(StepOptions { objective, input_gradient: options.input_gradient, scores: options.scores })
    }
}

fn method(method: &MethodOption, truncate: Option<usize>) -> Result<Method> {
    match (method, truncate) {
        (MethodOption::Bptt, None) => Ok(Method::Bptt),
        (MethodOption::Bptt, Some(steps)) => Ok(Method::Truncated(steps)),
        (_, Some(steps)) => Err(Error::invalid("truncate", steps, "no value with a method forward in time")),
        (MethodOption::EProp, None) => Ok(Method::Online(OnlineRule::EProp)),
        (MethodOption::Ottt, None) => Ok(Method::Online(OnlineRule::Ottt)),
    }
}

/// Parses the options of an optimizer's steps.
///
/// # Errors
/// `invalid-parameter` and `unknown-name` for wrong options.
pub fn update(text: &str, sizes: &Sizes) -> Result<Update> {
    let options: UpdateOptions =
        serde_json::from_str(text).map_err(|e| Error::invalid("update", text, e.to_string()))?;
    let names = sizes.names()?;
    Update::new(&options, &names.iter().map(String::as_str).collect::<Vec<_>>())
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

/// The optimizer of a step. `lr_factor`: takes its step, with this factor on the learning rate.
pub struct Applied<'a> {
    pub update: Option<&'a Update>,
    pub lr_factor: Option<f64>,
}

/// One step.
pub fn step(
    training: &mut AnyTraining,
    batch: &AnyBatch,
    options: &StepOptions,
    applied: &Applied,
    backward: bool,
    control: &lapicque_core::Control,
) -> Result<(BatchReport, Option<Vec<f64>>)> {
    let &Applied { update, lr_factor } = applied;
    let StepOptions { objective, input_gradient, .. } = options;
    lr_factor.map_or(Ok(()), check_lr_factor)?;
    training.expect_optimizer(update);
    if !backward {
        return Ok((training.evaluate(batch, objective, control)?, None));
    }
    let (mut report, gradient) = training.gradients(batch, objective, *input_gradient, control)?;
    if let (Some(update), Some(factor)) = (update, lr_factor) {
        report.gradient_norm = training.update(update, factor)?;
    }
    Ok((report, gradient))
}
