//! Surrogate derivatives of the spike: they replace the derivative of the step function at `x = v - vThreshold` in the
//! backward pass.

#[macro_use]
mod row;
mod peculiar;
mod piecewise;
mod smooth;
mod vocabulary;

use serde_json::{Map, Value};

use super::settings::short;
use lapicque_base::error::{Error, Result};
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::parse::{Source, expression, parse};
use row::Row;

pub use row::SurrogateParam;

/// The name of a user-defined derivative.
const EXPRESSION: &str = "expression";

/// All named surrogates.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    smooth::ROWS.iter().chain(piecewise::ROWS).chain(peculiar::ROWS)
}

/// A surrogate with its parameters.
#[derive(Debug, Clone)]
pub struct Surrogate {
    kind: Kind,
    params: Vec<(String, f64)>,
}

#[derive(Debug, Clone)]
enum Kind {
    Row(&'static Row),
    /// A user-defined derivative, an expression in `x` and the parameters.
    Expression(String),
}

impl Surrogate {
    /// From a description: a name, an object of `name` and parameters, or an object of `derivative`, an expression in `x`, and
    /// the constants that it names. Omitted: that of the preset, otherwise atan. Omitted parameters are those of the library
    /// that the neuron is `like`.
    pub fn resolve(
        spec: Option<&Value>,
        preset: Option<(&'static str, &'static [(&'static str, f64)])>,
        like: Option<&str>,
    ) -> Result<Surrogate> {
        match spec {
            None | Some(Value::Null) => {
                let (name, params) = preset.unwrap_or(("atan", &[]));
                let params = params.iter().map(|&(name, x)| (name.to_string(), x.into()));
                Self::named(name, &params.collect(), like)
            }
            Some(Value::String(name)) => Self::named(name, &Map::new(), like),
            Some(Value::Object(object)) => match (object.get("name"), object.get("derivative")) {
                (Some(Value::String(name)), None) => Self::named(name, object, like),
                (Some(Value::String(name)), Some(_)) if name != EXPRESSION => Err(Error::invalid(
                    "surrogate",
                    short(&object["derivative"]),
                    "a name or a derivative, not both",
                )),
                (_, Some(Value::String(text))) => Self::expression(text, object),
                (name, derivative) => {
                    let got = derivative.or(name).map_or("nothing".into(), short);
                    Err(Error::invalid("surrogate", got, "the name of a surrogate, or a derivative as text"))
                }
            },
            Some(other) => {
                Err(Error::invalid("surrogate", short(other), "the name of a surrogate, or an object"))
            }
        }
    }

    fn named(name: &str, given: &Map<String, Value>, like: Option<&str>) -> Result<Surrogate> {
        let row = rows()
            .find(|row| row.name == name)
            .ok_or_else(|| Error::unknown("surrogate", name, rows().map(|row| row.name)))?;
        for key in given.keys().filter(|key| *key != "name") {
            if !row.params.iter().any(|param| param.name == key) {
                let kind = format!("parameter of surrogate {name}");
                return Err(Error::unknown(&kind, key, row.params.iter().map(|param| param.name)));
            }
        }
        let value = |param: &SurrogateParam| match given.get(param.name) {
            None => Ok((param.name.to_string(), row.default_of(param, like))),
            Some(value) => match value.as_f64().filter(|&x| param.allows(x)) {
                Some(x) => Ok((param.name.to_string(), x)),
                None => Err(Error::invalid(format!("{name}.{}", param.name), short(value), param.expected())),
            },
        };
        let params = row.params.iter().map(value).collect::<Result<_>>()?;
        Ok(Surrogate { kind: Kind::Row(row), params })
    }

    fn expression(text: &str, object: &Map<String, Value>) -> Result<Surrogate> {
        let mut params = Vec::new();
        for (name, value) in
            object.iter().filter(|(name, _)| !["name", "derivative"].contains(&name.as_str()))
        {
            let x = value.as_f64().filter(|x| x.is_finite() && name != "x");
            let x = x.ok_or_else(|| Error::invalid(name, short(value), "a constant of the derivative"))?;
            params.push((name.clone(), x));
        }
        // Parsed here once, so that errors are reported when the neuron is described.
        let (_, parsed) = trace(false, || {
            let names = std::iter::once("x").chain(params.iter().map(|(name, _)| name.as_str()));
            let names: Vec<_> = names.enumerate().map(|(i, name)| (name, input(i))).collect();
            parse(text, &names)
        });
        parsed?;
        let source = Source::new("", text);
        let derivative = expression(&source)?;
        if let Some((unused, _)) = params.iter().find(|(name, _)| !derivative.mentions(name)) {
            let expected = "constants that the derivative uses: remove it, or use it";
            return Err(Error::invalid(
                format!("surrogate.{unused}"),
                "a constant that the derivative does not use",
                expected,
            ));
        }
        Ok(Surrogate { kind: Kind::Expression(text.to_string()), params })
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().map(|(name, _)| name.as_str())
    }

    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.params.iter().map(|&(_, x)| x)
    }

    /// The derivative at `x`; its parameters are the nodes `params`.
    pub fn derivative(&self, x: Sym, params: &[Sym]) -> Sym {
        match &self.kind {
            Kind::Row(row) => (row.derivative)(x, params, &self.values().collect::<Vec<_>>()),
            Kind::Expression(text) => {
                let names: Vec<(&str, Sym)> =
                    std::iter::once(("x", x)).chain(self.names().zip(params.iter().copied())).collect();
                parse(text, &names).expect("the text was parsed when the surrogate was described")
            }
        }
    }

    /// Whether the derivative is exactly 0 far enough from the threshold; false for a user-defined one, where it is not
    /// known.
    pub fn vanishes(&self) -> bool {
        match &self.kind {
            Kind::Row(row) => {
                row.vanishes.is_some_and(|vanishes| vanishes(&self.values().collect::<Vec<_>>()))
            }
            Kind::Expression(_) => false,
        }
    }

    pub fn resolved(&self) -> Value {
        let mut object = Map::new();
        match &self.kind {
            Kind::Row(row) => object.insert("name".into(), row.name.into()),
            Kind::Expression(text) => object.insert("derivative".into(), text.as_str().into()),
        };
        object.extend(self.names().zip(self.values()).map(|(name, x)| (name.to_string(), Value::from(x))));
        Value::Object(object)
    }
}

/// The derivative of the surrogate `spec`, of a neuron `like` a library's, at each of `x`, computed by the expressions that
/// training uses.
pub fn surrogate_derivative(spec: &Value, like: Option<&str>, x: &[f64]) -> Result<Vec<f64>> {
    let surrogate = Surrogate::resolve(Some(spec), None, like)?;
    let (graph, derivative) = trace(false, || {
        let params: Vec<Sym> = (0..surrogate.params.len()).map(|i| input(i + 1)).collect();
        surrogate.derivative(input(0), &params)
    });
    let mut inputs: Vec<f64> = std::iter::once(0.0).chain(surrogate.values()).collect();
    let at = |&x: &f64| {
        inputs[0] = x;
        graph.evaluate(&inputs)[derivative.index()]
    };
    Ok(x.iter().map(at).collect())
}

/// The function whose derivative is the surrogate `spec`, at each of `x`, if it is known.
pub fn surrogate_primitive(spec: &Value, like: Option<&str>, x: &[f64]) -> Result<Option<Vec<f64>>> {
    let surrogate = Surrogate::resolve(Some(spec), None, like)?;
    let primitive = match surrogate.kind {
        Kind::Row(row) => row.primitive,
        Kind::Expression(_) => None,
    };
    let values: Vec<f64> = surrogate.values().collect();
    Ok(primitive.map(|primitive| x.iter().map(|&x| primitive(x, &values)).collect()))
}
