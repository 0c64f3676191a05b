//! Reverse-mode derivatives of a recorded graph: one table with a line per operation.
//!
//! A gradient that is zero is absent, never a folded `0 * x`: absent gradients cost nothing and cannot make a NaN out of an
//! infinity. The same holds for branches that are not taken: see [`Gradient`].

use super::finite::Finite;
use super::graph::{Binary, Op, Sym, Ternary, Unary, push, recording};
use super::scalar::Scalar;

/// Gradients with respect to the nodes that existed before the reverse pass.
pub struct Gradients {
    of: Vec<Option<Gradient>>,
    finite: Finite,
}

/// A gradient during the reverse pass. `chosen`: it is 0 in elements where another branch was taken. A branch that is
/// not taken may have no finite derivative (the root of a negative number); it contributes exactly 0, not 0 times
/// infinity.
#[derive(Clone, Copy)]
struct Gradient {
    value: Sym,
    chosen: bool,
}

impl Gradients {
    pub fn of(&self, x: Sym) -> Option<Sym> {
        self.of.get(x.index()).copied().flatten().map(|gradient| gradient.value)
    }

    fn add(&mut self, x: Sym, Gradient { value, chosen }: Gradient) {
        let slot = &mut self.of[x.index()];
        *slot = Some(match *slot {
            Some(sum) => Gradient { value: sum.value + value, chosen: sum.chosen | chosen },
            None => Gradient { value, chosen },
        });
    }

    /// Adds `gradient * factor`, as a fused multiply-add if there is a sum already.
    fn add_product(&mut self, x: Sym, gradient: Gradient, factor: Sym) {
        let Gradient { value, chosen } = gradient;
        let is_guarded = chosen && !self.finite.is(factor);
        let slot = &mut self.of[x.index()];
        *slot = Some(match *slot {
            Some(sum) => {
                let added = value.mul_add(factor, sum.value);
                let value = if is_guarded { choose(value, added, sum.value) } else { added };
                Gradient { value, chosen: sum.chosen | chosen }
            }
            None => {
                let product = value * factor;
                let value = if is_guarded { choose(value, product, Sym::zero()) } else { product };
                Gradient { value, chosen }
            }
        });
    }
}

impl Gradient {
    fn map(self, f: impl FnOnce(Sym) -> Sym) -> Gradient {
        Gradient { value: f(self.value), chosen: self.chosen }
    }

    /// The gradient divided by something that may be 0.
    fn over(self, divisor: Sym) -> Gradient {
        self.map(|g| if self.chosen { choose(g, g / divisor, Sym::zero()) } else { g / divisor })
    }

    /// The gradient where `condition` holds; 0 elsewhere.
    fn only(self, condition: Sym) -> Gradient {
        Gradient { value: choose(condition, self.value, Sym::zero()), chosen: true }
    }

    /// The gradient where `condition` does not hold; 0 elsewhere.
    fn unless(self, condition: Sym) -> Gradient {
        Gradient { value: choose(condition, Sym::zero(), self.value), chosen: true }
    }
}

/// A selection, also if spikes are smoothed.
fn choose(condition: Sym, a: Sym, b: Sym) -> Sym {
    push(Op::Ternary(Ternary::Select, condition, a, b))
}

/// Differentiates the graph being recorded, extending it.
///
/// `seeds`: nodes with the gradient that they receive. `tape`: nodes whose value is stored, with the input that holds it;
/// nothing below such a node is recomputed for it. `surrogate` builds the derivative of a spike with respect to its argument.
pub fn backward(seeds: &[(Sym, Sym)], tape: &[(Sym, Sym)], surrogate: &dyn Fn(Sym) -> Sym) -> Gradients {
    let forward = recording(|graph| graph.nodes().to_vec());
    let value = values(&forward, tape);
    let mut gradients = Gradients { of: vec![None; forward.len()], finite: Finite::default() };
    for &(node, value) in seeds {
        gradients.add(node, Gradient { value, chosen: false });
    }
    for (i, &op) in forward.iter().enumerate().rev() {
        if let Some(gradient) = gradients.of[i] {
            propagate(op, value[i], gradient, &value, &mut gradients, surrogate);
        }
    }
    gradients
}

/// The value of each forward node in the reverse pass.
fn values(forward: &[Op], tape: &[(Sym, Sym)]) -> Vec<Sym> {
    let mut value: Vec<Sym> = Vec::with_capacity(forward.len());
    for (i, &op) in forward.iter().enumerate() {
        let at = |x: Sym| value[x.index()];
        let kept = tape.iter().find(|(node, _)| node.index() == i).map(|&(_, value)| value);
        let node = kept.unwrap_or_else(|| match op {
            Op::Input(_) | Op::Const(_) => Sym(i as u32),
            Op::Unary(f, a) => push(Op::Unary(f, at(a))),
            Op::Binary(f, a, b) => push(Op::Binary(f, at(a), at(b))),
            Op::Ternary(f, a, b, c) => push(Op::Ternary(f, at(a), at(b), at(c))),
            Op::Spike { x, strict: true } => at(x).greater(Sym::zero()),
            Op::Spike { x, strict: false } => at(x).at_least(Sym::zero()),
            Op::Detach(x) => at(x),
        });
        value.push(node);
    }
    value
}

/// `y` is the value of `op`, `g` the gradient with respect to it.
fn propagate(op: Op, y: Sym, g: Gradient, value: &[Sym], to: &mut Gradients, surrogate: &dyn Fn(Sym) -> Sym) {
    let at = |x: Sym| value[x.index()];
    let minus = |g: Gradient| g.map(|g| -g);
    match op {
        Op::Input(_) | Op::Const(_) | Op::Detach(_) => {}
        Op::Spike { x, .. } => to.add_product(x, g, surrogate(at(x))),
        Op::Unary(f, a) => match f {
            Unary::Neg => to.add(a, minus(g)),
            Unary::Exp => to.add_product(a, g, y),
            Unary::Ln => to.add(a, g.over(at(a))),
            Unary::Sqrt => to.add(a, g.over(y + y)),
            Unary::Abs => {
                let below = choose(Sym::zero().greater(at(a)), -g.value, Sym::zero());
                let value = choose(at(a).greater(Sym::zero()), g.value, below);
                to.add(a, Gradient { value, chosen: true });
            }
            Unary::Tanh => to.add_product(a, g, y.square().not()),
            Unary::Sigmoid => to.add_product(a, g, y * y.not()),
            Unary::Sin => to.add_product(a, g, at(a).cos()),
            Unary::Cos => to.add_product(a, minus(g), at(a).sin()),
            Unary::Floor => {}
        },
        Op::Binary(f, a, b) => match f {
            Binary::Add => {
                to.add(a, g);
                to.add(b, g);
            }
            Binary::Sub => {
                to.add(a, g);
                to.add(b, minus(g));
            }
            Binary::Mul => {
                to.add_product(a, g, at(b));
                to.add_product(b, g, at(a));
            }
            Binary::Div => {
                let scaled = g.over(at(b));
                to.add(a, scaled);
                to.add_product(b, minus(scaled), y);
            }
            Binary::Min | Binary::Max => {
                // As the operations themselves select: the first operand if the second is NaN.
                let second = match f {
                    Binary::Min => at(a).greater(at(b)),
                    _ => at(b).greater(at(a)),
                };
                to.add(a, g.unless(second));
                to.add(b, g.only(second));
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
                to.add(b, g.only(at(a)));
                to.add(c, g.unless(at(a)));
            }
        },
    }
}
