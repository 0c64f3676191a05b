//! The options of a training step, and the step itself.

use crate::arrays::{Uint32ArraySlice, copied};
use crate::input::{OwnedInput, Shape};
use crate::model_passes::to_f64;
use crate::numbers;
use crate::reals::{JsReals, Reals};
use lapicque_core::error::try_vec;
use lapicque_core::exec::Network;
use lapicque_core::exec::online_plan::OnlineRule;
use lapicque_core::projection::Element;
use lapicque_core::train::batch::{Batch, BatchReport, Method, Objective};
use lapicque_core::train::decision::Decision;
use lapicque_core::train::loss::Targets;
use lapicque_core::train::step::Training;
use lapicque_core::train::update::Update;
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

    fn objective<F: Element>(&self, network: &Network<F>) -> Result<Objective> {
        use lapicque_core::train::loss::{LossSpec, RegularizerSpec};
        let regularizers = self
            .regularizers
            .iter()
            .map(|r| {
                let layer = network.plan.layers.iter().position(|l| l.name == r.layer);
                let names = || network.plan.layers.iter().map(|l| &l.name);
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
        match (classes, Reals::doubles("targets", values)?) {
            (Some(c), _) => Ok(OwnedTargets::Classes(copied("targets", &c)?)),
            (None, Some(v)) => Ok(OwnedTargets::Values(v)),
            (None, None) => Err(Error::invalid("targets", "nothing", "labels or values")),
        }
    }

    fn view(&self) -> Targets<'_> {
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

pub fn step<F: Element>(
    training: &mut Training<F>,
    input: &OwnedInput,
    targets: &OwnedTargets,
    lengths: Option<&[u32]>,
    options: &StepOptions,
    backward: bool,
    control: &lapicque_core::Control,
) -> Result<(BatchReport, Option<Vec<f64>>)> {
    let objective = options.objective(&training.network)?;
    if let Some(update) = &options.update {
        training.check_update(update)?;
    }
    let optimizer = options.update.as_ref().map(|update| &update.optimizer);
    training.expect_optimizer(optimizer.or(options.optimizer.as_ref()))?;
    input.with(training.network.level, |x| {
        let batch = Batch { input: x, targets: targets.view(), lengths };
        if !backward {
            return Ok((training.evaluate(&batch, &objective, control)?, None));
        }
        let Shape { steps, batch: size, channels, constant } = input.shape();
        let len = if constant { size * channels } else { steps * size * channels };
        let mut gradient = try_vec("input gradient", if options.input_gradient { len } else { 0 }, F::ZERO)?;
        let sink = options.input_gradient.then_some(&mut gradient[..]);
        let mut report = training.gradients(&batch, &objective, sink, control)?;
        if let Some(update) = &options.update {
            report.gradient_norm = training.update(update)?;
        }
        Ok((report, options.input_gradient.then(|| to_f64(&gradient))))
    })
}
