//! Types of HDF5 as JSON: `"float32"`, `"string"`, `{ "string": 8 }`, `{ "compound": [{ name, type, offset }], "size" }`, `{ "rows": type }`,
//! `{ "array": type, "shape" }`, `{ "enum": type, "names" }`.

use lapicque_core::hdf5::types::{Field, Padding, Text, Type};
use lapicque_core::{Error, Result};
use serde_json::{Map, Value, json};

/// A type that has been read, as JSON. Byte orders are omitted, because values are returned in the machine's order.
pub fn to_json(of: &Type) -> Value {
    match of {
        Type::Text(Text::Fixed(size, _)) => json!({ "string": size }),
        Type::Compound { size, fields } => {
            let fields = fields.iter().map(
                |Field { name, offset, of }| json!({ "name": name, "offset": offset, "type": to_json(of) }),
            );
            json!({ "compound": fields.collect::<Vec<_>>(), "size": size })
        }
        Type::Array { shape, of } => json!({ "array": to_json(of), "shape": shape }),
        Type::Rows(row) => json!({ "rows": to_json(row) }),
        Type::Opaque { size } => json!({ "opaque": size }),
        Type::Enum { of, names } if !of_bool(of, names) => {
            let names: Map<String, Value> =
                names.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({ "enum": to_json(of), "names": names })
        }
        plain => Value::String(plain.name()),
    }
}

fn of_bool(of: &Type, names: &[(String, i64)]) -> bool {
    Type::Enum { of: Box::new(of.clone()), names: names.to_vec() }.is_bool()
}

fn unknown(value: &Value) -> Error {
    Error::invalid(
        "type",
        value,
        "a type of HDF5, such as \"float32\", \"string\" or { compound: [{ name, type }] }",
    )
}

fn size(value: &Value) -> Result<usize> {
    value.as_u64().and_then(|size| usize::try_from(size).ok()).ok_or_else(|| unknown(value))
}

/// Parses a type to be written.
pub fn from_json(value: &Value) -> Result<Type> {
    let int = |size, signed| Ok(Type::Int { size, signed, big: false });
    let float = |size| Ok(Type::Float { size, big: false });
    let inner = |key: &str| value.get(key).ok_or_else(|| unknown(value)).and_then(from_json);
    match value.as_str() {
        Some("int8") => int(1, true),
        Some("uint8") => int(1, false),
        Some("int16") => int(2, true),
        Some("uint16") => int(2, false),
        Some("int32") => int(4, true),
        Some("uint32") => int(4, false),
        Some("int64") => int(8, true),
        Some("uint64") => int(8, false),
        Some("float16") => float(2),
        Some("float32") => float(4),
        Some("float64") => float(8),
        Some("string") => Ok(Type::Text(Text::Variable)),
        Some("bool") => Ok(Type::Enum {
            of: Box::new(Type::Int { size: 1, signed: true, big: false }),
            names: vec![("FALSE".into(), 0), ("TRUE".into(), 1)],
        }),
        Some(_) => Err(unknown(value)),
        None if value.get("string").is_some() => {
            Ok(Type::Text(Text::Fixed(size(&value["string"])?, Padding::Null)))
        }
        None if value.get("rows").is_some() => Ok(Type::Rows(Box::new(inner("rows")?))),
        None if value.get("array").is_some() => {
            let shape = value["shape"].as_array().ok_or_else(|| unknown(value))?;
            Ok(Type::Array {
                shape: shape.iter().map(size).collect::<Result<_>>()?,
                of: Box::new(inner("array")?),
            })
        }
        None if value.get("enum").is_some() => {
            let names = value["names"].as_object().ok_or_else(|| unknown(value))?;
            let names =
                names.iter().map(|(name, of)| Ok((name.clone(), of.as_i64().ok_or_else(|| unknown(value))?)));
            Ok(Type::Enum { of: Box::new(inner("enum")?), names: names.collect::<Result<_>>()? })
        }
        None => compound(value),
    }
}

/// Members without an offset are contiguous.
fn compound(value: &Value) -> Result<Type> {
    let members = value.get("compound").and_then(Value::as_array).ok_or_else(|| unknown(value))?;
    let (mut fields, mut end) = (Vec::new(), 0);
    for member in members {
        let of = from_json(member.get("type").ok_or_else(|| unknown(member))?)?;
        let name = member.get("name").and_then(Value::as_str).ok_or_else(|| unknown(member))?.to_string();
        let offset = member.get("offset").map_or(Ok(end), size)?;
        end = offset.checked_add(of.size(8)).ok_or_else(|| unknown(member))?;
        fields.push(Field { name, offset, of });
    }
    let size = value.get("size").map_or(Ok(end), size)?;
    Ok(Type::Compound { size, fields })
}
