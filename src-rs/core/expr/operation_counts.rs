//! Counts the operations of each kind that a program executes per neuron.

use super::graph::Binary;
use super::graph::Unary::{Cos, Exp, Ln, Sigmoid, Sin, Sqrt, Tanh};
use super::program::{Node, Program};

/// Operations of one evaluation for one neuron. Values that are the same for all neurons are computed once and not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OperationCounts {
    /// Multiply-adds, sums, products, comparisons and selections: one instruction each.
    pub arithmetic: usize,
    /// Exponentials, and the functions that contain one: logarithms, tanh, sigmoids, sines and cosines.
    pub exponentials: usize,
    /// Divisions and square roots.
    pub divisions: usize,
}

impl std::ops::Add for OperationCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        OperationCounts {
            arithmetic: self.arithmetic + other.arithmetic,
            exponentials: self.exponentials + other.exponentials,
            divisions: self.divisions + other.divisions,
        }
    }
}

impl Program {
    /// Operations of one evaluation.
    pub fn operation_counts(&self) -> OperationCounts {
        let mut counts = OperationCounts::default();
        let each = self.nodes.iter().zip(self.uniform_nodes(&self.uniform)).filter(|(_, uniform)| !uniform);
        for (&node, _) in each {
            match node {
                Node::Arg(_) | Node::Const(_) => {}
                Node::Unary(Exp | Ln | Tanh | Sigmoid | Sin | Cos, _) => counts.exponentials += 1,
                Node::Unary(Sqrt, _) | Node::Binary(Binary::Div, ..) => counts.divisions += 1,
                Node::Unary(..) | Node::Binary(..) | Node::Ternary(..) => counts.arithmetic += 1,
            }
        }
        counts
    }
}
