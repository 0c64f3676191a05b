//! Conversion between a point of a space and the parameters that an objective receives.

use crate::field::quoted;
use crate::space::{Point, Space};
use crate::tree::Node;
use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value};

/// The parameters of a point as JSON, in the form of the space, without those that do not exist.
pub fn parameters(space: &Space, point: &[f64]) -> Value {
    value(space, &space.root, point).unwrap_or(Value::Null)
}

fn value(space: &Space, node: &Node, point: &[f64]) -> Option<Value> {
    match node {
        Node::Parameter(i) => (!point[*i].is_nan()).then(|| space.parameters[*i].domain.to_json(point[*i])),
        Node::Fixed(value) => Some(value.clone()),
        Node::Group(parts) => {
            let part = |(key, node): &(String, Node)| Some((key.clone(), value(space, node, point)?));
            Some(Value::Object(parts.iter().filter_map(part).collect::<Map<_, _>>()))
        }
        Node::When(condition, node) => {
            condition.test.passes(point[condition.parameter]).then(|| value(space, node, point)).flatten()
        }
        Node::Never => None,
        Node::List { length, elements } => {
            let count = length.map_or(elements.len(), |i| point[i] as usize).min(elements.len());
            Some(Value::Array(
                elements[..count].iter().filter_map(|node| value(space, node, point)).collect(),
            ))
        }
    }
}

/// The point of a trial's parameters.
///
/// # Errors
/// `invalid-parameter` if a value is missing, not in the space, or given although the parameter does not exist; `name` is the
/// name of the parameters in errors.
pub fn point(space: &Space, name: &str, parameters: &Value) -> Result<Point> {
    let mut point = vec![f64::NAN; space.len()];
    // First reads all given values, then checks which should be given: conditions may refer to later parameters.
    read(space, &space.root, name, parameters, &mut point)?;
    for (i, parameter) in space.parameters.iter().enumerate() {
        let full = || format!("{name}.{}", parameter.name);
        match (space.exists(i, &point), point[i].is_nan()) {
            (true, true) => return Err(Error::invalid(full(), "nothing", parameter.domain.expected())),
            (false, false) => {
                let expected = "nothing, as its condition does not hold";
                return Err(Error::invalid(full(), parameter.domain.to_json(point[i]), expected));
            }
            _ => {}
        }
    }
    Ok(point)
}

fn read(space: &Space, node: &Node, name: &str, value: &Value, point: &mut Point) -> Result<()> {
    match node {
        Node::Parameter(i) => {
            let domain = &space.parameters[*i].domain;
            let x = domain.from_json(value);
            point[*i] = x.ok_or_else(|| Error::invalid(name, quoted(value), domain.expected()))?;
        }
        Node::Fixed(known) if !crate::domain::same(known, value) => {
            return Err(Error::invalid(name, quoted(value), format!("the fixed value {}", quoted(known))));
        }
        Node::Fixed(_) => {}
        Node::Group(parts) => {
            let expected = "an object of parameters";
            let map = value.as_object().ok_or_else(|| Error::invalid(name, quoted(value), expected))?;
            if let Some(key) = map.keys().find(|key| !parts.iter().any(|(known, _)| known == *key)) {
                let known = parts.iter().map(|(key, _)| key);
                return Err(Error::unknown(&format!("parameter of {name}"), key, known));
            }
            for (key, node) in parts {
                if let Some(value) = map.get(key) {
                    read(space, node, &format!("{name}.{key}"), value, point)?;
                }
            }
        }
        Node::When(_, node) => read(space, node, name, value, point)?,
        Node::Never => {
            return Err(Error::invalid(name, quoted(value), "nothing, as its condition does not hold"));
        }
        Node::List { length, elements } => {
            let list = value.as_array().filter(|list| length.is_some() || list.len() == elements.len());
            let list = list.filter(|list| list.len() <= elements.len()).ok_or_else(|| {
                let most = if length.is_some() { "at most " } else { "" };
                Error::invalid(name, quoted(value), format!("a list of {most}{} elements", elements.len()))
            })?;
            if let Some(i) = length {
                let domain = &space.parameters[*i].domain;
                let x = domain.from_json(&Value::from(list.len()));
                point[*i] =
                    x.ok_or_else(|| Error::invalid(format!("{name}.length"), list.len(), domain.expected()))?;
            }
            for (i, (node, value)) in elements.iter().zip(list).enumerate() {
                read(space, node, &format!("{name}[{i}]"), value, point)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn space() -> Space {
        Space::new(&json!({
            "c": { "kind": "choice", "values": ["a", "b"] },
            "m": { "kind": "when", "parameter": "c", "is": ["b"], "part": { "kind": "uniform", "low": 0, "high": 1 } },
            "list": { "kind": "array", "of": { "kind": "int", "low": 1, "high": 4 },
                "length": { "kind": "int", "low": 1, "high": 3 } },
            "k": { "kind": "fixed", "value": [1] },
        }))
        .unwrap()
    }

    #[test]
    fn parameters_come_back_as_the_point_that_they_were() {
        let space = space();
        for (given, expected) in [
            (json!({ "c": "a", "list": [2], "k": [1] }), vec![0.0, f64::NAN, 1.0, 2.0, f64::NAN, f64::NAN]),
            (json!({ "c": "b", "m": 0.5, "list": [4, 1, 3], "k": [1] }), vec![1.0, 0.5, 3.0, 4.0, 1.0, 3.0]),
        ] {
            let point = point(&space, "parameters", &given).unwrap();
            assert!(crate::space::equal(&point, &expected), "{point:?}");
            assert_eq!(parameters(&space, &point), given);
        }
    }

    #[test]
    fn what_is_not_of_the_space_is_named() {
        let space = space();
        for (given, named) in [
            (json!({ "c": "a", "m": 0.5, "list": [1] }), "parameters.m: expected nothing"),
            (json!({ "c": "b", "list": [1] }), "parameters.m: expected a number from 0 to 1 but got nothing"),
            (json!({ "c": "d", "list": [1] }), "parameters.c: expected one of \"a\", \"b\" but got \"d\""),
            (
                json!({ "c": "a", "list": [1, 9] }),
                "parameters.list[1]: expected an integer from 1 to 4 but got 9",
            ),
            (
                json!({ "c": "a", "list": [] }),
                "parameters.list.length: expected an integer from 1 to 3 but got 0",
            ),
            (
                json!({ "c": "a", "list": [1], "k": 2 }),
                "parameters.k: expected the fixed value [1] but got 2",
            ),
            (json!({ "c": "a", "list": [1], "q": 2 }), "unknown parameter of parameters \"q\""),
            (json!([]), "parameters: expected an object of parameters"),
        ] {
            let error = point(&space, "parameters", &given).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
        }
    }
}
