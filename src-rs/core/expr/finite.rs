//! Finds values of a graph that are finite whenever its inputs are, as far as a cheap analysis can tell.

use super::graph::{Binary, Op, Sym, Ternary, Unary, recording};

/// Products of more inputs than this may overflow in `f32`.
const MOST: u32 = 4;

/// Extended while the graph is recorded.
#[derive(Default)]
pub(super) struct Finite {
    /// By node: the maximum number of inputs in a product that it is; `None` if it may not be finite.
    degrees: Vec<Option<u32>>,
}

impl Finite {
    pub fn is(&mut self, x: Sym) -> bool {
        recording(|graph| {
            for &op in &graph.nodes()[self.degrees.len()..] {
                let degree = self.degree(op).filter(|&degree| degree <= MOST);
                self.degrees.push(degree);
            }
        });
        self.degrees[x.index()].is_some()
    }

    fn degree(&self, op: Op) -> Option<u32> {
        let at = |x: Sym| self.degrees[x.index()];
        let larger = |a: Sym, b: Sym| Some(at(a)?.max(at(b)?));
        match op {
            Op::Input(_) => Some(1),
            Op::Const(bits) => f64::from_bits(bits).is_finite().then_some(0),
            Op::Spike { .. } | Op::Binary(Binary::Greater | Binary::AtLeast, ..) => Some(0),
            Op::Unary(f, a) => match f {
                Unary::Exp | Unary::Ln | Unary::Sqrt => None,
                Unary::Neg | Unary::Abs | Unary::Floor => at(a),
                Unary::Tanh | Unary::Sigmoid | Unary::Sin | Unary::Cos => at(a).map(|_| 0),
            },
            Op::Detach(a) => at(a),
            Op::Binary(Binary::Mul, a, b) => Some(at(a)? + at(b)?),
            Op::Binary(Binary::Div, ..) => None,
            Op::Binary(Binary::Add | Binary::Sub | Binary::Min | Binary::Max, a, b) => larger(a, b),
            Op::Ternary(Ternary::MulAdd, a, b, c) => Some((at(a)? + at(b)?).max(at(c)?)),
            Op::Ternary(Ternary::Select, _, a, b) => larger(a, b),
        }
    }
}
