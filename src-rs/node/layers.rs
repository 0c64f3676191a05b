//! The definitions of operations, for JavaScript.

use crate::boundary::{Outcome, sync};
use crate::codes::parse;
use lapicque_core::Error;
use lapicque_core::operations::{self, Settings, Shape, Site};
use napi_derive::napi;
use serde_json::{Map, Value};

/// Every operation with its parameters, its documentation and its cases, as JSON.
#[napi]
pub fn describe_operations() -> Outcome<String> {
    sync(|| Ok(operations::describe().to_string()))
}

/// The output shape of an operation, as JSON. `fields` are those of its node in a description, `sources` the name and
/// shape of each source.
#[napi]
pub fn operation_shape(kind: String, name: String, fields: String, sources: String) -> Outcome<String> {
    sync(|| {
        let known = operations::OPERATIONS.iter().map(|operation| operation.definition.kind);
        let operation =
            operations::operation(&kind).ok_or_else(|| Error::unknown("kind of layer", &kind, known))?;
        let fields = parse::<Map<String, Value>>("fields", &fields)?;
        let wrong = |reason: String| Error::invalid(name.clone(), reason, "the fields of this kind of layer");
        let settings = Settings::read(&operation.definition, fields).map_err(wrong)?;
        let sources = parse::<Vec<(String, Vec<usize>)>>("sources", &sources)?;
        let sources: lapicque_core::Result<Vec<(Shape, &str)>> =
            sources.iter().map(|(source, sizes)| Ok((Shape::new(&name, sizes)?, source.as_str()))).collect();
        // The step length does not affect shapes. With delays it is checked when the network is compiled.
        let site = Site { layer: &name, settings: &settings, dt: 1.0, sources: &sources? };
        Ok(serde_json::json!(operation.plan(&site)?.shape.sizes()).to_string())
    })
}
