//! Finds nodes of a program that matter only where a condition holds, or only where it does not: nodes that are read only by
//! one side of selections by it. In a block in which no element takes that side they need not be computed. This makes spikes
//! cheap, because few neurons fire in a step, and fewer in a sub-step.

use std::collections::HashMap;

use super::graph::{Binary, Ternary, Unary};
use super::program::{Node, Program};

/// One side of the selections by a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Branch {
    /// The node of the condition, which differs between elements.
    pub condition: usize,
    /// Whether the side is taken where the condition holds.
    pub holds: bool,
}

/// Nodes in an order in which they may be computed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Node(usize),
    /// Nodes that can be skipped in a block in which no element takes the branch.
    Branch(Branch, Vec<usize>),
}

#[derive(Clone, Copy, PartialEq)]
enum Read {
    Nowhere,
    In(Branch),
    Anywhere,
}

/// Maximum cost of testing a condition, in additions and multiplications.
const WORTHWHILE: usize = 5;

/// The nodes of a program in execution order; those of a branch are postponed until they are needed. `uniform`: nodes with one
/// value for all elements.
pub(super) fn order(program: &Program, uniform: &[bool]) -> Vec<Part> {
    let read = reads(program, uniform);
    let mut parts = Vec::with_capacity(program.nodes.len());
    let mut postponed: HashMap<Branch, Vec<usize>> = HashMap::new();
    for (i, node) in program.nodes.iter().enumerate() {
        match read[i] {
            Read::In(branch) if !uniform[i] && !matches!(node, Node::Arg(_)) => {
                postponed.entry(branch).or_default().push(i)
            }
            _ => {
                // Everything that a branch reads from other nodes precedes it in the program, so it has been computed.
                for operand in node.operands().filter(|&operand| !uniform[operand]) {
                    let Read::In(branch) = read[operand] else { continue };
                    let Some(nodes) = postponed.remove(&branch) else { continue };
                    if nodes.iter().map(|&node| cost(program.nodes[node])).sum::<usize>() < WORTHWHILE {
                        parts.extend(nodes.into_iter().map(Part::Node));
                    } else {
                        parts.push(Part::Branch(branch, nodes));
                    }
                }
                parts.push(Part::Node(i));
            }
        }
    }
    parts
}

/// The branch with the highest cost, if that is at least `least` additions and multiplications; and for each node whether it
/// is part of it.
pub(super) fn most_expensive(
    program: &Program,
    uniform: &[bool],
    least: usize,
) -> Option<(Branch, Vec<bool>)> {
    let read = reads(program, uniform);
    let mut costs: Vec<(Branch, usize)> = vec![];
    for (i, &node) in program.nodes.iter().enumerate() {
        let Read::In(branch) = read[i] else { continue };
        match costs.iter_mut().find(|(other, _)| *other == branch) {
            _ if uniform[i] => {}
            Some((_, sum)) => *sum += cost(node),
            None => costs.push((branch, cost(node))),
        }
    }
    let (branch, _) = costs.into_iter().filter(|&(_, sum)| sum >= least).max_by_key(|&(_, sum)| sum)?;
    Some((branch, (0..read.len()).map(|i| !uniform[i] && read[i] == Read::In(branch)).collect()))
}

fn reads(program: &Program, uniform: &[bool]) -> Vec<Read> {
    let mut read = vec![Read::Nowhere; program.nodes.len()];
    program.results.iter().for_each(|&result| read[result] = Read::Anywhere);
    for (i, &node) in program.nodes.iter().enumerate().rev() {
        for operand in node.operands() {
            let by_this = match (node, read[i]) {
                (Node::Ternary(Ternary::Select, condition, a, b), Read::Anywhere)
                    if operand != condition && a != b && !uniform[condition] =>
                {
                    Read::In(Branch { condition, holds: operand == a })
                }
                (_, read) => read,
            };
            read[operand] = match read[operand] {
                Read::Nowhere => by_this,
                before if before == by_this => before,
                _ => Read::Anywhere,
            };
        }
    }
    read
}

/// In additions and multiplications.
fn cost(node: Node) -> usize {
    match node {
        Node::Arg(_) | Node::Const(_) => 0,
        Node::Unary(f, _) if f.is_transcendental() => 10,
        Node::Unary(Unary::Sqrt, _) | Node::Binary(Binary::Div, ..) => 3,
        Node::Unary(..) | Node::Binary(..) | Node::Ternary(..) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::{input, trace};
    use super::super::parse::parse;
    use super::super::program::{ArgSlot, OutSlot};
    use super::*;

    /// For each exponential and logarithm: whether it is skipped if no element takes its branch.
    fn left_out(text: &str) -> Vec<bool> {
        let (graph, out) = trace(false, || parse(text, &[("x", input(0)), ("y", input(1))]).unwrap());
        let inputs = [ArgSlot::Port(0), ArgSlot::Port(1)];
        let program = Program::lower(&graph, &inputs, |_| false, &[(OutSlot::State(0), out)]);
        let parts = order(&program, &program.uniform_nodes(&vec![false; program.args.len()]));
        let is_expensive = |&node: &usize| cost(program.nodes[node]) >= 10;
        let mut found: Vec<(usize, bool)> = vec![];
        for part in &parts {
            match part {
                Part::Node(node) => found.extend(Some(*node).filter(is_expensive).map(|node| (node, false))),
                Part::Branch(_, nodes) => {
                    found.extend(nodes.iter().copied().filter(is_expensive).map(|node| (node, true)))
                }
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, out)| out).collect()
    }

    #[test]
    fn what_one_side_alone_reads_belongs_to_it() {
        assert_eq!(left_out("select(x > 0, ln(x) * y, y * exp(y))"), [true, true]);
        assert_eq!(left_out("select(x > 0, ln(x) * y, y) + ln(x)"), [false]);
        assert_eq!(left_out("select(x > 0, ln(x), y) + select(x > 0, ln(x) + exp(y), x)"), [true, true]);
        assert_eq!(left_out("select(x > 0, ln(x), y) + select(y > 0, ln(x), x)"), [false]);
        assert_eq!(left_out("select(exp(x) > y, y, exp(x))"), [false]);
        assert_eq!(left_out("select(x > 0, select(y > 0, ln(y), x), y)"), [true]);
    }
}
