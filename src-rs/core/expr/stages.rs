//! Which statements of a program stand before its exponential and which after, where a step takes them in loops of their own.
//!
//! A loop's body with a quotient, an exponential and what follows is one chain of operations, each of which waits for the one
//! before. A core looks a hundred and some operations ahead: less than two rounds of such a loop.

use super::graph::Unary;
use super::program::{Node, Program};

pub(super) struct Stages {
    /// The exponential, and what it is of.
    pub exponential: usize,
    pub exponent: usize,
    /// Of each node, whether it is computed before: what the exponent needs, and what follows from that and stands before the
    /// exponential.
    pub before: Vec<bool>,
    /// Of these, what is needed after as well.
    pub kept: Vec<usize>,
}

impl Stages {
    /// Those of a program with one exponential; none for others. `uniform`: nodes with one value for all lanes.
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
