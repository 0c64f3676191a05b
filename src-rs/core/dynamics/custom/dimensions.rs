//! Checks units if they are given. A name without a unit may have any; numbers are dimensionless.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Custom;
use super::update::Form;
use lapicque_base::error::{Error, Result};
use lapicque_expr::parse::{Expr, Kind, Source, Statement, Target, without_index};
use lapicque_expr::unit::Unit;

/// Maximum number of visited expressions: functions that call functions multiply. Larger equations are refused during
/// evaluation.
const MAX_VISITS: usize = 50_000;

/// `None`: unknown, so compatible with everything.
type InferredUnit = Option<Unit>;

pub fn check(custom: &Custom, spec: &Map<String, Value>) -> Result<()> {
    let equations = &custom.equations;
    let params = spec.get("params").and_then(Value::as_object);
    let params = params.into_iter().flat_map(|params| params.keys().map(String::as_str));
    let states = equations.states.iter().map(|state| state.name.as_str());
    let declared: Vec<&str> = states.chain(params).chain(equations.input.names()).collect();
    for name in equations.units.keys() {
        if !declared.contains(&name.as_str()) {
            return Err(Error::unknown("name with a unit", name, declared));
        }
    }
    let mut names: HashMap<&str, InferredUnit> = HashMap::new();
    for name in declared {
        let unit = match equations.units.get(name) {
            Some(unit) => Some(Unit::named(unit).ok_or_else(|| Error::unknown("unit", unit, Unit::names()))?),
            None => None,
        };
        names.insert(name, unit);
    }
    names.insert("dt", Some(Unit::MS));
    names.insert("t", Some(Unit::MS));
    names.insert("pi", Some(Unit::ONE));
    for unit in &custom.units {
        names.insert(unit, Unit::named(unit));
    }
    let noise = match custom.update.form {
        Form::Derivatives => Unit::MS.power(-1).root(),
        _ => Some(Unit::ONE),
    };
    names.extend(custom.update.noise.iter().map(|name| (name.as_str(), noise)));

    let visits = Cell::new(0);
    let source = &custom.update.source;
    for statement in &custom.update.statements {
        let checker = UnitChecker { custom, source, names: &names, args: &[], visits: &visits };
        let unit = checker.statement(statement)?;
        names.entry(&statement.name).or_insert(unit);
    }
    let checker = |source| UnitChecker { custom, source, names: &names, args: &[], visits: &visits };
    if let Some(threshold) = &custom.threshold {
        checker(&threshold.source).unit(&threshold.condition)?;
    }
    for (source, statements) in custom.arrival.iter().chain(&custom.reset) {
        statements.iter().try_for_each(|statement| checker(source).statement(statement).map(drop))?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
struct UnitChecker<'a> {
    custom: &'a Custom,
    source: &'a Source,
    names: &'a HashMap<&'a str, InferredUnit>,
    args: &'a [(&'a str, InferredUnit)],
    visits: &'a Cell<usize>,
}

fn words(unit: Unit) -> String {
    if unit == Unit::ONE { "has no unit".into() } else { format!("is in {unit}") }
}

impl UnitChecker<'_> {
    fn text(self, expr: &Expr) -> String {
        expr.text(&self.source.text)
    }

    /// The unit of the assigned value, which must be that of the state.
    fn statement(self, statement: &Statement) -> Result<InferredUnit> {
        let value = self.unit(&statement.value)?;
        let own = self.names.get(statement.name.as_str()).copied().flatten();
        let expected = match statement.target {
            Target::Derivative => own.map(|unit| unit / Unit::MS),
            Target::Multiply | Target::Divide => Some(Unit::ONE),
            _ => own,
        };
        if let (Some(expected), Some(got)) = (expected, value)
            && expected != got
        {
            let what = match statement.target {
                Target::Derivative => format!("{}' must be in {expected}", statement.name),
                Target::Multiply | Target::Divide => "a factor has no unit".to_string(),
                _ => format!("{} {}", statement.name, words(expected)),
            };
            let reason = format!("{what} but \"{}\" {}", self.text(&statement.value), words(got));
            return Err(self.source.fail(statement.value.at, reason));
        }
        Ok(value)
    }

    /// The common unit of all of these.
    fn agree<'e>(self, all: impl IntoIterator<Item = &'e Expr>) -> Result<InferredUnit> {
        let mut first: Option<(&Expr, Unit)> = None;
        for expr in all {
            match (first, self.unit(expr)?) {
                (Some((before, unit)), Some(own)) if unit != own => {
                    let (a, b) = (self.text(before), self.text(expr));
                    let reason = format!("\"{a}\" {} but \"{b}\" {}", words(unit), words(own));
                    return Err(self.source.fail(expr.at, reason));
                }
                (None, Some(own)) => first = Some((expr, own)),
                _ => {}
            }
        }
        Ok(first.map(|(_, unit)| unit))
    }

    fn unit(self, expr: &Expr) -> Result<InferredUnit> {
        self.visits.set(self.visits.get() + 1);
        if self.visits.get() > MAX_VISITS {
            return Ok(None);
        }
        Ok(match &expr.kind {
            Kind::Number(x) => (*x != 0.0).then_some(Unit::ONE),
            Kind::Name(name) => {
                let (bare, _) = without_index(name);
                let arg = self.args.iter().find(|(known, _)| *known == bare);
                arg.map_or_else(|| self.names.get(bare).copied().flatten(), |&(_, unit)| unit)
            }
            Kind::Negative(x) => self.unit(x)?,
            Kind::Sum(terms) => self.agree(terms.iter().map(|(_, x)| x))?,
            Kind::Product(factors) => {
                let mut product = Some(Unit::ONE);
                for (divides, factor) in factors {
                    let own = self.unit(factor)?;
                    product = product.zip(own).map(|(a, b)| if *divides { a / b } else { a * b });
                }
                product
            }
            Kind::Power(x, n) => self.unit(x)?.map(|unit| unit.power(*n)),
            Kind::PowerOf(x, exponent) => self.power(x, exponent)?,
            Kind::Compare(_, a, b) => {
                self.agree([&**a, &**b])?;
                Some(Unit::ONE)
            }
            Kind::Not(_) | Kind::And(_) | Kind::Or(_) => {
                expr.children().into_iter().try_for_each(|x| self.unit(x).map(drop))?;
                Some(Unit::ONE)
            }
            Kind::Call(name, args) => self.call(name, args)?,
        })
    }

    /// Powers of units must be integers or halves; other exponents require a dimensionless base.
    fn power(self, x: &Expr, exponent: &Expr) -> Result<InferredUnit> {
        self.no_unit("an exponent", exponent)?;
        let half = |expr: &Expr| match &expr.kind {
            Kind::Number(n) => Some(*n),
            Kind::Negative(inner) => match inner.kind {
                Kind::Number(n) => Some(-n),
                _ => None,
            },
            _ => None,
        };
        match half(exponent).map(|n| 2.0 * n).filter(|n| n.fract() == 0.0 && n.abs() <= 128.0) {
            Some(halves) => Ok(self.unit(x)?.and_then(Unit::root).map(|root| root.power(halves as i32))),
            None => self.no_unit("the base of such a power", x),
        }
    }

    /// Checks that something is dimensionless.
    fn no_unit(self, what: &str, expr: &Expr) -> Result<InferredUnit> {
        if let Some(unit) = self.unit(expr)?.filter(|unit| *unit != Unit::ONE) {
            let text = self.text(expr);
            let reason = format!("{what} is a number without a unit but \"{text}\" is in {unit}");
            return Err(self.source.fail(expr.at, reason));
        }
        Ok(Some(Unit::ONE))
    }

    fn call(self, name: &str, args: &[Expr]) -> Result<InferredUnit> {
        if let Some((source, function)) = self.custom.evaluator.function(name) {
            let units = args.iter().map(|arg| self.unit(arg)).collect::<Result<Vec<_>>>()?;
            let args: Vec<_> = function.args.iter().map(String::as_str).zip(units).collect();
            return UnitChecker { source, args: &args, ..self }.unit(&function.body);
        }
        match (name, args) {
            ("where" | "select", [condition, values @ ..]) => {
                self.unit(condition)?;
                self.agree(values)
            }
            ("min" | "max" | "clip" | "abs" | "floor" | "ceil" | "relu", args) => self.agree(args),
            ("sqrt", [x]) => Ok(self.unit(x)?.and_then(Unit::root)),
            ("sign", args) => self.agree(args).map(|_| Some(Unit::ONE)),
            (_, args) => {
                for arg in args {
                    if let Some(unit) = self.unit(arg)?.filter(|unit| *unit != Unit::ONE) {
                        let text = self.text(arg);
                        let reason =
                            format!("{name} takes a number without a unit but \"{text}\" is in {unit}");
                        return Err(self.source.fail(arg.at, reason));
                    }
                }
                Ok(Some(Unit::ONE))
            }
        }
    }
}
