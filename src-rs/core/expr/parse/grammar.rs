//! Parses words to trees.
//!
//! ```text
//! expression = conjunction { ("or" | "||") conjunction }
//! conjunction = condition { ("and" | "&&") condition }
//! condition  = { "not" | "!" } comparison
//! comparison = sum [ (">" | ">=" | "<" | "<=" | "==" | "!=") sum ]
//! sum        = product { ("+" | "-") product }
//! product    = sign { ("*" | "/") sign }
//! sign       = { "+" | "-" } power
//! power      = atom [ "^" sign ]
//! atom       = number | name [ "[t]" | "[t-1]" ] | name "(" expression { "," expression } ")" | "(" expression ")"
//! statement  = (name "'" | "d" name "/" "dt" | name "[t]" | name) "=" expression
//!            | name ("+=" | "-=" | "*=" | "/=") expression
//! function   = name "(" name { "," name } ")" "=" expression
//! ```

use super::source::Source;
use super::token::{Token, Word, words};
use super::tree::{BEFORE, Comparison, Expr, Function, Kind, NOW, Statement, Target};
use lapicque_base::error::{Error, Result};

/// Maximum length and nesting depth: sufficient for a neuron's equations, and small enough that no input can exhaust the
/// stack. Integer exponents up to the maximum become products.
const MAX_LENGTH: usize = 10_000;
const MAX_DEPTH: usize = 64;
const MAX_EXPONENT: f64 = 64.0;

const COMPARISONS: &[&str] = &[">", ">=", "<", "<=", "==", "!="];

/// Parses all of `source` as one expression.
pub fn expression(source: &Source) -> Result<Expr> {
    let mut parser = Parser::new(source)?;
    let value = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(value),
        other => Err(parser.fail(format!("expected an operator but got {}", other.describe()))),
    }
}

/// Parses statements, separated by line breaks or semicolons.
pub fn statements(source: &Source) -> Result<Vec<Statement>> {
    Parser::new(source)?.list(Parser::statement)
}

/// Parses definitions of functions.
pub fn functions(source: &Source) -> Result<Vec<Function>> {
    Parser::new(source)?.list(Parser::function)
}

struct Parser<'a> {
    source: &'a Source,
    words: Vec<Word>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn new(source: &'a Source) -> Result<Self> {
        if source.text.chars().count() > MAX_LENGTH {
            return Err(source.fail(0, format!("an equation has at most {MAX_LENGTH} characters")));
        }
        let words = words(&source.text).map_err(|error| source.named(error))?;
        Ok(Parser { source, words, at: 0, depth: 0 })
    }

    fn peek(&self) -> &Token {
        &self.words[self.at].token
    }

    fn after(&self, n: usize) -> &Token {
        &self.words[(self.at + n).min(self.words.len() - 1)].token
    }

    fn position(&self) -> usize {
        self.words[self.at].at
    }

    /// End of the last consumed word.
    fn behind(&self) -> usize {
        self.words[self.at.saturating_sub(1)].end
    }

    fn next(&mut self) -> Token {
        let token = self.words[self.at].token.clone();
        // The end is never consumed.
        self.at = (self.at + 1).min(self.words.len() - 1);
        token
    }

    fn fail(&self, reason: impl Into<String>) -> Error {
        self.source.fail(self.position(), reason)
    }

    /// Consumes one of `signs` if it is next.
    fn take(&mut self, signs: &[&str]) -> Option<&'static str> {
        match *self.peek() {
            Token::Sign(sign) if signs.contains(&sign) => {
                self.next();
                Some(sign)
            }
            _ => None,
        }
    }

    fn take_word(&mut self, word: &str, sign: &str) -> bool {
        let found = match self.peek() {
            Token::Name(name) => name == word,
            Token::Sign(known) => *known == sign,
            _ => false,
        };
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        match self.take(&[sign]) {
            Some(_) => Ok(()),
            None => Err(self.fail(format!("expected \"{sign}\" but got {}", self.peek().describe()))),
        }
    }

    fn name(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Token::Name(name) => {
                let name = name.clone();
                self.next();
                Ok(name)
            }
            other => Err(self.fail(format!("expected {what} but got {}", other.describe()))),
        }
    }

    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        loop {
            while *self.peek() == Token::Break {
                self.next();
            }
            if *self.peek() == Token::End {
                return Ok(items);
            }
            items.push(item(self)?);
            if !matches!(self.peek(), Token::Break | Token::End) {
                let got = self.peek().describe();
                return Err(self.fail(format!("expected an operator or a new line but got {got}")));
            }
        }
    }

    fn statement(&mut self) -> Result<Statement> {
        let at = self.position();
        let mut name = self.name("the name of a variable")?;
        let leibniz = name.len() > 1 && name.starts_with('d') && matches!(self.peek(), Token::Sign("/"));
        let target = if leibniz && matches!(self.after(1), Token::Name(dt) if dt == "dt") {
            self.next();
            self.next();
            name.remove(0);
            self.expect("=")?;
            Target::Derivative
        } else if self.take(&["'"]).is_some() {
            self.expect("=")?;
            Target::Derivative
        } else if matches!(self.peek(), Token::Sign("[")) {
            if !self.index()? {
                return Err(self.source.fail(at, format!("assign to {name}[t]")));
            }
            self.expect("=")?;
            Target::Step
        } else {
            match self.take(&["=", "+=", "-=", "*=", "/="]) {
                Some("=") => Target::Value,
                Some("+=") => Target::Add,
                Some("-=") => Target::Subtract,
                Some("*=") => Target::Multiply,
                Some(_) => Target::Divide,
                None => {
                    let got = self.peek().describe();
                    return Err(self.fail(format!("expected \"=\", \"' =\" or \"[t] =\" but got {got}")));
                }
            }
        };
        Ok(Statement { target, name, at, value: self.expression()? })
    }

    /// `[t]`: true, `[t-1]`: false.
    fn index(&mut self) -> Result<bool> {
        self.expect("[")?;
        let now = matches!((self.peek(), self.after(1)), (Token::Name(t), Token::Sign("]")) if t == "t");
        let before = matches!(
            (self.peek(), self.after(1), self.after(2), self.after(3)),
            (Token::Name(t), Token::Sign("-"), Token::Number(1.0), Token::Sign("]")) if t == "t"
        );
        if !now && !before {
            return Err(self.fail("an index is [t] or [t-1]"));
        }
        (0..if now { 2 } else { 4 }).for_each(|_| drop(self.next()));
        Ok(now)
    }

    fn function(&mut self) -> Result<Function> {
        let name = self.name("the name of a function")?;
        self.expect("(")?;
        let mut args = Vec::new();
        loop {
            let at = self.position();
            let arg = self.name("the name of an argument")?;
            if args.contains(&arg) {
                return Err(self.source.fail(at, format!("the argument {arg} is there twice")));
            }
            args.push(arg);
            if self.take(&[","]).is_none() {
                break;
            }
        }
        self.expect(")")?;
        self.expect("=")?;
        Ok(Function { name, args, body: self.expression()? })
    }

    fn since(&self, at: usize, kind: Kind) -> Expr {
        Expr { kind, at, end: self.behind() }
    }

    fn expression(&mut self) -> Result<Expr> {
        self.enter()?;
        let at = self.position();
        let mut all = vec![self.conjunction()?];
        while self.take_word("or", "||") {
            all.push(self.conjunction()?);
        }
        self.depth -= 1;
        Ok(if all.len() == 1 { all.remove(0) } else { self.since(at, Kind::Or(all)) })
    }

    fn conjunction(&mut self) -> Result<Expr> {
        let at = self.position();
        let mut all = vec![self.condition()?];
        while self.take_word("and", "&&") {
            all.push(self.condition()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { self.since(at, Kind::And(all)) })
    }

    fn condition(&mut self) -> Result<Expr> {
        let at = self.position();
        let (mut opposite, mut any) = (false, false);
        while self.take_word("not", "!") {
            (opposite, any) = (!opposite, true);
        }
        let value = self.comparison()?;
        Ok(match (any, opposite) {
            (false, _) => value,
            (true, true) => self.since(at, Kind::Not(Box::new(value))),
            (true, false) => {
                let inner = self.since(at, Kind::Not(Box::new(value)));
                self.since(at, Kind::Not(Box::new(inner)))
            }
        })
    }

    fn comparison(&mut self) -> Result<Expr> {
        let at = self.position();
        let a = self.sum()?;
        let comparison = match self.take(COMPARISONS) {
            None => return Ok(a),
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::AtLeast,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::AtMost,
            Some("==") => Comparison::Equal,
            Some(_) => Comparison::NotEqual,
        };
        let b = self.sum()?;
        if matches!(self.peek(), Token::Sign(sign) if COMPARISONS.contains(sign)) {
            return Err(self.fail("join comparisons with \"and\""));
        }
        Ok(self.since(at, Kind::Compare(comparison, Box::new(a), Box::new(b))))
    }

    fn sum(&mut self) -> Result<Expr> {
        let at = self.position();
        let mut terms = vec![(false, self.product()?)];
        while let Some(sign) = self.take(&["+", "-"]) {
            terms.push((sign == "-", self.product()?));
        }
        Ok(if terms.len() == 1 { terms.remove(0).1 } else { self.since(at, Kind::Sum(terms)) })
    }

    fn product(&mut self) -> Result<Expr> {
        let at = self.position();
        let mut factors = vec![(false, self.sign()?)];
        while let Some(sign) = self.take(&["*", "/"]) {
            factors.push((sign == "/", self.sign()?));
        }
        Ok(if factors.len() == 1 { factors.remove(0).1 } else { self.since(at, Kind::Product(factors)) })
    }

    fn sign(&mut self) -> Result<Expr> {
        let at = self.position();
        let mut negative = false;
        while let Some(sign) = self.take(&["+", "-"]) {
            negative ^= sign == "-";
        }
        let value = self.power()?;
        Ok(if negative { self.since(at, Kind::Negative(Box::new(value))) } else { value })
    }

    /// Powers are right-associative: `x^y^z` is `x^(y^z)`.
    fn power(&mut self) -> Result<Expr> {
        let at = self.position();
        let base = self.atom()?;
        if self.take(&["^"]).is_none() {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.sign()?;
        self.depth -= 1;
        let base = Box::new(base);
        Ok(match whole_number(&exponent) {
            Some(n) => self.since(at, Kind::Power(base, n)),
            None => self.since(at, Kind::PowerOf(base, Box::new(exponent))),
        })
    }

    /// Enters a nesting level.
    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(self.fail(format!("nested more than {MAX_DEPTH} deep"))),
            false => Ok(()),
        }
    }

    fn atom(&mut self) -> Result<Expr> {
        let at = self.position();
        match self.next() {
            Token::Number(x) => Ok(self.since(at, Kind::Number(x))),
            Token::Sign("(") => {
                let value = self.expression()?;
                self.expect(")")?;
                Ok(Expr { at, end: self.behind(), ..value })
            }
            Token::Name(name) if self.take(&["("]).is_some() => {
                // Without arguments it is not a function here, but its name shows the intention.
                if self.take(&[")"]).is_some() {
                    return Ok(self.since(at, Kind::Call(name, vec![])));
                }
                let mut args = vec![self.expression()?];
                while self.take(&[","]).is_some() {
                    args.push(self.expression()?);
                }
                self.expect(")")?;
                Ok(self.since(at, Kind::Call(name, args)))
            }
            Token::Name(name) if matches!(self.peek(), Token::Sign("[")) => {
                let name = format!("{name}{}", if self.index()? { NOW } else { BEFORE });
                Ok(self.since(at, Kind::Name(name)))
            }
            Token::Name(name) => Ok(self.since(at, Kind::Name(name))),
            other => {
                let reason = format!("expected a number, a name or \"(\" but got {}", other.describe());
                Err(self.source.fail(at, reason))
            }
        }
    }
}

/// The exponent, if it is an integer small enough for a product.
fn whole_number(exponent: &Expr) -> Option<i32> {
    match &exponent.kind {
        Kind::Number(n) if n.fract() == 0.0 && *n <= MAX_EXPONENT => Some(*n as i32),
        Kind::Negative(n) => whole_number(n).map(|n| -n),
        _ => None,
    }
}
