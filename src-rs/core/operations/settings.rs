//! The parameters of one operation as given in a description: reading, checking and writing.

use crate::definition::{Definition, Fallback, Kind, Param};
use crate::delays::Delays;
use crate::init::Initializer;
use lapicque_base::error::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Values by their names in a description. Parameters with a default are present; absent ones are not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(Map<String, Value>);

/// A value in the wording of serde, which the errors of all other nodes use.
fn unexpected(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(x) => format!("boolean `{x}`"),
        Value::Number(x) if x.is_f64() => format!("floating point `{x}`"),
        Value::Number(x) => format!("integer `{x}`"),
        Value::String(x) => format!("string {x:?}"),
        Value::Array(_) => "sequence".into(),
        Value::Object(_) => "map".into(),
    }
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        1 | 2 => names.join(" or "),
        _ => format!("one of {}", names.join(", ")),
    }
}

/// Whether a value is of a kind. Ranges are checked later, when the name of the layer is known.
fn check_kind(kind: Kind, value: &Value) -> std::result::Result<(), String> {
    let expected = |expected: &str| Err(format!("invalid type: {}, expected {expected}", unexpected(value)));
    match kind {
        Kind::Number(_) if value.as_f64().is_none() => expected("f64"),
        Kind::Count { .. } if value.as_u64().is_none() => expected("usize"),
        Kind::Flag | Kind::Switch(_) if !value.is_boolean() => expected("a boolean"),
        Kind::Sizes { axes, .. } => match value.as_array() {
            Some(sizes) if sizes.len() != axes => {
                Err(format!("invalid length: {}, expected {axes} sizes", sizes.len()))
            }
            Some(sizes) => match sizes.iter().find(|size| size.as_u64().is_none()) {
                Some(wrong) => Err(format!("invalid type: {}, expected usize", unexpected(wrong))),
                None => Ok(()),
            },
            None => expected("a sequence"),
        },
        Kind::Axes { .. } | Kind::Shape { .. } => match value.as_array() {
            Some(sizes) => match sizes.iter().find(|size| size.as_u64().is_none()) {
                Some(wrong) => Err(format!("invalid type: {}, expected usize", unexpected(wrong))),
                None => Ok(()),
            },
            None => expected("a sequence"),
        },
        Kind::Words(words) => match value.as_str() {
            Some(word) if words.contains(&word) => Ok(()),
            Some(word) => Err(format!("unknown variant `{word}`, expected {}", list(words.iter().copied()))),
            None => expected("a string"),
        },
        Kind::Initial => Initializer::deserialize(value).map(|_| ()).map_err(|e| e.to_string()),
        Kind::Delays => Delays::deserialize(value).map(|_| ()).map_err(|e| e.to_string()),
        _ => Ok(()),
    }
}

/// Converts numbers, initializers and delays to the form that the engine writes: `1` becomes `1.0`.
fn in_one_form(kind: Kind, value: Value) -> Value {
    let written = match kind {
        Kind::Number(_) => value.as_f64().map(Value::from),
        Kind::Initial => Initializer::deserialize(&value).ok().and_then(|one| serde_json::to_value(one).ok()),
        Kind::Delays => Delays::deserialize(&value).ok().and_then(|one| serde_json::to_value(one).ok()),
        _ => None,
    };
    written.unwrap_or(value)
}

/// The value that is out of range, and the expected one.
fn refused(kind: Kind, value: &Value) -> Option<(String, String)> {
    match kind {
        Kind::Number(range) => {
            let x = value.as_f64()?;
            (!range.holds(x)).then(|| (x.to_string(), range.words().into_owned()))
        }
        Kind::Count { min, max } => {
            let x = value.as_u64()?;
            let inside = (min as u64..=max as u64).contains(&x);
            (!inside).then(|| (x.to_string(), format!("a whole number from {min} to {max}")))
        }
        Kind::Sizes { min, max, .. } => {
            let within = |size: &Value| size.as_u64().is_some_and(|x| (min as u64..=max as u64).contains(&x));
            let inside = value.as_array()?.iter().all(within);
            (!inside).then(|| (value.to_string(), format!("whole numbers from {min} to {max}")))
        }
        Kind::Flag | Kind::Switch(_) | Kind::Initial | Kind::Delays | Kind::Words(_) | Kind::Plain => None,
        // Checked by the shape rule, which names the axis.
        Kind::Axes { .. } | Kind::Shape { .. } => None,
    }
}

impl Settings {
    /// Reads the fields of a node, except its kind and its name.
    ///
    /// # Errors
    /// A message in the wording of serde, as for other nodes.
    pub fn read(
        definition: &Definition,
        mut object: Map<String, Value>,
    ) -> std::result::Result<Self, String> {
        let mut settings = Map::new();
        for Param { field, kind, fallback, unwritten, .. } in &definition.params {
            let value = match (object.remove(*field), fallback) {
                (Some(Value::Null) | None, Fallback::Absent) => continue,
                (Some(value), _) => value,
                (None, Fallback::Value(_)) if unwritten.is_some() => unwritten.clone().unwrap_or_default(),
                (None, Fallback::Value(value)) => match kind {
                    // With as many values as the previous parameter has.
                    Kind::Axes { .. } => settings
                        .values()
                        .rev()
                        .find_map(Value::as_array)
                        .map_or(Value::Null, |before| vec![value.clone(); before.len()].into()),
                    _ => value.clone(),
                },
                (None, Fallback::Same(other)) => match settings.get(*other) {
                    Some(value) => Value::clone(value),
                    None => return Err(format!("missing field `{field}`")),
                },
                (None, Fallback::Needed) => return Err(format!("missing field `{field}`")),
            };
            check_kind(*kind, &value)?;
            settings.insert((*field).into(), in_one_form(*kind, value));
        }
        match object.keys().next() {
            None => Ok(Settings(settings)),
            Some(unknown) => {
                let known = definition.params.iter().map(|param| param.field);
                Err(format!(
                    "unknown field `{unknown}`, expected {}",
                    list(["name"].into_iter().chain(known))
                ))
            }
        }
    }

    /// The fields of a node, except those that are omitted at their default.
    pub fn written(&self, definition: &Definition) -> Map<String, Value> {
        let is_written = |param: &&Param| {
            let default =
                matches!(&param.fallback, Fallback::Value(value) if self.0.get(param.field) == Some(value));
            !(param.quiet && default)
        };
        let fields = definition.params.iter().filter(is_written);
        fields.filter_map(|param| Some((param.field.into(), self.0.get(param.field)?.clone()))).collect()
    }

    /// # Errors
    /// `invalid-parameter` for a value out of range, with the names of the layer and of the parameter.
    pub fn check(&self, definition: &Definition, layer: &str) -> Result<()> {
        for param in &definition.params {
            let Some(value) = self.0.get(param.field) else { continue };
            if let Some((value, expected)) = refused(param.kind, value) {
                return Err(Error::invalid(format!("{layer}.{}", param.field), value, expected));
            }
        }
        Ok(())
    }

    /// `None` if absent.
    pub fn optional_number(&self, field: &str) -> Option<f64> {
        self.0.get(field).and_then(Value::as_f64)
    }

    pub fn number(&self, field: &str) -> f64 {
        self.optional_number(field).unwrap_or_default()
    }

    /// `None` if absent.
    pub fn optional_count(&self, field: &str) -> Option<usize> {
        self.0.get(field).and_then(Value::as_u64).map(|x| x as usize)
    }

    pub fn count(&self, field: &str) -> usize {
        self.optional_count(field).unwrap_or_default()
    }

    pub fn flag(&self, field: &str) -> bool {
        self.0.get(field).and_then(Value::as_bool).unwrap_or_default()
    }

    pub fn sizes<const AXES: usize>(&self, field: &str) -> [usize; AXES] {
        let value = self.0.get(field).and_then(Value::as_array);
        std::array::from_fn(|axis| {
            value.and_then(|sizes| sizes.get(axis)?.as_u64()).map_or(1, |size| size as usize)
        })
    }

    /// The sizes of a [`Kind::Axes`] or [`Kind::Shape`]; `None` if absent.
    pub fn optional_list(&self, field: &str) -> Option<Vec<usize>> {
        let sizes = self.0.get(field)?.as_array()?.iter();
        Some(sizes.filter_map(Value::as_u64).map(|size| size as usize).collect())
    }

    pub fn list(&self, field: &str) -> Vec<usize> {
        self.optional_list(field).unwrap_or_default()
    }

    /// `None` if absent.
    pub fn optional_word(&self, field: &str) -> Option<&str> {
        self.0.get(field).and_then(Value::as_str)
    }

    pub fn word(&self, field: &str) -> &str {
        self.optional_word(field).unwrap_or_default()
    }

    pub fn initial(&self, field: &str) -> Initializer {
        let value = self.0.get(field).and_then(|value| Initializer::deserialize(value).ok());
        value.unwrap_or_default()
    }

    /// Plain data; null if absent.
    pub fn plain(&self, field: &str) -> &Value {
        self.0.get(field).unwrap_or(&Value::Null)
    }

    /// `None` if absent.
    pub fn delays(&self, field: &str) -> Option<Delays> {
        self.0.get(field).and_then(|value| Delays::deserialize(value).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::{Range, SourceCount};
    use serde_json::json;

    fn definition() -> Definition {
        let sizes = Kind::Sizes { axes: 2, min: 1, max: 9 };
        let params = vec![
            Param::new("epsilon", Kind::Number(Range::Positive), Fallback::Value(json!(1e-5)), ""),
            Param::new("over", Kind::Switch(["sample", "channels"]), Fallback::Value(json!(false)), "")
                .field("channels")
                .quiet(),
            Param::new("groups", Kind::Count { min: 1, max: 4 }, Fallback::Absent, ""),
            Param::new("kernel", sizes, Fallback::Needed, ""),
            Param::new("stride", sizes, Fallback::Same("kernel"), ""),
        ];
        Definition {
            kind: "a",
            sources: SourceCount::One,
            params,
            keeps_shape: true,
            ..Definition::default()
        }
    }

    fn read(fields: Value) -> std::result::Result<Settings, String> {
        Settings::read(&definition(), fields.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn defaults_are_filled_in_and_quiet_ones_left_out_again() {
        let settings = read(json!({ "kernel": [2, 3] })).unwrap();
        assert_eq!(settings.sizes("stride"), [2, 3]);
        assert_eq!((settings.number("epsilon"), settings.optional_count("groups")), (1e-5, None));
        let written = Value::Object(settings.written(&definition()));
        assert_eq!(written, json!({ "epsilon": 1e-5, "kernel": [2, 3], "stride": [2, 3] }));
        let told = read(json!({ "kernel": [2, 3], "channels": true, "groups": 2 })).unwrap();
        assert_eq!(told.written(&definition()).get("channels"), Some(&json!(true)));
    }

    #[test]
    fn what_is_wrong_is_told_in_the_words_of_serde() {
        for (fields, told) in [
            (json!({}), "missing field `kernel`"),
            (json!({ "kernel": 3 }), "invalid type: integer `3`, expected a sequence"),
            (json!({ "kernel": [3] }), "invalid length: 1, expected 2 sizes"),
            (json!({ "kernel": [3, -1] }), "invalid type: integer `-1`, expected usize"),
            (json!({ "kernel": [3, 3], "epsilon": "a" }), "invalid type: string \"a\", expected f64"),
            (
                json!({ "kernel": [3, 3], "kernl": 1 }),
                "unknown field `kernl`, expected one of `name`, `epsilon`, `channels`, `groups`, `kernel`, `stride`",
            ),
        ] {
            assert_eq!(read(fields).unwrap_err(), told);
        }
    }

    #[test]
    fn ranges_are_checked_by_the_name_of_the_layer() {
        for (fields, told) in [
            (json!({ "kernel": [2, 10] }), "a1.kernel"),
            (json!({ "kernel": [2, 3], "epsilon": 0 }), "a1.epsilon"),
            (json!({ "kernel": [2, 3], "groups": 5 }), "a1.groups"),
        ] {
            let error = read(fields).unwrap().check(&definition(), "a1").unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
