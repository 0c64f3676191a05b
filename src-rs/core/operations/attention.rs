//! Attention without softmax.

use crate::definition::{Definition, Fallback, Kind, Param, Range, SourceCount, Types};
use crate::operation::Site;
use crate::operation_kind::OperationKind;
use crate::registry::{Layer, PlannedLayer};
use crate::shape::{MAX_SIZE, Shape};
use lapicque_base::error::Result;
use serde_json::json;

pub use crate::operation_kind::Attention;

impl Layer for Attention {
    fn definition() -> Definition {
        Definition {
            kind: "attention",
            sources: SourceCount::Exactly(3, "three sources: queries, keys and values"),
            params: vec![
                Param::new(
                    "heads",
                    Kind::Count { min: 1, max: MAX_SIZE },
                    Fallback::Value(json!(8)),
                    "groups of neighboring channels that attend separately, a divisor of the channels",
                ),
                Param::new(
                    "scale",
                    Kind::Number(Range::Positive),
                    Fallback::Value(json!(0.125)),
                    "factor on the output",
                ),
            ],
            joins: true,
            types: Some(Types { node: "AttentionJoin", options: "AttentionOptions", ..Types::default() }),
            ..Definition::default()
        }
    }

    /// Queries and keys have the same number of channels, keys and values the same number of tokens.
    fn plan(site: &Site) -> Result<PlannedLayer> {
        let [(q, _), (k, keys), (v, values)] = [0, 1, 2].map(|i| site.sources[i]);
        for (from, shape, expected) in
            [(keys, k, Shape { channels: q.channels, ..k }), (values, v, Shape { channels: v.channels, ..k })]
        {
            if shape != expected {
                return Err(site.mismatch(expected.to_string(), format!("{shape} from {from}")));
            }
        }
        let heads = site.settings.count("heads");
        if !q.channels.is_multiple_of(heads) || !v.channels.is_multiple_of(heads) {
            let expected = format!("a common divisor of {} and {} channels", q.channels, v.channels);
            return Err(site.invalid("heads", heads, expected));
        }
        let attention = Attention { heads, scale: site.settings.number("scale") };
        let shape = Shape { channels: v.channels, ..q };
        Ok(PlannedLayer::of_engine(OperationKind::Attention(attention), shape))
    }
}
