//! Finds recorded values that are linear in some variables, and their coefficients.

use super::graph::{Binary, Op, Sym, Ternary, Unary, recording};
use super::scalar::Scalar;

/// `sum of coefs[k] * variables[k], plus rest`; absent terms are zero. Neither coefficients nor rest depend on the variables.
#[derive(Debug, Clone)]
pub struct Affine {
    pub coefs: Vec<Option<Sym>>,
    pub rest: Option<Sym>,
}

#[derive(Debug, Clone)]
enum Form {
    /// Does not depend on the variables.
    Free,
    Affine(Affine),
    Other,
}

/// The affine form of each of `values`, nodes of the graph being recorded, which is extended; `None` for a value that is not
/// linear in `variables`. Nodes in `constants` are treated as constants, whatever they depend on.
pub fn affine(values: &[Sym], variables: &[Sym], constants: &[Sym]) -> Vec<Option<Affine>> {
    let nodes = recording(|graph| graph.nodes().to_vec());
    let count = variables.len();
    let mut forms: Vec<Form> = Vec::with_capacity(nodes.len());
    for (i, &op) in nodes.iter().enumerate() {
        let own = Sym(i as u32);
        let form = match variables.iter().position(|&variable| variable == own) {
            Some(k) => {
                let mut coefs = vec![None; count];
                coefs[k] = Some(Sym::one());
                Form::Affine(Affine { coefs, rest: None })
            }
            None if constants.contains(&own) => Form::Free,
            None => form(op, &forms, count),
        };
        forms.push(form);
    }
    let of = |&value: &Sym| view(value, &forms, count);
    values.iter().map(of).collect()
}

/// A node as an affine form; a node that does not depend on the variables is its own rest.
fn view(x: Sym, forms: &[Form], count: usize) -> Option<Affine> {
    match &forms[x.index()] {
        Form::Free => {
            let zero = recording(|graph| graph.constant_of(x)) == Some(0.0);
            Some(Affine { coefs: vec![None; count], rest: (!zero).then_some(x) })
        }
        Form::Affine(affine) => Some(affine.clone()),
        Form::Other => None,
    }
}

fn form(op: Op, forms: &[Form], count: usize) -> Form {
    let mut free = true;
    op.operands(|x| free &= matches!(forms[x.index()], Form::Free));
    if free {
        return Form::Free;
    }
    let is_free = |x: Sym| matches!(forms[x.index()], Form::Free);
    let view = |x: Sym| view(x, forms, count);
    let found = match op {
        Op::Unary(Unary::Neg, a) => view(a).map(|a| a.map(|x| -x)),
        Op::Binary(Binary::Add, a, b) => view(a).zip(view(b)).map(|(a, b)| a.join(&b, |a, b| a + b, |b| b)),
        Op::Binary(Binary::Sub, a, b) => view(a).zip(view(b)).map(|(a, b)| a.join(&b, |a, b| a - b, |b| -b)),
        Op::Binary(Binary::Mul, a, b) if is_free(a) => view(b).map(|b| b.map(|x| a * x)),
        Op::Binary(Binary::Mul, a, b) if is_free(b) => view(a).map(|a| a.map(|x| x * b)),
        Op::Binary(Binary::Div, a, b) if is_free(b) => view(a).map(|a| a.map(|x| x / b)),
        Op::Ternary(Ternary::MulAdd, a, b, c) if is_free(a) || is_free(b) => {
            let product = if is_free(a) {
                view(b).map(|b| b.map(|x| a * x))
            } else {
                view(a).map(|a| a.map(|x| x * b))
            };
            product.zip(view(c)).map(|(p, c)| p.join(&c, |a, b| a + b, |b| b))
        }
        Op::Ternary(Ternary::Select, condition, a, b) if is_free(condition) => {
            view(a).zip(view(b)).map(|(a, b)| a.select(&b, condition))
        }
        _ => None,
    };
    found.map_or(Form::Other, Form::Affine)
}

impl Affine {
    fn map(&self, f: impl Fn(Sym) -> Sym) -> Affine {
        Affine { coefs: self.coefs.iter().map(|x| x.map(&f)).collect(), rest: self.rest.map(&f) }
    }

    /// Combines two forms term by term: `both` if both have the term, `second` if only `other` has it.
    fn join(&self, other: &Affine, both: impl Fn(Sym, Sym) -> Sym, second: impl Fn(Sym) -> Sym) -> Affine {
        let one = |a: Option<Sym>, b: Option<Sym>| match (a, b) {
            (Some(a), Some(b)) => Some(both(a, b)),
            (Some(a), None) => Some(a),
            (None, b) => b.map(&second),
        };
        let coefs = self.coefs.iter().zip(&other.coefs).map(|(&a, &b)| one(a, b)).collect();
        Affine { coefs, rest: one(self.rest, other.rest) }
    }

    fn select(&self, other: &Affine, condition: Sym) -> Affine {
        let one = |a: Option<Sym>, b: Option<Sym>| match (a, b) {
            (None, None) => None,
            _ => Some(condition.select(a.unwrap_or_else(Sym::zero), b.unwrap_or_else(Sym::zero))),
        };
        let coefs = self.coefs.iter().zip(&other.coefs).map(|(&a, &b)| one(a, b)).collect();
        Affine { coefs, rest: one(self.rest, other.rest) }
    }
}
