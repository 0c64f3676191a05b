//! Divides the statements of a program at its exponential, for steps that compute it in separate loops.
//!
//! A loop body with a division, an exponential and following operations is one long dependency chain. A core looks some
//! hundred operations ahead, which is less than two iterations of such a loop.

use super::graph::Unary;
use super::program::{Node, Program};

pub(super) struct Stages {
    /// The node of the exponential and the node of its argument.
    pub exponential: usize,
    pub exponent: usize,
    /// By node: whether it is computed before the exponential: what the exponent needs, and what follows from that and
    /// precedes the exponential.
    pub before: Vec<bool>,
    /// The nodes among these that are needed afterwards too.
    pub kept: Vec<usize>,
}

impl Stages {
    /// The stages of a program with exactly one exponential. `uniform`: nodes with one value for all elements.
    pub fn of(program: &Program, uniform: &[bool]) -> Option<Stages> {
        let nodes = &program.nodes;
        let mut exponentials = nodes.iter().enumerate().filter_map(|(i, node)| match node {
            Node::Unary(Unary::Exp, of) if !uniform[i] => Some((i, *of)),
            _ => None,
        });
        let (exponential, exponent) = exponentials.next()?;
        let is_argument = |i: usize| matches!(nodes[i], Node::Arg(_));
        if exponentials.next().is_some() || is_argument(exponent) {
            return None;
        }
        let is_varying = |i: usize| !uniform[i] && !is_argument(i);
        let mut before = vec![false; nodes.len()];
        before[exponent] = true;
        let with_what_it_needs = |before: &mut Vec<bool>| {
            for i in (0..exponential).rev().filter(|&i| is_varying(i)) {
                if before[i] {
                    nodes[i].operands().filter(|&x| is_varying(x)).for_each(|x| before[x] = true);
                }
            }
        };
        with_what_it_needs(&mut before);
        for i in (0..exponential).filter(|&i| is_varying(i)) {
            before[i] |= nodes[i].operands().any(|operand| before[operand]);
        }
        with_what_it_needs(&mut before);
        let reads = |user: usize, i: usize| {
            user != exponential && !before[user] && nodes[user].operands().any(|operand| operand == i)
        };
        let is_read = |i: usize| program.results.contains(&i) || (0..nodes.len()).any(|user| reads(user, i));
        let kept = (0..nodes.len()).filter(|&i| before[i] && is_read(i)).collect();
        Some(Stages { exponential, exponent, before, kept })
    }
}
