//! A causal convolution over time.

use crate::definition::{Definition, Factory, Fallback, Kind, Param, Types};
use crate::operation::{Site, Weights};
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::temporal::{MAX_STEPS, Temporal};
use lapicque_base::error::Result;
use serde_json::json;

pub use crate::temporal::Filter;

impl Layer for Filter {
    fn definition() -> Definition {
        let flag =
            |name, value: bool, meaning| Param::new(name, Kind::Flag, Fallback::Value(json!(value)), meaning);
        let (count, initial) = (Kind::Count { min: 1, max: MAX_STEPS }, Kind::Initial);
        Definition {
            kind: "filter",
            params: vec![
                Param::new("length", count, Fallback::Needed, "lags of the kernel").internal(),
                flag("each", false, "a separate kernel for each channel, all with the same initial values; otherwise one for all").stated(),
                flag("bias", false, "adds a trained constant per kernel").stated(),
                Param::new("initial", initial, Fallback::Needed, "the kernel").internal(),
                Param::new("initialBias", initial, Fallback::Value(json!({ "kind": "zeros" })), "initial constants")
                    .stated()
                    .unwritten(json!({ "kind": "fan-in-uniform", "gain": 1.0 })),
                flag("trainable", true, "whether training changes the kernel").sparse(),
            ],
            keeps_shape: true,
            types: Some(Types { node: "Filter", options: "FilterOptions", node_by_hand: true, ..Types::default() }),
            factories: vec![Factory { name: "timeFilter", section: "Over time", base: "filter", by_hand: true, ..Factory::default() }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let (settings, shape) = (site.settings, site.first());
        let (lags, each) = (settings.count("length"), settings.flag("each"));
        let kernels = if each { shape.channels } else { 1 };
        let weights = Weights::over_time([lags, kernels], settings);
        let kind = OperationKind::Temporal(Temporal::Filter(Filter { lags, each }));
        Ok(PlannedLayer { weights: Some(weights), ..PlannedLayer::of_engine(kind, shape) })
    }
}
