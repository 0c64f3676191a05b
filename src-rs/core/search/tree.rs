//! Parses a space's JSON into parameters with conditions, and keeps its structure for [`decode`](crate::decode).
//!
//! Two passes: the first records every leaf by its path, so that the second can resolve conditions on later parameters.

use crate::domain::{Domain, MAX_SAFE, same};
use crate::field::{Fields, kind_of, quoted};
use crate::space::{Condition, MOST, Parameter, Space, Test};
use lapicque_base::error::{Error, Result};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// A node of a space.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Parameter(usize),
    Fixed(Value),
    Group(Vec<(String, Node)>),
    /// Exists only where the condition passes.
    When(Condition, Box<Node>),
    /// A node under a condition on a fixed value that does not pass.
    Never,
    /// `length`: the parameter that holds the number of existing elements.
    List {
        length: Option<usize>,
        elements: Vec<Node>,
    },
}

const KINDS: [&str; 7] = ["uniform", "log-uniform", "int", "choice", "fixed", "when", "array"];

/// The prefix of parameter names in errors.
const ROOT: &str = "space";

/// Maximum nesting depth of groups, conditions and arrays.
const LEVELS: usize = 100;

/// A condition as written: the name is searched in the surrounding group, then in the groups around that.
#[derive(Debug, Clone)]
struct ConditionSpec<'a> {
    holder: String,
    name: &'a str,
    is: &'a Value,
}

/// A leaf of the first pass, with the conditions around it.
struct Leaf<'a> {
    spec: &'a Value,
    conditions: Vec<ConditionSpec<'a>>,
}

pub(crate) fn read(spec: &Value) -> Result<Space> {
    if spec.as_object().is_none_or(is_leaf) {
        return Err(Error::invalid(ROOT, quoted(spec), "an object of parameters"));
    }
    let mut names = Names { leaves: HashMap::new(), order: Vec::new() };
    names.walk("", spec, &mut Vec::new(), 0)?;
    let unreachable = names.unreachable()?;
    let mut reader =
        Reader { names, unreachable, parameters: Vec::new(), indices: HashMap::new(), open: Vec::new() };
    let mut root = reader.node("", spec)?;
    // Now that all parameters have an index, paths of conditions are replaced by indices.
    let indices = reader.indices;
    let index = |open: usize| reader.open[open].1.as_str();
    let mut resolve = |condition: &mut Condition| condition.parameter = indices[index(condition.parameter)];
    for parameter in &mut reader.parameters {
        parameter.conditions.iter_mut().for_each(&mut resolve);
    }
    root.each_condition(&mut resolve);
    let order = ordered(&reader.parameters)?;
    Ok(Space { parameters: reader.parameters, order, root })
}

impl Node {
    fn each_condition(&mut self, visit: &mut impl FnMut(&mut Condition)) {
        match self {
            Node::When(condition, node) => {
                visit(condition);
                node.each_condition(visit);
            }
            Node::Group(parts) => parts.iter_mut().for_each(|(_, node)| node.each_condition(visit)),
            Node::List { elements, .. } => elements.iter_mut().for_each(|node| node.each_condition(visit)),
            Node::Parameter(_) | Node::Fixed(_) | Node::Never => {}
        }
    }
}

/// A group contains only nodes, one of which may be called `kind`.
fn is_leaf(map: &Map<String, Value>) -> bool {
    map.get("kind").is_some_and(Value::is_string)
}

fn full(path: &str) -> String {
    if path.is_empty() { ROOT.to_string() } else { format!("{ROOT}.{path}") }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }
}

/// The paths of the groups around a path, the innermost first.
fn scopes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        (!path.is_empty()).then(|| path.rfind(['.', '[']).map_or("", |end| &path[..end]))
    })
    .skip(1)
}

struct Names<'a> {
    leaves: HashMap<String, Leaf<'a>>,
    order: Vec<String>,
}

impl<'a> Names<'a> {
    fn walk(
        &mut self,
        path: &str,
        spec: &'a Value,
        conditions: &mut Vec<ConditionSpec<'a>>,
        level: usize,
    ) -> Result<()> {
        if level > LEVELS {
            return Err(Error::invalid(full(path), "more levels", format!("at most {LEVELS} levels")));
        }
        let map = spec.as_object().ok_or_else(|| {
            let expected = "a part of a space such as { kind: 'uniform', low: 0, high: 1 }";
            Error::invalid(full(path), quoted(spec), expected)
        })?;
        if !is_leaf(map) {
            // Because no group is empty, each element of an array has at least one parameter, and their maximum number bounds
            // the work.
            if map.is_empty() {
                return Err(Error::invalid(full(path), "an empty object", "at least one parameter"));
            }
            for (key, part) in map {
                if key.is_empty() {
                    return Err(Error::invalid(full(path), "an empty name", "a name"));
                }
                self.walk(&joined(path, key), part, conditions, level + 1)?;
            }
            return Ok(());
        }
        match kind_of(&full(path), spec)? {
            "when" => {
                let fields = Fields::new(&full(path), spec, &["parameter", "is", "part"])?;
                let name = fields.get("parameter").and_then(Value::as_str);
                let name = name.ok_or_else(|| fields.invalid("parameter", "the name of a parameter"))?;
                let is = fields.get("is").filter(|is| is.as_array().is_some_and(|list| !list.is_empty()));
                let is = is.ok_or_else(|| fields.invalid("is", "a list of at least one value"))?;
                let part = fields.get("part").ok_or_else(|| fields.invalid("part", "a part of a space"))?;
                conditions.push(ConditionSpec { holder: path.to_string(), name, is });
                self.walk(path, part, conditions, level + 1)?;
                conditions.pop();
            }
            "array" => {
                let list = List::read(path, spec)?;
                if let Some(length) = list.varied {
                    self.leaf(joined(path, "length"), length, conditions)?;
                }
                for i in 0..list.most {
                    self.walk(&format!("{path}[{i}]"), list.of, conditions, level + 1)?;
                }
            }
            _ => self.leaf(path.to_string(), spec, conditions)?,
        }
        Ok(())
    }

    fn leaf(&mut self, path: String, spec: &'a Value, conditions: &[ConditionSpec<'a>]) -> Result<()> {
        if self.order.len() >= MOST {
            return Err(too_many(&path));
        }
        let leaf = Leaf { spec, conditions: conditions.to_vec() };
        if self.leaves.insert(path.clone(), leaf).is_some() {
            return Err(Error::invalid(
                full(&path),
                "two parameters of this name",
                "one parameter of each name",
            ));
        }
        self.order.push(path);
        Ok(())
    }

    /// The path of the parameter that a condition refers to.
    fn condition_path(&self, condition: &ConditionSpec) -> Result<String> {
        let found = scopes(&condition.holder).map(|scope| joined(scope, condition.name));
        if let Some(path) = found.into_iter().find(|path| self.leaves.contains_key(path)) {
            return Ok(path);
        }
        let kind = format!("parameter in {}", full(&condition.holder));
        Err(Error::unknown(&kind, condition.name, &self.order))
    }

    /// Whether a condition refers to a fixed value that does not pass.
    fn is_refused(&self, condition: &ConditionSpec, path: &str) -> bool {
        let spec = self.leaves[path].spec;
        let fixed = spec.get("value").filter(|_| is_fixed(spec));
        let list = condition.is.as_array().map_or(&[][..], Vec::as_slice);
        fixed.is_some_and(|value| !list.iter().any(|other| same(other, value)))
    }

    /// Leaves under a condition that never passes: on a fixed value, or on another such leaf.
    fn unreachable(&self) -> Result<HashSet<String>> {
        let mut below: HashMap<String, Vec<&String>> = HashMap::new();
        let mut open = Vec::new();
        for path in &self.order {
            for condition in &self.leaves[path].conditions {
                let on = self.condition_path(condition)?;
                if self.is_refused(condition, &on) {
                    open.push(path);
                }
                below.entry(on).or_default().push(path);
            }
        }
        let mut unreachable = HashSet::new();
        while let Some(path) = open.pop() {
            if unreachable.insert(path.clone()) {
                open.extend(below.get(path).into_iter().flatten());
            }
        }
        Ok(unreachable)
    }
}

fn is_fixed(spec: &Value) -> bool {
    spec.get("kind").and_then(Value::as_str) == Some("fixed")
}

fn too_many(path: &str) -> Error {
    Error::invalid(full(path), format!("more than {MOST} parameters"), format!("at most {MOST} parameters"))
}

struct List<'a> {
    of: &'a Value,
    least: u64,
    most: u64,
    varied: Option<&'a Value>,
}

impl<'a> List<'a> {
    fn read(path: &str, spec: &'a Value) -> Result<Self> {
        let fields = Fields::new(&full(path), spec, &["of", "length"])?;
        let of = fields.get("of").ok_or_else(|| fields.invalid("of", "a part of a space"))?;
        if of.get("kind") == Some(&"when".into()) {
            return Err(fields
                .invalid("of", "a part that exists in each element (put the array under `when` instead)"));
        }
        let length = fields.get("length").filter(|length| length.is_object());
        if let Some(varied) = length {
            let name = joined(path, "length");
            match domain(&name, varied)? {
                Domain::Stepped { low, step, count, whole: true, .. }
                    if low >= 0.0 && low + step * (count - 1) as f64 >= 1.0 =>
                {
                    let most = low + step * (count - 1) as f64;
                    if most > MOST as f64 {
                        return Err(too_many(path));
                    }
                    return Ok(List { of, least: low as u64, most: most as u64, varied: length });
                }
                _ => return Err(fields.invalid("length", "a number, or an int from 0 on to at least 1")),
            }
        }
        let most = fields.whole("length", None, 1, MOST as u64)?;
        Ok(List { of, least: most, most, varied: None })
    }
}

struct Reader<'a> {
    names: Names<'a>,
    unreachable: HashSet<String>,
    parameters: Vec<Parameter>,
    indices: HashMap<String, usize>,
    /// Conditions around the node that is parsed, and those before it: a condition refers to its index here until all
    /// parameters are known.
    open: Vec<(Condition, String)>,
}

impl<'a> Reader<'a> {
    fn node(&mut self, path: &str, spec: &'a Value) -> Result<Node> {
        self.within(path, spec, &mut Vec::new())
    }

    fn within(&mut self, path: &str, spec: &'a Value, around: &mut Vec<Condition>) -> Result<Node> {
        if let Some(map) = spec.as_object().filter(|map| !is_leaf(map)) {
            let part = |(key, part): (&String, &'a Value)| {
                Ok((key.clone(), self.within(&joined(path, key), part, around)?))
            };
            return Ok(Node::Group(map.iter().map(part).collect::<Result<_>>()?));
        }
        match kind_of(&full(path), spec)? {
            "when" => self.conditional(path, spec, around),
            "array" => self.list(path, spec, around),
            "fixed" => {
                let fields = Fields::new(&full(path), spec, &["value"])?;
                Ok(Node::Fixed(
                    fields.get("value").ok_or_else(|| fields.invalid("value", "a value"))?.clone(),
                ))
            }
            _ => Ok(Node::Parameter(self.parameter(path.to_string(), spec, around)?)),
        }
    }

    fn parameter(&mut self, path: String, spec: &Value, around: &[Condition]) -> Result<usize> {
        let domain = domain(&path, spec)?;
        let index = self.parameters.len();
        self.indices.insert(path.clone(), index);
        self.parameters.push(Parameter { name: path, domain, conditions: around.to_vec() });
        Ok(index)
    }

    fn conditional(&mut self, path: &str, spec: &'a Value, around: &mut Vec<Condition>) -> Result<Node> {
        let (Some(name), Some(is), Some(part)) =
            (spec["parameter"].as_str(), spec.get("is"), spec.get("part"))
        else {
            return Ok(Node::Never);
        };
        let condition = ConditionSpec { holder: path.to_string(), name, is };
        let found = self.names.condition_path(&condition)?;
        let leaf = &self.names.leaves[&found];
        if self.unreachable.contains(&found) || self.names.is_refused(&condition, &found) {
            return Ok(Node::Never);
        }
        if is_fixed(leaf.spec) {
            return self.within(path, part, around);
        }
        let test = test(path, &found, leaf.spec, is)?;
        let condition = self.condition(test, found);
        around.push(condition.clone());
        let node = self.within(path, part, around);
        around.pop();
        Ok(Node::When(condition, Box::new(node?)))
    }

    fn condition(&mut self, test: Test, path: String) -> Condition {
        let condition = Condition { parameter: self.open.len(), test };
        self.open.push((condition.clone(), path));
        condition
    }

    fn list(&mut self, path: &str, spec: &'a Value, around: &mut Vec<Condition>) -> Result<Node> {
        let list = List::read(path, spec)?;
        let length = match list.varied {
            Some(varied) => Some(self.parameter(joined(path, "length"), varied, around)?),
            None => None,
        };
        let mut elements = Vec::new();
        for i in 0..list.most {
            let optional = i >= list.least;
            if optional {
                let condition = self.condition(Test::Above(i as f64), joined(path, "length"));
                around.push(condition);
            }
            let element = self.within(&format!("{path}[{i}]"), list.of, around);
            if optional {
                around.pop();
            }
            elements.push(element?);
        }
        Ok(Node::List { length, elements })
    }
}

/// The test that a condition applies to the parameter at `found`.
fn test(path: &str, found: &str, spec: &Value, is: &Value) -> Result<Test> {
    let domain = domain(found, spec)?;
    let name = format!("{}.is", full(path));
    if domain.count().is_none() {
        return Err(Error::invalid(
            name,
            format!("a condition on the range {found}"),
            "one on a choice, an int or fixed",
        ));
    }
    let list = is.as_array().map_or(&[][..], Vec::as_slice);
    let value = |value: &Value| {
        domain.from_json(value).ok_or_else(|| {
            Error::invalid(name.clone(), quoted(value), format!("{}, as {found} has", domain.expected()))
        })
    };
    Ok(Test::OneOf(list.iter().map(value).collect::<Result<_>>()?))
}

/// The values of a leaf.
fn domain(path: &str, spec: &Value) -> Result<Domain> {
    let name = full(path);
    match kind_of(&name, spec)? {
        "uniform" => {
            let fields = Fields::new(&name, spec, &["low", "high", "step"])?;
            let (low, high) = range(&fields)?;
            if fields.get("step").is_none() {
                return Ok(Domain::Real { low, high, log: false });
            }
            let step = fields.number("step", None, "a number above 0", |step| step > 0.0)?;
            // 0.1 does not divide 1 exactly: an end that is missed by rounding counts as reached.
            stepped(&fields, low, step, ((high - low) / step * (1.0 + 1e-12)).floor(), false)
        }
        "log-uniform" => {
            let fields = Fields::new(&name, spec, &["low", "high"])?;
            fields.number("low", None, "a number above 0", |low| low > 0.0)?;
            let (low, high) = range(&fields)?;
            Ok(Domain::Real { low, high, log: true })
        }
        "int" => {
            let fields = Fields::new(&name, spec, &["low", "high", "step", "log"])?;
            let is_whole = |x: f64| x.fract() == 0.0 && x.abs() <= MAX_SAFE;
            let low = fields.number("low", None, "an integer", is_whole)?;
            fields.number("high", None, "an integer", is_whole)?;
            let high = range(&fields)?.1;
            let log = fields.flag("log", false)?;
            let step = fields.number("step", Some(1.0), "an integer above 0", |x| is_whole(x) && x > 0.0)?;
            if log && low < 1.0 {
                return Err(fields.invalid("low", "an integer from 1 on, with log"));
            }
            if log && step != 1.0 {
                return Err(fields.invalid("step", "1, with log"));
            }
            match stepped(&fields, low, step, ((high - low) / step).floor(), true)? {
                Domain::Stepped { low, step, count, whole, .. } => {
                    Ok(Domain::Stepped { low, step, count, log, whole })
                }
                other => Ok(other),
            }
        }
        "choice" => {
            let fields = Fields::new(&name, spec, &["values"])?;
            let values = fields.get("values").and_then(Value::as_array).filter(|values| !values.is_empty());
            let values = values.ok_or_else(|| fields.invalid("values", "a list of at least one value"))?;
            if values.len() > MOST {
                return Err(Error::invalid(
                    fields.name_of("values"),
                    format!("{} values", values.len()),
                    format!("at most {MOST} values"),
                ));
            }
            for (i, value) in values.iter().enumerate() {
                if values[..i].iter().any(|other| same(other, value)) {
                    let at = format!("{}[{i}]", fields.name_of("values"));
                    return Err(Error::invalid(at, quoted(value), "a value that is not in the list before"));
                }
            }
            Ok(Domain::Choice { values: values.clone() })
        }
        kind @ ("fixed" | "when" | "array") => {
            Err(Error::invalid(name, format!("\"{kind}\""), "uniform, log-uniform, int or choice"))
        }
        other => Err(Error::unknown(&format!("kind of {name}"), other, KINDS)),
    }
}

fn range(fields: &Fields) -> Result<(f64, f64)> {
    let low = fields.number("low", None, "a finite number", |_| true)?;
    let expected = format!("a finite number not below low, which is {low}");
    let high = fields.number("high", None, &expected, |high| high >= low)?;
    if !(high - low).is_finite() {
        return Err(fields.invalid("high", "a range that a double can hold"));
    }
    Ok((low, high))
}

fn stepped(fields: &Fields, low: f64, step: f64, last: f64, whole: bool) -> Result<Domain> {
    if last > MAX_SAFE - 1.0 {
        return Err(fields.invalid("high", "a range of fewer than 2^53 steps"));
    }
    Ok(Domain::Stepped { low, step, count: last as u64 + 1, log: false, whole })
}

/// Indices in an order in which each parameter comes after those that its conditions refer to; otherwise in the given order.
fn ordered(parameters: &[Parameter]) -> Result<Vec<usize>> {
    let mut order = Vec::with_capacity(parameters.len());
    let mut done = vec![false; parameters.len()];
    while order.len() < parameters.len() {
        let before = order.len();
        for (i, parameter) in parameters.iter().enumerate() {
            if !done[i] && parameter.conditions.iter().all(|condition| done[condition.parameter]) {
                done[i] = true;
                order.push(i);
            }
        }
        if order.len() == before {
            let name = done.iter().position(|done| !done).map_or("", |i| &parameters[i].name);
            return Err(Error::invalid(
                full(name),
                "a condition that depends on itself",
                "conditions without a cycle",
            ));
        }
    }
    Ok(order)
}
