//! Surrogate derivatives of the spike: what stands for the derivative of the step function at
//! `x = v - vThreshold` when gradients flow backwards.

#[macro_use]
mod row;
mod smooth;

use serde_json::{Map, Value};

use super::names::unknown;
use super::settings::short;
use crate::error::{Error, Result};
use crate::expr::graph::Sym;
use row::Row;

pub use row::SurrogateParam;

/// Every named surrogate.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    smooth::ROWS.iter()
}

/// A surrogate with its parameters.
#[derive(Debug, Clone)]
pub struct Surrogate {
    row: &'static Row,
    values: Vec<f64>,
}

impl Surrogate {
    /// From a description: a name, or an object of the name and parameters. Nothing given: the
    /// preset's, or else atan with alpha 2.
    pub fn resolve(
        spec: Option<&Value>,
        preset: Option<(&'static str, &'static [(&'static str, f64)])>,
    ) -> Result<Surrogate> {
        match spec {
            None | Some(Value::Null) => {
                let (name, params) = preset.unwrap_or(("atan", &[]));
                let params = params.iter().map(|&(name, x)| (name.to_string(), x.into()));
                Self::named(name, &params.collect())
            }
            Some(Value::String(name)) => Self::named(name, &Map::new()),
            Some(Value::Object(object)) => match object.get("name") {
                Some(Value::String(name)) => Self::named(name, object),
                other => {
                    let got = other.map_or("nothing".into(), short);
                    Err(Error::invalid("surrogate", got, "the name of a surrogate"))
                }
            },
            Some(other) => {
                Err(Error::invalid("surrogate", short(other), "the name of a surrogate, or an object"))
            }
        }
    }

    fn named(name: &str, given: &Map<String, Value>) -> Result<Surrogate> {
        let row = rows()
            .find(|row| row.name == name)
            .ok_or_else(|| unknown("surrogate", name, rows().map(|row| row.name)))?;
        for key in given.keys().filter(|key| *key != "name") {
            if !row.params.iter().any(|param| param.name == key) {
                let kind = format!("parameter of surrogate {name}");
                return Err(unknown(&kind, key, row.params.iter().map(|param| param.name)));
            }
        }
        let value = |param: &SurrogateParam| match given.get(param.name) {
            None | Some(Value::Null) => Ok(param.default),
            Some(value) => value
                .as_f64()
                .filter(|&x| param.allows(x))
                .ok_or_else(|| Error::invalid(param.name, short(value), param.expected())),
        };
        Ok(Surrogate { row, values: row.params.iter().map(value).collect::<Result<_>>()? })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.row.params.iter().map(|param| param.name)
    }

    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied()
    }

    /// The derivative at `x`, its parameters being the nodes `params`.
    pub fn derivative(&self, x: Sym, params: &[Sym]) -> Sym {
        (self.row.derivative)(x, params, &self.values)
    }

    pub fn resolved(&self) -> Value {
        let mut object = Map::new();
        object.insert("name".into(), self.row.name.into());
        object.extend(self.names().zip(self.values()).map(|(name, x)| (name.to_string(), Value::from(x))));
        Value::Object(object)
    }
}

/// The derivative of the surrogate `spec` at each of `x`, through the expressions that training uses.
pub fn surrogate_derivative(spec: &Value, x: &[f64]) -> Result<Vec<f64>> {
    use crate::expr::graph::{input, trace};
    let surrogate = Surrogate::resolve(Some(spec), None)?;
    let (graph, derivative) = trace(false, || {
        let params: Vec<Sym> = (0..surrogate.values.len()).map(|i| input(i + 1)).collect();
        surrogate.derivative(input(0), &params)
    });
    let mut inputs: Vec<f64> = std::iter::once(0.0).chain(surrogate.values()).collect();
    let at = |&x: &f64| {
        inputs[0] = x;
        graph.evaluate(&inputs)[derivative.index()]
    };
    Ok(x.iter().map(at).collect())
}

/// The function whose derivative the surrogate `spec` is, at each of `x`, where one is known.
pub fn surrogate_primitive(spec: &Value, x: &[f64]) -> Result<Option<Vec<f64>>> {
    let surrogate = Surrogate::resolve(Some(spec), None)?;
    let primitive = surrogate.row.primitive;
    Ok(primitive.map(|primitive| x.iter().map(|&x| primitive(x, &surrogate.values)).collect()))
}
