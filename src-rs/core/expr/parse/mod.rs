//! Equations as text, parsed straight into the graph that is being recorded.
//!
//! ```text
//! comparison = sum [ (">" | ">=" | "<" | "<=") sum ]
//! sum        = product { ("+" | "-") product }
//! product    = sign { ("*" | "/") sign }
//! sign       = { "+" | "-" } power
//! power      = atom [ "^" [ "-" ] integer ]
//! atom       = number | name | function "(" comparison { "," comparison } ")" | "(" comparison ")"
//! ```

mod token;

use super::graph::Sym;
use super::lane::Lane;
use crate::error::{Error, Result};
use token::{Token, error, tokens};

/// Longest text, deepest nesting and largest exponent: what a neuron's equation may need, and little
/// enough that no input can exhaust the stack.
const MAX_LENGTH: usize = 10_000;
const MAX_DEPTH: usize = 64;
const MAX_EXPONENT: f64 = 64.0;

const FUNCTIONS: &str = "exp, ln, sqrt, abs, min, max, tanh, sigmoid, cos, floor, relu, select, where";

/// Parses `text`; `names` are the values it may refer to, beside `pi`.
///
/// # Errors
/// `equation`, with line and column, for anything that is not an equation over those names.
pub fn parse(text: &str, names: &[(&str, Sym)]) -> Result<Sym> {
    if text.chars().count() > MAX_LENGTH {
        return Err(error(text, 0, format!("an equation has at most {MAX_LENGTH} characters")));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, at: 0, names, depth: 0 };
    let value = parser.comparison()?;
    match parser.peek() {
        Token::End => Ok(value),
        other => Err(parser.fail(format!("expected an operator but got {}", other.describe()))),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, usize)>,
    at: usize,
    names: &'a [(&'a str, Sym)],
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn next(&mut self) -> (Token, usize) {
        let token = self.tokens[self.at].clone();
        // The end stays.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn fail(&self, reason: impl Into<String>) -> Error {
        error(self.text, self.tokens[self.at].1, reason)
    }

    /// Takes one of `signs` if it comes next.
    fn take(&mut self, signs: &[&str]) -> Option<&'static str> {
        match *self.peek() {
            Token::Sign(sign) if signs.contains(&sign) => {
                self.next();
                Some(sign)
            }
            _ => None,
        }
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        match self.take(&[sign]) {
            Some(_) => Ok(()),
            None => Err(self.fail(format!("expected \"{sign}\" but got {}", self.peek().describe()))),
        }
    }

    fn comparison(&mut self) -> Result<Sym> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail(format!("nested more than {MAX_DEPTH} deep")));
        }
        let a = self.sum()?;
        let value = match self.take(&[">", ">=", "<", "<="]) {
            None => a,
            Some(sign) => {
                let b = self.sum()?;
                match sign {
                    ">" => a.greater(b),
                    ">=" => a.at_least(b),
                    "<" => b.greater(a),
                    _ => b.at_least(a),
                }
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn sum(&mut self) -> Result<Sym> {
        let mut value = self.product()?;
        while let Some(sign) = self.take(&["+", "-"]) {
            let next = self.product()?;
            value = if sign == "+" { value + next } else { value - next };
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<Sym> {
        let mut value = self.sign()?;
        while let Some(sign) = self.take(&["*", "/"]) {
            let next = self.sign()?;
            value = if sign == "*" { value * next } else { value / next };
        }
        Ok(value)
    }

    fn sign(&mut self) -> Result<Sym> {
        let mut negative = false;
        while let Some(sign) = self.take(&["+", "-"]) {
            negative ^= sign == "-";
        }
        let value = self.power()?;
        Ok(if negative { -value } else { value })
    }

    fn power(&mut self) -> Result<Sym> {
        let base = self.atom()?;
        if self.take(&["^"]).is_none() {
            return Ok(base);
        }
        let negative = self.take(&["-"]).is_some();
        match *self.peek() {
            Token::Number(n) if n.fract() == 0.0 && n <= MAX_EXPONENT => {
                self.next();
                let power = (1..n as u32).fold(base, |power, _| power * base);
                let power = if n == 0.0 { Sym::one() } else { power };
                Ok(if negative { Sym::one() / power } else { power })
            }
            _ => {
                let reason = format!("an exponent is a whole number of at most {MAX_EXPONENT}");
                Err(self.fail(format!("{reason}; write exp(y * ln(x)) for others")))
            }
        }
    }

    fn atom(&mut self) -> Result<Sym> {
        let (token, place) = self.next();
        match token {
            Token::Number(x) => Ok(Sym::constant(x)),
            Token::Sign("(") => {
                let value = self.comparison()?;
                self.expect(")")?;
                Ok(value)
            }
            Token::Name(name) if self.take(&["("]).is_some() => {
                let mut args = vec![self.comparison()?];
                while self.take(&[","]).is_some() {
                    args.push(self.comparison()?);
                }
                self.expect(")")?;
                call(&name, &args).map_err(|reason| error(self.text, place, reason))
            }
            Token::Name(name) => match self.names.iter().find(|(known, _)| *known == name) {
                Some(&(_, value)) => Ok(value),
                None if name == "pi" => Ok(Sym::constant(std::f64::consts::PI)),
                None => {
                    let known: Vec<&str> = self.names.iter().map(|(known, _)| *known).collect();
                    let reason = format!("unknown name \"{name}\"; known are {}", known.join(", "));
                    Err(error(self.text, place, reason))
                }
            },
            other => {
                let reason = format!("expected a number, a name or \"(\" but got {}", other.describe());
                Err(error(self.text, place, reason))
            }
        }
    }
}

/// A function of the vocabulary, by name.
fn call(name: &str, args: &[Sym]) -> std::result::Result<Sym, String> {
    let takes = |n: &str| Err(format!("{name} takes {n} but got {}", args.len()));
    let one: Option<fn(Sym) -> Sym> = match name {
        "exp" => Some(Lane::exp),
        "ln" => Some(Lane::ln),
        "sqrt" => Some(Lane::sqrt),
        "abs" => Some(Lane::abs),
        "tanh" => Some(Lane::tanh),
        "sigmoid" => Some(Lane::sigmoid),
        "cos" => Some(Lane::cos),
        "floor" => Some(Lane::floor),
        "relu" => Some(|x| x.max(Sym::zero())),
        _ => None,
    };
    match (name, args) {
        (_, &[x]) if one.is_some() => Ok(one.map_or(x, |f| f(x))),
        _ if one.is_some() => takes("one argument"),
        ("min", [first, rest @ ..]) if !rest.is_empty() => Ok(rest.iter().fold(*first, |a, &b| a.min(b))),
        ("max", [first, rest @ ..]) if !rest.is_empty() => Ok(rest.iter().fold(*first, |a, &b| a.max(b))),
        ("min" | "max", _) => takes("at least two arguments"),
        ("select" | "where", &[condition, a, b]) => Ok(condition.select(a, b)),
        ("select" | "where", _) => takes("three arguments"),
        _ => Err(format!("unknown function \"{name}\"; known are {FUNCTIONS}")),
    }
}

#[cfg(test)]
mod tests;
