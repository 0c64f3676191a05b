//! Dropout of elements or channels.

use crate::definition::{Case, Definition, Factory, Fallback, Kind, Param, Range};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use lapicque_base::error::Result;
use serde_json::json;

pub use crate::operation_kind::Dropout;

impl Layer for Dropout {
    fn definition() -> Definition {
        let switch = |values| (Kind::Switch(values), Fallback::Value(json!(false)));
        let (over, over_default) = switch(["elements", "channels"]);
        let (mask, mask_default) = switch(["sequence", "step"]);
        Definition {
            kind: "dropout",
            params: vec![
                Param::new(
                    "rate",
                    Kind::Number(Range::BelowOne),
                    Fallback::Needed,
                    "the fraction that is set to zero, from 0 to below 1",
                )
                .positional(),
                Param::new(
                    "over",
                    over,
                    over_default,
                    "the unit that is dropped: an element, or a channel with all its pixels, as in `torch.nn.Dropout2d`",
                )
                .field("channels")
                .quiet(),
                Param::new(
                    "mask",
                    mask,
                    mask_default,
                    "how long a sample keeps its mask: for the whole `'sequence'`, as SpikingJelly's `layer.Dropout`, or for one `'step'`, as when \
                     `torch.nn.Dropout` is called in a loop over time, which is usual in snnTorch",
                )
                .field("eachStep")
                .quiet(),
            ],
            keeps_shape: true,
            trains_otherwise: true,
            factories: vec![Factory {
                name: "dropout",
                section: "Elements",
                summary: "Sets a fraction of the elements, or of the channels, to zero; only in training, where the others are scaled by \
                          `1 / (1 - rate)`. A sample keeps its mask over the whole sequence, or with `mask: 'step'` gets a new one at each step. \
                          The mask follows from the network's seed, the number of the batch, the sample and, with `mask: 'step'`, the step (N. \
                          Srivastava et al., JMLR 15, 2014).",
                returns: "a layer that keeps its shape",
                cases: vec![
                    Case { input: &[6], arguments: vec![json!(0.5)] },
                    Case { input: &[3, 2, 2], arguments: vec![json!(0.25), json!({ "over": "channels", "mask": "step" })] },
                ],
                ..Factory::default()
            }],
            ..Definition::default()
        }
    }

    fn plan(site: &Site) -> Result<PlannedLayer> {
        let [whole_channels, each_step] = ["channels", "eachStep"].map(|field| site.settings.flag(field));
        let dropout = Dropout { rate: site.settings.number("rate"), whole_channels, each_step };
        Ok(PlannedLayer::of_engine(OperationKind::Dropout(dropout), site.first()))
    }
}
