//! Fields of JSON objects. Each is read once, and errors name it.

use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value};

/// A value as a message shows it, shortened.
pub fn quoted(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}

/// An object that has only known fields.
pub struct Fields<'a> {
    name: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub fn new(name: &str, value: &'a Value, known: &[&str]) -> Result<Self> {
        let map =
            value.as_object().ok_or_else(|| Error::invalid(name, quoted(value), "an object of options"))?;
        for key in map.keys() {
            if key != "kind" && !known.contains(&key.as_str()) {
                return Err(Error::unknown(&format!("option of {name}"), key, known.iter().copied()));
            }
        }
        Ok(Fields { name: name.to_string(), map })
    }

    /// The name of a field in errors.
    pub fn name_of(&self, key: &str) -> String {
        format!("{}.{key}", self.name)
    }

    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key)
    }

    pub fn invalid(&self, key: &str, expected: impl Into<String>) -> Error {
        let value = self.get(key).map_or("nothing".to_string(), quoted);
        Error::invalid(self.name_of(key), value, expected)
    }

    /// A finite number that passes a test; the default if it is missing.
    pub fn number(
        &self,
        key: &str,
        fallback: Option<f64>,
        expected: &str,
        passes: impl Fn(f64) -> bool,
    ) -> Result<f64> {
        let value = match (self.get(key), fallback) {
            (None, Some(value)) => return Ok(value),
            (value, _) => value.and_then(Value::as_f64).filter(|x| x.is_finite()),
        };
        value.filter(|&x| passes(x)).ok_or_else(|| self.invalid(key, expected))
    }

    /// An integer in a range.
    pub fn whole(&self, key: &str, fallback: Option<u64>, least: u64, most: u64) -> Result<u64> {
        let expected = format!("an integer from {least} to {most}");
        let passes = |x: f64| x.fract() == 0.0 && x >= least as f64 && x <= most as f64;
        Ok(self.number(key, fallback.map(|x| x as f64), &expected, passes)? as u64)
    }

    pub fn flag(&self, key: &str, fallback: bool) -> Result<bool> {
        match self.get(key) {
            None => Ok(fallback),
            Some(value) => value.as_bool().ok_or_else(|| self.invalid(key, "true or false")),
        }
    }
}

/// The `kind` of a node.
pub fn kind_of<'a>(name: &str, value: &'a Value) -> Result<&'a str> {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.ok_or_else(|| Error::invalid(name, quoted(value), "an object with a kind"))
}

/// A number that may be infinite or NaN; JSON represents these as strings.
pub fn real(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        value => value.as_f64(),
    }
}
