//! Reverse-mode derivatives of a recorded graph: one table, a line per operation.
//!
//! A gradient that is zero is absent, never a folded `0 * x`: absent gradients cost nothing and
//! cannot make a NaN out of an infinity.

use super::graph::{Binary, Op, Sym, Ternary, Unary, push, recording};
use super::lane::Lane;

/// Gradients with respect to the nodes that existed before the reverse pass.
pub struct Gradients(Vec<Option<Sym>>);

impl Gradients {
    pub fn of(&self, x: Sym) -> Option<Sym> {
        self.0.get(x.index()).copied().flatten()
    }

    fn add(&mut self, x: Sym, gradient: Sym) {
        let slot = &mut self.0[x.index()];
        *slot = Some(match *slot {
            Some(sum) => sum + gradient,
            None => gradient,
        });
    }

    /// Adds `gradient * factor`, fused when there is a sum already.
    fn add_product(&mut self, x: Sym, gradient: Sym, factor: Sym) {
        let slot = &mut self.0[x.index()];
        *slot = Some(match *slot {
            Some(sum) => gradient.mul_add(factor, sum),
            None => gradient * factor,
        });
    }
}

/// Differentiates the graph being recorded, extending it.
///
/// `seeds`: nodes with the gradient that arrives at each. `tape`: nodes whose value is at hand, with
/// the input that holds it; nothing below such a node is recomputed for its sake. `surrogate`
/// builds the derivative of a spike with respect to its argument.
pub fn backward(seeds: &[(Sym, Sym)], tape: &[(Sym, Sym)], surrogate: &dyn Fn(Sym) -> Sym) -> Gradients {
    let forward = recording(|graph| graph.nodes().to_vec());
    let value = values(&forward, tape);
    let mut gradients = Gradients(vec![None; forward.len()]);
    for &(node, gradient) in seeds {
        gradients.add(node, gradient);
    }
    for (i, &op) in forward.iter().enumerate().rev() {
        if let Some(gradient) = gradients.0[i] {
            propagate(op, value[i], gradient, &value, &mut gradients, surrogate);
        }
    }
    gradients
}

/// What stands for each forward node's value in the reverse pass.
fn values(forward: &[Op], tape: &[(Sym, Sym)]) -> Vec<Sym> {
    let mut value: Vec<Sym> = Vec::with_capacity(forward.len());
    for (i, &op) in forward.iter().enumerate() {
        let at = |x: Sym| value[x.index()];
        let kept = tape.iter().find(|(node, _)| node.index() == i).map(|&(_, held)| held);
        let stands = kept.unwrap_or_else(|| match op {
            Op::Input(_) | Op::Const(_) => Sym(i as u32),
            Op::Unary(f, a) => push(Op::Unary(f, at(a))),
            Op::Binary(f, a, b) => push(Op::Binary(f, at(a), at(b))),
            Op::Ternary(f, a, b, c) => push(Op::Ternary(f, at(a), at(b), at(c))),
            Op::Spike { x, strict: true } => at(x).greater(Sym::zero()),
            Op::Spike { x, strict: false } => at(x).at_least(Sym::zero()),
            Op::Detach(x) => at(x),
        });
        value.push(stands);
    }
    value
}

/// `y` is the value of `op`, `g` the gradient with respect to it.
fn propagate(op: Op, y: Sym, g: Sym, value: &[Sym], to: &mut Gradients, surrogate: &dyn Fn(Sym) -> Sym) {
    let at = |x: Sym| value[x.index()];
    let zero = Sym::zero;
    match op {
        Op::Input(_) | Op::Const(_) | Op::Detach(_) => {}
        Op::Spike { x, .. } => to.add_product(x, g, surrogate(at(x))),
        Op::Unary(f, a) => match f {
            Unary::Neg => to.add(a, -g),
            Unary::Exp => to.add_product(a, g, y),
            Unary::Ln => to.add(a, g / at(a)),
            Unary::Sqrt => to.add(a, g / (y + y)),
            Unary::Abs => {
                let below = zero().greater(at(a)).select(-g, zero());
                to.add(a, at(a).greater(zero()).select(g, below));
            }
            Unary::Tanh => to.add_product(a, g, y.square().not()),
            Unary::Sigmoid => to.add_product(a, g, y * y.not()),
            Unary::Sin => to.add_product(a, g, at(a).cos()),
            Unary::Cos => to.add_product(a, -g, at(a).sin()),
            Unary::Floor => {}
        },
        Op::Binary(f, a, b) => match f {
            Binary::Add => {
                to.add(a, g);
                to.add(b, g);
            }
            Binary::Sub => {
                to.add(a, g);
                to.add(b, -g);
            }
            Binary::Mul => {
                to.add_product(a, g, at(b));
                to.add_product(b, g, at(a));
            }
            Binary::Div => {
                let scaled = g / at(b);
                to.add(a, scaled);
                to.add_product(b, -scaled, y);
            }
            Binary::Min | Binary::Max => {
                let first = match f {
                    Binary::Min => at(b).at_least(at(a)),
                    _ => at(a).at_least(at(b)),
                };
                to.add(a, first.select(g, zero()));
                to.add(b, first.select(zero(), g));
            }
            Binary::Greater | Binary::AtLeast => {}
        },
        Op::Ternary(f, a, b, c) => match f {
            Ternary::MulAdd => {
                to.add_product(a, g, at(b));
                to.add_product(b, g, at(a));
                to.add(c, g);
            }
            Ternary::Select => {
                to.add_product(a, g, at(b) - at(c));
                to.add(b, at(a).select(g, zero()));
                to.add(c, at(a).select(zero(), g));
            }
        },
    }
}
