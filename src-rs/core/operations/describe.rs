//! All definitions as JSON, from which the TypeScript functions, their types and their documentation are generated.

use crate::OPERATIONS;
use crate::definition::{Definition, Factory, Fallback, Kind, Param, Range};
use serde_json::{Value, json};

pub fn describe() -> Value {
    OPERATIONS.iter().map(|operation| of_operation(&operation.definition)).collect()
}

fn of_operation(definition: &Definition) -> Value {
    let types = definition
        .types
        .map(|types| json!({ "node": types.node, "options": types.options, "window": types.window, "nodeByHand": types.node_by_hand }));
    json!({
        "kind": definition.kind,
        "keepsShape": definition.keeps_shape,
        "flatOutputs": definition.flat_outputs,
        "trainsOtherwise": definition.trains_otherwise,
        "joins": definition.joins,
        "params": definition.params.iter().map(of_param).collect::<Vec<_>>(),
        "types": types,
        "factories": definition.factories.iter().map(of_factory).collect::<Vec<_>>(),
    })
}

fn of_factory(factory: &Factory) -> Value {
    let cases = factory.cases.iter().map(|case| json!({ "input": case.input, "arguments": case.arguments }));
    json!({
        "name": factory.name,
        "section": factory.section,
        "summary": factory.summary,
        "returns": factory.returns,
        "throws": factory.throws,
        "cases": cases.collect::<Vec<_>>(),
        "example": factory.example,
        "torch": factory.torch,
        "preset": factory.preset.map(|(name, value)| json!({ "name": name, "value": value })),
        "axes": factory.axes,
        "byHand": factory.by_hand,
        "base": if factory.base.is_empty() { factory.name } else { factory.base },
    })
}

fn of_param(param: &Param) -> Value {
    let kind = match param.kind {
        Kind::Number(range) => json!({ "is": "number", "bounds": bounds(range) }),
        Kind::Count { min, max } => json!({ "is": "count", "min": min, "max": max }),
        Kind::Flag => json!({ "is": "flag" }),
        Kind::Sizes { axes, min, max } => json!({ "is": "sizes", "axes": axes, "min": min, "max": max }),
        Kind::Switch(values) => json!({ "is": "switch", "values": values }),
        Kind::Axes { min } => json!({ "is": "axes", "min": min }),
        Kind::Shape { min_rank } => json!({ "is": "shape", "minRank": min_rank }),
        Kind::Words(words) => json!({ "is": "words", "values": words }),
        Kind::Initial => json!({ "is": "initial" }),
        Kind::Delays => json!({ "is": "delays" }),
        Kind::Plain => json!({ "is": "plain" }),
    };
    let fallback = match &param.fallback {
        Fallback::Needed => json!({ "is": "needed" }),
        Fallback::Value(value) => json!({ "is": "value", "value": value }),
        Fallback::Absent => json!({ "is": "absent" }),
        Fallback::Same(name) => json!({ "is": "same", "name": name }),
    };
    json!({
        "name": param.name,
        "field": param.field,
        "kind": kind,
        "fallback": fallback,
        "positional": param.positional,
        "quiet": param.quiet,
        "sparse": param.sparse,
        "internal": param.internal,
        "unwritten": param.unwritten.is_some(),
        "stated": param.stated,
        "literal": param.literal,
        "meaning": param.meaning,
    })
}

/// The bounds of a range in the form that TypeScript's check of a finite number expects.
fn bounds(range: Range) -> Value {
    match range {
        Range::Any => json!({}),
        Range::Positive => json!({ "above": 0 }),
        Range::NotNegative => json!({ "min": 0 }),
        Range::Unit => json!({ "min": 0, "max": 1 }),
        Range::OpenUnit => json!({ "above": 0, "below": 1 }),
        Range::BelowOne => json!({ "min": 0, "below": 1 }),
        Range::AboveOne => json!({ "above": 1 }),
        Range::AtLeast(least) => json!({ "min": least }),
        Range::UpTo(most) => json!({ "min": 0, "max": most }),
        Range::PositiveUpTo(most) => json!({ "above": 0, "max": most }),
        Range::Count => json!({ "min": 1, "max": Range::MOST }),
    }
}
