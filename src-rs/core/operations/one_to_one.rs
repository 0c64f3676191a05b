//! One weight per element.

use crate::definition::{Definition, Fallback, Kind, Param};
use crate::init::Fan;
use crate::operation::{Site, Tensor, WeightUse, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Fusing, Layer, PlannedLayer};
use crate::settings::Settings;
use crate::shape::{MAX_SIZE, TensorShape};
use lapicque_base::error::{Error, Result};
use serde_json::json;

/// `y = V ∘ x`, one weight per neuron, `[neurons]`. With `parts` there is one part for each port of the target population,
/// `[parts * neurons]`. If `shared`, all neurons of a part have the same weight: `[parts]`.
pub struct OneToOne;

impl Layer for OneToOne {
    fn definition() -> Definition {
        let size = Kind::Count { min: 1, max: MAX_SIZE };
        Definition {
            kind: "one-to-one",
            params: vec![
                Param::new(
                    "neurons",
                    size,
                    Fallback::Needed,
                    "number of inputs, and of outputs of each part",
                ),
                Param::new(
                    "parts",
                    size,
                    Fallback::Value(json!(1)),
                    "one weight per neuron for each of this number of ports",
                )
                .quiet(),
                Param::new(
                    "shared",
                    Kind::Flag,
                    Fallback::Value(json!(false)),
                    "one weight for all neurons of a port",
                )
                .quiet(),
                Param::new(
                    "initial",
                    Kind::Initial,
                    Fallback::Value(json!({ "kind": "constant", "value": 1.0 })),
                    "initial weights, 1 unless given",
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
            takes_flat: true,
            ..Definition::default()
        }
    }

    fn weights(layer: &str, settings: &Settings) -> Result<Option<Weights>> {
        let [neurons, parts] = ["neurons", "parts"].map(|field| settings.count(field));
        let (all, shared) = (neurons.saturating_mul(parts), settings.flag("shared"));
        if all > MAX_SIZE {
            let expected = format!("a whole number from 1 to {MAX_SIZE}");
            return Err(Error::invalid(format!("{layer}: weights"), all, expected));
        }
        let shape = TensorShape::from([if shared { parts } else { all }]);
        Ok(Some(Weights {
            weight: Tensor { shape, initial: settings.initial("initial") },
            bias: None,
            fan: Fan::dense(all, 1),
            trainable: settings.flag("trainable"),
            used: WeightUse::OneToOne { neurons, parts, shared },
        }))
    }

    fn fusing(_settings: &Settings) -> Fusing {
        Fusing::IntoPopulations
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let [neurons, parts] = ["neurons", "parts"].map(|field| site.settings.count(field));
        site.check_elements(neurons, site.first().elements())?;
        if parts != 1 {
            return Err(site.invalid("parts", parts, "1, unless it feeds a population"));
        }
        Ok(PlannedLayer::of_engine(OperationKind::OneToOne, site.first()))
    }
}
