//! The parsed text, before names have values.

/// An expression and the characters it spans.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: Kind,
    pub at: usize,
    pub end: usize,
}

/// Sums and products are lists, so that a tree is never deeper than its parentheses.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Number(f64),
    /// `v`, `v[t]` or `v[t-1]`; the index is part of the name.
    Name(String),
    Negative(Box<Expr>),
    /// Each term, and whether it is subtracted.
    Sum(Vec<(bool, Expr)>),
    /// Each factor, and whether it divides.
    Product(Vec<(bool, Expr)>),
    Power(Box<Expr>, i32),
    /// A power whose exponent is not a small integer.
    PowerOf(Box<Expr>, Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Call(String, Vec<Expr>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Greater,
    AtLeast,
    Less,
    AtMost,
    Equal,
    NotEqual,
}

/// The kind of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `v' = …`
    Derivative,
    /// `v = …`
    Value,
    /// `v[t] = …`
    Step,
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub target: Target,
    pub name: String,
    pub at: usize,
    pub value: Expr,
}

/// `name(args) = body`
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    pub name: String,
    pub args: Vec<String>,
    pub body: Expr,
}

/// The index of a value of this step, and of the step before.
pub const NOW: &str = "[t]";
pub const BEFORE: &str = "[t-1]";

/// A name without its index, and that index.
pub fn without_index(name: &str) -> (&str, Option<&'static str>) {
    let index = [NOW, BEFORE].into_iter().find(|index| name.ends_with(index));
    (index.and_then(|index| name.strip_suffix(index)).unwrap_or(name), index)
}

impl Expr {
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Number(_) | Kind::Name(_) => vec![],
            Kind::Negative(x) | Kind::Not(x) | Kind::Power(x, _) => vec![x],
            Kind::Sum(parts) | Kind::Product(parts) => parts.iter().map(|(_, x)| x).collect(),
            Kind::Compare(_, a, b) | Kind::PowerOf(a, b) => vec![a, b],
            Kind::And(all) | Kind::Or(all) | Kind::Call(_, all) => all.iter().collect(),
        }
    }

    /// Calls `see` with each name, including its index, and its position.
    pub fn names<'e>(&'e self, see: &mut impl FnMut(&'e str, usize)) {
        if let Kind::Name(name) = &self.kind {
            see(name, self.at);
        }
        self.children().into_iter().for_each(|child| child.names(see));
    }

    /// Whether `name` occurs, with or without an index.
    pub fn mentions(&self, name: &str) -> bool {
        let mut found = false;
        self.names(&mut |known, _| found |= without_index(known).0 == name);
        found
    }

    /// Whether the value is 0 or 1.
    pub fn is_condition(&self) -> bool {
        matches!(self.kind, Kind::Compare(..) | Kind::Not(_) | Kind::And(_) | Kind::Or(_))
    }

    /// The part of `text` that this expression spans.
    pub fn text(&self, text: &str) -> String {
        text.chars().skip(self.at).take(self.end - self.at).collect()
    }
}
