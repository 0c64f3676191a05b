//! A row of a table for each input value.

use crate::definition::{Definition, Factory, Fallback, Kind, Param};
use crate::init::Fan;
use crate::operation::{Site, Tensor, WeightUse, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::settings::Settings;
use crate::shape::{MAX_SIZE, Shape, TensorShape};
use lapicque_base::error::Result;
use serde_json::json;

pub struct Embedding;

impl Layer for Embedding {
    fn definition() -> Definition {
        Definition {
            kind: "embedding",
            params: vec![
                Param::new(
                    "count",
                    Kind::Count { min: 2, max: MAX_SIZE },
                    Fallback::Needed,
                    "the number of rows, at least 2",
                )
                .positional(),
                Param::new(
                    "size",
                    Kind::Count { min: 1, max: MAX_SIZE },
                    Fallback::Needed,
                    "values of a row",
                )
                .positional()
                .literal("Size"),
                Param::new(
                    "initial",
                    Kind::Initial,
                    Fallback::Value(json!({ "kind": "normal", "mean": 0.0, "std": 1.0 })),
                    "with mean 0 and deviation 1, as in torch, unless given",
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
            flat_outputs: Some("size"),
            reads_input: Some("an embedding directly after the input, whose values are row indices"),
            factories: vec![Factory {
                name: "embedding",
                section: "Elements",
                summary: "A trained row for each index: `y = W[x]`, weights `[count, size]`. The input is `[time, batch, 1]` with integers from 0 \
                          to `count - 1` (`torch.nn.Embedding`). Allowed only directly after the input.",
                returns: "a layer from `[1]` to `[size]`",
                throws: "for one that is not directly after the input; when it runs, for a value that is not a row",
                example: "sequential(embedding(50, 16), lif({ beta: 0.9 }), dense(16, 50), li({ beta: 0.9 }));",
                torch: Some("torch.nn.Embedding"),
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn weights(_layer: &str, settings: &Settings) -> Result<Option<Weights>> {
        let [count, size] = ["count", "size"].map(|field| settings.count(field));
        Ok(Some(Weights {
            weight: Tensor { shape: TensorShape::from([count, size]), initial: settings.initial("initial") },
            bias: None,
            fan: Fan::dense(count, size),
            trainable: settings.flag("trainable"),
            used: WeightUse::Table,
        }))
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let from = site.first();
        if from.elements() != 1 {
            let name = site.sources.first().map_or("", |&(_, name)| name);
            return Err(site.mismatch("[1]: the number of a row", format!("{from} from {name}")));
        }
        let shape = Shape::flat(site.settings.count("size"));
        Ok(PlannedLayer::of_engine(OperationKind::Embedding, shape))
    }
}
