//! Batch norm.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Range};
use crate::init::{Fan, Initializer};
use crate::operation::{Site, Tensor, WeightUse, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::shape::{MAX_SIZE, TensorShape};
use crate::temporal::MAX_STEPS;
use lapicque_base::error::{Error, Result};
use serde_json::json;

pub use crate::operation_kind::{BatchNorm, FixedNorm, NormSteps};

impl Layer for BatchNorm {
    fn definition() -> Definition {
        let number = |name, range, value: f64, meaning| {
            Param::new(name, Kind::Number(range), Fallback::Value(json!(value)), meaning)
        };
        let flag =
            |name, value: bool, meaning| Param::new(name, Kind::Flag, Fallback::Value(json!(value)), meaning);
        Definition {
            kind: "batch-norm",
            params: vec![
                number("epsilon", Range::Positive, 1e-5, "added to the variance (ε)"),
                number("momentum", Range::Unit, 0.1, "weight of a batch in the running averages, from 0 to 1"),
                flag("affine", true, "a trained factor and offset"),
                number(
                    "scale",
                    Range::Positive,
                    1.0,
                    "deviation of the output before factor and offset; for the threshold-dependent form α times the threshold",
                ),
                flag("bias", true, "whether there is an offset beside the factor").quiet(),
                Param::new(
                    "over",
                    Kind::Switch(["sequence", "step"]),
                    Fallback::Value(json!(false)),
                    "whether training computes one mean and one variance for the whole sequence, or one per step, as \
                     when `torch.nn.BatchNorm2d` is called in a loop over time; the running averages are then \
                     updated at every step",
                )
                .field("eachStep")
                .quiet(),
                Param::new(
                    "steps",
                    Kind::Count { min: 1, max: MAX_STEPS },
                    Fallback::Absent,
                    "with `over: 'step'`: the steps of every sequence, from 1 to 65,536, each with its own weights \
                     and running averages; without it all steps share them",
                ),
                Param::new(
                    "statistics",
                    Kind::Words(&["batch", "running"]),
                    Fallback::Absent,
                    "the mean and variance that training normalizes with: of the `'batch'`, which also updates the \
                     running averages; or the `'running'` averages, which then do not change and are constants for \
                     the gradient. By default `'batch'`, but `'running'` for a frozen layer: with `trainable: \
                     false`, or if a group of the optimizer freezes all its trained tensors. `'batch'` uses \
                     statistics of the batch even then, as torch does if only `requires_grad` is false",
                ),
                Param::new("trainable", Kind::Flag, Fallback::Value(json!(true)), "whether training changes factor and offset").sparse(),
            ],
            keeps_shape: true,
            trains_otherwise: true,
            factories: vec![Factory {
                name: "batchNorm",
                section: "Elements",
                cases: vec![
                    Case { input: &[3, 2, 2], arguments: vec![] },
                    Case { input: &[4], arguments: vec![json!({ "over": "step", "bias": false, "momentum": 0.3 })] },
                    Case { input: &[2, 3], arguments: vec![json!({ "affine": false, "scale": 2.0 })] },
                ],
                torch: Some("torch.nn.BatchNorm2d"),
                by_hand: true,
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let (settings, shape) = (site.settings, site.first());
        let steps = match (settings.flag("eachStep"), settings.optional_count("steps")) {
            (false, None) => NormSteps::Shared,
            (true, None) => NormSteps::Statistics,
            (true, Some(steps)) => NormSteps::All(steps),
            (false, Some(steps)) => {
                let expected = "no value, unless each step has separate statistics";
                return Err(site.invalid("steps", steps, expected));
            }
        };
        let weight_shape = steps.weight_shape(shape.channels);
        if weight_shape.elements() > MAX_SIZE {
            let expected = format!("a whole number from 1 to {MAX_SIZE}");
            return Err(Error::invalid(
                format!("{}: factors", site.layer),
                weight_shape.elements(),
                expected,
            ));
        }
        let trainable = settings.flag("trainable");
        let tensor = |initial| Tensor { shape: TensorShape::from(weight_shape), initial };
        let weights = settings.flag("affine").then(|| Weights {
            weight: tensor(Initializer::Constant { value: 1.0 }),
            bias: settings.flag("bias").then(|| tensor(Initializer::Zeros {})),
            fan: Fan::dense(weight_shape.elements(), weight_shape.elements()),
            trainable,
            used: WeightUse::Affine(weight_shape),
        });
        let fixed = match (settings.optional_word("statistics"), trainable) {
            (Some("batch"), _) => FixedNorm::Never,
            (None, true) => FixedNorm::IfFrozen,
            _ => FixedNorm::Always,
        };
        let [epsilon, momentum, scale] = ["epsilon", "momentum", "scale"].map(|field| settings.number(field));
        let norm = BatchNorm { epsilon, momentum, scale, steps, fixed };
        Ok(PlannedLayer { weights, ..PlannedLayer::of_engine(OperationKind::BatchNorm(norm), shape) })
    }
}
