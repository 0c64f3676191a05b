//! Nodes of a description whose kind is a registered operation: read and written by its definition.

use crate::description::NodeSpec;
use lapicque_operations::{OPERATIONS, Registered, Settings, operation};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub struct RegisteredNode {
    pub name: String,
    pub operation: &'static Registered,
    pub settings: Settings,
}

impl RegisteredNode {
    fn read(operation: &'static Registered, mut fields: Map<String, Value>) -> Result<Self, String> {
        fields.remove("kind");
        let name = match fields.remove("name") {
            Some(Value::String(name)) => name,
            Some(_) => return Err("invalid type: another value, expected a string".into()),
            None => return Err("missing field `name`".into()),
        };
        let settings = Settings::read(&operation.definition, fields)?;
        Ok(RegisteredNode { name, operation, settings })
    }

    fn written(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("kind".into(), self.operation.definition.kind.into());
        fields.insert("name".into(), self.name.clone().into());
        fields.extend(self.settings.written(&self.operation.definition));
        fields
    }
}

/// A JSON object; duplicate names are refused.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("internally tagged enum NodeSpec")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            fields.insert(name, access.next_value()?);
        }
        Ok(fields)
    }
}

impl<'de> Deserialize<'de> for NodeSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = deserializer.deserialize_map(Fields)?;
        if let Some(operation) = fields.get("kind").and_then(Value::as_str).and_then(operation) {
            return RegisteredNode::read(operation, fields)
                .map(NodeSpec::Registered)
                .map_err(D::Error::custom);
        }
        // The inherent function that serde derives.
        NodeSpec::deserialize(Value::Object(fields))
            .map_err(|e| D::Error::custom(with_operations(e.to_string())))
    }
}

/// An error that lists the known kinds lists those of layers as well.
fn with_operations(reason: String) -> String {
    let Some(before) = reason.strip_suffix(", expected `dynamics`") else { return reason };
    let kinds = OPERATIONS.iter().map(|operation| format!("`{}`, ", operation.definition.kind));
    format!("{before}, expected one of {}`dynamics`", kinds.collect::<String>())
}

impl Serialize for NodeSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            NodeSpec::Registered(node) => node.written().serialize(serializer),
            // The inherent function that serde derives.
            other => NodeSpec::serialize(other, serializer),
        }
    }
}
