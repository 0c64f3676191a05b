//! A matrix over the steps of a sequence.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Range, Types};
use crate::operation::{Site, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::temporal::{MAX_STEPS, Temporal};
use lapicque_base::error::Result;
use serde_json::json;

pub use crate::temporal::Mixture;

impl Layer for Mixture {
    fn definition() -> Definition {
        let steps = Kind::Count { min: 1, max: MAX_STEPS };
        let initial = || Fallback::Value(json!({ "kind": "fan-in-uniform", "gain": 1.0 }));
        Definition {
            kind: "mixture",
            params: vec![
                Param::new(
                    "steps",
                    steps,
                    Fallback::Needed,
                    "number of steps of every sequence, from 1 to 65,536",
                )
                .positional(),
                Param::new(
                    "order",
                    steps,
                    Fallback::Absent,
                    "only the steps `t - order + 1` to `t` contribute to step `t`, from 1 to `steps`; without it all, including later ones",
                ),
                Param::new(
                    "lambda",
                    Kind::Number(Range::Unit),
                    Fallback::Absent,
                    "with an `order`: the strength of the mask, from 0 to 1; the weights of the other steps are multiplied by `1 - lambda`. It is a \
                     tensor `lambda` with one number, which training does not change and `setWeights` does. Without it the mask is complete, and \
                     there is no such tensor",
                ),
                Param::new("bias", Kind::Flag, Fallback::Value(json!(true)), "adds a constant for each step")
                    .stated(),
                Param::new(
                    "initial",
                    Kind::Initial,
                    initial(),
                    "initial weights; the fan-in is the number of steps",
                )
                .sparse(),
                Param::new(
                    "initialBias",
                    Kind::Initial,
                    initial(),
                    "initial constants, with the fan-in of the weights",
                )
                .sparse(),
                Param::new(
                    "trainable",
                    Kind::Flag,
                    Fallback::Value(json!(true)),
                    "whether training changes it",
                )
                .sparse(),
            ],
            keeps_shape: true,
            types: Some(Types { node: "Mixture", options: "MixtureOptions", ..Types::default() }),
            factories: vec![Factory {
                name: "timeMixture",
                section: "Over time",
                base: "mixture",
                cases: vec![
                    Case { input: &[4], arguments: vec![json!(3), json!({ "order": 2 })] },
                    Case { input: &[2, 3], arguments: vec![json!(3), json!({ "order": 3, "bias": false })] },
                ],
                by_hand: true,
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let settings = site.settings;
        let (steps, order) = (settings.count("steps"), settings.optional_count("order"));
        let lambda = settings.optional_number("lambda");
        if let Some(order) = order.filter(|order| !(1..=steps).contains(order)) {
            return Err(site.invalid("order", order, format!("from 1 to {steps} steps")));
        }
        if let (Some(lambda), None) = (lambda, order) {
            return Err(site.invalid("lambda", lambda, "from 0 to 1, together with an order"));
        }
        let weights = Weights::over_time([steps, steps], settings);
        let kind = OperationKind::Temporal(Temporal::Mixture(Mixture { steps, order, lambda }));
        Ok(PlannedLayer { weights: Some(weights), ..PlannedLayer::of_engine(kind, site.first()) })
    }
}
