//! Evaluates trees. Sums are computed from left to right, and a product that is added to a sum is added with one rounding
//! (`mul_add`), so `beta * v + i` gives the same bits as a built-in neuron.

use std::cell::Cell;

use super::hints;
use super::power;
use super::source::Source;
use super::tree::{Comparison, Expr, Function, Kind, without_index};
use crate::graph::Sym;
use crate::scalar::Scalar;
use lapicque_base::error::{Error, Result};
use lapicque_base::nearest::{near, truncated};

/// Maximum number of operations of a neuron's texts: functions that call functions multiply.
const MAX_OPERATIONS: usize = 50_000;

/// Names that a text may refer to, with their values.
type Names<'n> = [(&'n str, Sym)];

/// Evaluates trees.
#[derive(Default)]
pub struct Evaluator {
    /// A function may call the functions before it.
    functions: Vec<(Source, Function)>,
    operations: Cell<usize>,
}

impl Evaluator {
    pub fn new(source: &Source, functions: Vec<Function>) -> Self {
        let functions = functions.into_iter().map(|function| (source.clone(), function)).collect();
        Evaluator { functions, operations: Cell::default() }
    }

    /// The bodies of the functions.
    pub fn bodies(&self) -> impl Iterator<Item = &Expr> {
        self.functions.iter().map(|(_, function)| &function.body)
    }

    /// Whether a function reads a name that is not one of its arguments.
    pub fn reads_global(&self, name: &str) -> bool {
        let reads = |f: &Function| f.body.mentions(name) && !f.args.iter().any(|arg| arg == name);
        self.functions.iter().any(|(_, function)| reads(function))
    }

    /// The user-defined function with this name, and its text.
    pub fn function(&self, name: &str) -> Option<(&Source, &Function)> {
        self.functions.iter().find(|(_, f)| f.name == name).map(|(source, function)| (source, function))
    }

    /// The value of `expr`, which is part of `source`.
    pub fn value(&self, source: &Source, expr: &Expr, names: &Names) -> Result<Sym> {
        self.at(source, names).value(expr)
    }

    /// The difference `a - b` of a comparison `a > b`, and whether the comparison is strict.
    pub fn difference(
        &self,
        source: &Source,
        (comparison, a, b): (Comparison, &Expr, &Expr),
        names: &Names,
    ) -> Result<(Sym, bool)> {
        let (a, b) = (self.value(source, a, names)?, self.value(source, b, names)?);
        Ok(match comparison {
            Comparison::Less | Comparison::AtMost => (b - a, comparison == Comparison::Less),
            _ => (a - b, comparison == Comparison::Greater),
        })
    }

    /// The value of a condition: 0 or 1, without a gradient.
    pub fn condition(&self, source: &Source, expr: &Expr, names: &Names) -> Result<Sym> {
        self.at(source, names).condition(expr)
    }

    fn at<'a>(&'a self, source: &'a Source, globals: &'a Names<'a>) -> At<'a> {
        At { evaluator: self, source, globals, args: &[], functions: self.functions.len() }
    }
}

/// A term of a sum: a product is postponed, so that it can be added with one rounding.
#[derive(Clone, Copy)]
enum Part {
    Product(Sym, Sym),
    Value(Sym),
}

impl Part {
    fn value(self) -> Sym {
        match self {
            Part::Product(a, b) => a * b,
            Part::Value(x) => x,
        }
    }
}

/// A text, its names, and the number of functions that it may call.
#[derive(Clone, Copy)]
struct At<'a> {
    evaluator: &'a Evaluator,
    source: &'a Source,
    /// Names that every function sees.
    globals: &'a Names<'a>,
    /// The arguments of the function that is being evaluated.
    args: &'a Names<'a>,
    functions: usize,
}

impl<'a> At<'a> {
    /// The names that a text may use here, without an index.
    fn known(self) -> Vec<&'a str> {
        let names = self.args.iter().chain(self.globals).map(|&(known, _)| known);
        names.filter(|name| without_index(name).1.is_none()).collect()
    }

    fn value(self, expr: &Expr) -> Result<Sym> {
        let done = self.evaluator.operations.get() + 1;
        self.evaluator.operations.set(done);
        if done > MAX_OPERATIONS {
            let reason = format!("the equations come to more than {MAX_OPERATIONS} operations");
            return Err(self.source.fail(expr.at, reason));
        }
        match &expr.kind {
            Kind::Number(x) => Ok(Sym::constant(*x)),
            Kind::Name(name) => self.named(name, expr.at),
            Kind::Negative(x) => Ok(-self.value(x)?),
            Kind::Sum(terms) => self.sum(terms),
            Kind::Product(factors) => self.product(factors),
            Kind::Power(base, exponent) => Ok(power::whole(self.value(base)?, *exponent)),
            Kind::PowerOf(base, exponent) => Ok(power::power(self.value(base)?, self.value(exponent)?)),
            Kind::Compare(comparison, a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                let equal = || a.at_least(b) * b.at_least(a);
                Ok(match comparison {
                    Comparison::Greater => a.greater(b),
                    Comparison::AtLeast => a.at_least(b),
                    Comparison::Less => b.greater(a),
                    Comparison::AtMost => b.at_least(a),
                    Comparison::Equal => equal(),
                    Comparison::NotEqual => equal().not(),
                })
            }
            Kind::Not(x) => Ok(self.condition(x)?.not()),
            Kind::And(all) => self.join(all, |a, b| a * b),
            Kind::Or(all) => self.join(all, Scalar::max),
            Kind::Call(name, args) => self.call(name, args, expr.at),
        }
    }

    fn named(self, name: &str, at: usize) -> Result<Sym> {
        let names = || self.args.iter().chain(self.globals);
        match names().find(|(known, _)| *known == name) {
            Some(&(_, value)) => Ok(value),
            None if name == "pi" => Ok(Sym::constant(std::f64::consts::PI)),
            None if hints::name(name, &self.known()).is_some() => Err(self.unit(name, at)),
            None => {
                let known = self.known();
                if let (bare, Some(index)) = without_index(name)
                    && known.contains(&bare)
                {
                    return Err(self.source.fail(at, self.no_index(bare, index)));
                }
                let close = near(name, known.iter().copied());
                let close = match name {
                    // An event of a synapse, not a step.
                    "t" if known.contains(&"elapsed") => {
                        "a rule has no time t, but elapsed is that since its last event. ".into()
                    }
                    _ => close.map_or(String::new(), |close| format!("did you mean \"{close}\"? ")),
                };
                let more = format!("{close}known are {}", known.join(", "));
                Err(self.source.fail(at, format!("unknown name \"{}\"; {more}", truncated(name))))
            }
        }
    }

    /// Why a known name has no index here.
    fn no_index(self, name: &str, index: &str) -> String {
        let with_index = self.globals.iter().map(|(known, _)| *known).filter(|known| known.ends_with(index));
        let with_index: Vec<&str> = with_index.collect();
        match with_index.is_empty() {
            true => format!(
                "{name}{index} has no value here: write {name}. An index belongs to difference equations of a neuron \
                 (v[t] = beta*v[t-1] + i[t]), and [t-1] also to its spike, reset and arrival"
            ),
            false => format!(
                "{name}{index} has no value, but {} do: write {name}, or make it a state",
                with_index.join(", ")
            ),
        }
    }

    /// The error for the name of a unit that is not allowed here.
    fn unit(self, name: &str, at: usize) -> Error {
        let known = self.known();
        let hint = hints::name(name, &known).unwrap_or_default();
        self.source.fail(at, format!("unknown name \"{name}\"; {hint}; known are {}", known.join(", ")))
    }

    fn sum(self, terms: &[(bool, Expr)]) -> Result<Sym> {
        let mut sum: Option<Part> = None;
        for (subtracted, term) in terms {
            let next = self.part(term)?;
            sum = Some(match (sum, next) {
                (None, next) => next,
                (Some(sum), next) if *subtracted => Part::Value(sum.value() - next.value()),
                (Some(Part::Product(a, b)), Part::Value(x)) => Part::Value(a.mul_add(b, x)),
                (Some(sum), Part::Product(a, b)) => Part::Value(a.mul_add(b, sum.value())),
                (Some(sum), Part::Value(x)) => Part::Value(sum.value() + x),
            });
        }
        Ok(sum.map_or_else(Sym::zero, Part::value))
    }

    fn part(self, term: &Expr) -> Result<Part> {
        match &term.kind {
            Kind::Product(factors) => match factors.split_last() {
                Some(((false, last), before)) => Ok(Part::Product(self.product(before)?, self.value(last)?)),
                _ => self.value(term).map(Part::Value),
            },
            _ => self.value(term).map(Part::Value),
        }
    }

    fn product(self, factors: &[(bool, Expr)]) -> Result<Sym> {
        let mut product: Option<Sym> = None;
        for (divides, factor) in factors {
            let x = self.value(factor)?;
            product = Some(match product {
                None => x,
                Some(value) if *divides => value / x,
                Some(value) => value * x,
            });
        }
        Ok(product.unwrap_or_else(Sym::one))
    }

    fn condition(self, expr: &Expr) -> Result<Sym> {
        let value = self.value(expr)?.detach();
        Ok(if expr.is_condition() { value } else { value.select(Sym::one(), Sym::zero()) })
    }

    fn join(self, all: &[Expr], join: impl Fn(Sym, Sym) -> Sym) -> Result<Sym> {
        let mut joined: Option<Sym> = None;
        for expr in all {
            let value = self.condition(expr)?;
            joined = Some(joined.map_or(value, |before| join(before, value)));
        }
        Ok(joined.unwrap_or_else(Sym::one))
    }

    fn call(self, name: &str, args: &[Expr], at: usize) -> Result<Sym> {
        let fail = |reason: String| self.source.fail(at, reason);
        let own = self.evaluator.functions[..self.functions].iter().rposition(|(_, f)| f.name == name);
        if let Some(i) = own {
            let (source, function) = &self.evaluator.functions[i];
            if function.args.len() != args.len() {
                return Err(fail(arity(name, function.args.len(), args.len())));
            }
            let args = (function.args.iter().zip(args))
                .map(|(arg, value)| Ok((arg.as_str(), self.value(value)?)))
                .collect::<Result<Vec<_>>>()?;
            return At { source, args: &args, functions: i, ..self }.value(&function.body);
        }
        if let ("where" | "select", [condition, a, b]) = (name, args) {
            return Ok(self.condition(condition)?.select(self.value(a)?, self.value(b)?));
        }
        if let Some(hint) = hints::function(name, &self.known()).filter(|_| !is_built_in(name)) {
            return Err(fail(format!("unknown function \"{name}\"; {hint}")));
        }
        let values = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>>>()?;
        built_in(name, &values).map_err(|reason| {
            let own = self.evaluator.functions[..self.functions].iter().map(|(_, f)| f.name.as_str());
            let known = FUNCTIONS.iter().map(|(known, _)| *known).chain(own);
            match near(name, known.clone()) {
                Some(close) if !known.clone().any(|known| known == name) => {
                    fail(format!("unknown function \"{name}\"; did you mean \"{close}\"?"))
                }
                _ => fail(reason),
            }
        })
    }
}

/// The built-in functions and their numbers of arguments; `0` means two or more.
const FUNCTIONS: &[(&str, usize)] = &[
    ("exp", 1),
    ("ln", 1),
    ("log", 1),
    ("sqrt", 1),
    ("abs", 1),
    ("tanh", 1),
    ("sigmoid", 1),
    ("sin", 1),
    ("cos", 1),
    ("floor", 1),
    ("ceil", 1),
    ("sign", 1),
    ("relu", 1),
    ("exprel", 1),
    ("min", 0),
    ("max", 0),
    ("clip", 3),
    ("select", 3),
    ("where", 3),
];

pub fn is_built_in(name: &str) -> bool {
    FUNCTIONS.iter().any(|(known, _)| *known == name)
}

fn arity(name: &str, takes: usize, got: usize) -> String {
    let takes = match takes {
        0 => "at least two arguments".to_string(),
        1 => "one argument".to_string(),
        2 => "two arguments".to_string(),
        3 => "three arguments".to_string(),
        n => format!("{n} arguments"),
    };
    format!("{name} takes {takes} but got {got}")
}

/// A built-in function by name.
pub fn built_in(name: &str, args: &[Sym]) -> std::result::Result<Sym, String> {
    let takes = FUNCTIONS.iter().find(|(known, _)| *known == name).map(|&(_, takes)| takes);
    Ok(match (name, args) {
        ("exp", &[x]) => x.exp(),
        ("ln" | "log", &[x]) => x.ln(),
        ("sqrt", &[x]) => x.sqrt(),
        ("abs", &[x]) => x.abs(),
        ("tanh", &[x]) => x.tanh(),
        ("sigmoid", &[x]) => x.sigmoid(),
        ("sin", &[x]) => x.sin(),
        ("cos", &[x]) => x.cos(),
        ("floor", &[x]) => x.floor(),
        ("ceil", &[x]) => -(-x).floor(),
        ("sign", &[x]) => x.greater(Sym::zero()) - Sym::zero().greater(x),
        ("relu", &[x]) => x.max(Sym::zero()),
        ("exprel", &[x]) => x.exprel(),
        ("clip", &[x, low, high]) => x.max(low).min(high),
        ("min", [first, rest @ ..]) if !rest.is_empty() => rest.iter().fold(*first, |a, &b| a.min(b)),
        ("max", [first, rest @ ..]) if !rest.is_empty() => rest.iter().fold(*first, |a, &b| a.max(b)),
        ("select" | "where", &[condition, a, b]) => condition.detach().select(a, b),
        _ => match takes {
            Some(takes) => return Err(arity(name, takes, args.len())),
            None => {
                let known: Vec<&str> = FUNCTIONS.iter().map(|(known, _)| *known).collect();
                return Err(format!("unknown function \"{name}\"; known are {}", known.join(", ")));
            }
        },
    })
}
