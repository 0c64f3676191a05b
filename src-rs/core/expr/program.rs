//! A graph lowered to straight-line code: without dead nodes, with spikes as comparisons, and with every value marked as
//! uniform or per element.

use std::collections::HashMap;
use std::fmt::Write;

use super::graph::{Binary, Graph, Op, Sym, Ternary, Unary};

/// The content of a program's argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArgSlot {
    /// State before the step.
    State(usize),
    /// Input of the step.
    Port(usize),
    /// Coefficient.
    Coef(usize),
    /// State after the step.
    NewState(usize),
    /// Gradient with respect to the state after the step.
    GradState(usize),
    /// Gradient with respect to the spike output.
    GradSpike,
    /// A random number of the step, standard normal.
    Noise(usize),
    /// Variable of a loop: at the beginning of an iteration, or after the last one.
    Variable(usize),
}

/// Maximum number of arguments or results of a user-defined program: enough for some hundred states, forward and backward, and
/// small enough that every text compiles quickly.
pub const MAX_SLOTS: usize = 1024;

/// The content of a program's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutSlot {
    /// State after the step.
    State(usize),
    /// 0, or the value of a spike.
    Spike,
    /// Gradient with respect to the state before the step.
    GradState(usize),
    GradPort(usize),
    GradCoef(usize),
    /// Variable of a loop: before the first iteration, or after an iteration.
    Variable(usize),
}

/// One operation; operands are positions in [`Program::nodes`], always smaller than its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// Position in [`Program::args`].
    Arg(usize),
    Const(f64),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Ternary(Ternary, usize, usize, usize),
}

impl Node {
    pub fn operands(self) -> impl Iterator<Item = usize> {
        let (list, n) = match self {
            Node::Arg(_) | Node::Const(_) => ([0; 3], 0),
            Node::Unary(_, a) => ([a, 0, 0], 1),
            Node::Binary(_, a, b) => ([a, b, 0], 2),
            Node::Ternary(_, a, b, c) => ([a, b, c], 3),
        };
        list.into_iter().take(n)
    }
}

/// Straight-line code over elements. Only used slots are listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub args: Vec<ArgSlot>,
    pub outs: Vec<OutSlot>,
    /// Per argument: one value for all elements.
    pub uniform: Vec<bool>,
    pub(super) nodes: Vec<Node>,
    /// Per output: the node that computes it.
    pub(super) results: Vec<usize>,
}

impl Program {
    /// Whether it is an iteration of a loop, or the code before the first.
    pub(super) fn is_round(&self) -> bool {
        matches!(self.outs[..], [OutSlot::Variable(_), ..])
    }

    /// Lowers the part of `graph` that `outs` need. Input `i` of the graph holds `inputs[i]`; `uniform` tells which of these
    /// have one value for all elements.
    pub fn lower(
        graph: &Graph,
        inputs: &[ArgSlot],
        uniform: impl Fn(ArgSlot) -> bool,
        outs: &[(OutSlot, Sym)],
    ) -> Program {
        let needed = needed(graph, outs);
        let mut program =
            Program { args: vec![], outs: vec![], uniform: vec![], nodes: vec![], results: vec![] };
        let mut numbers = vec![usize::MAX; graph.nodes().len()];
        let mut constants: HashMap<u64, usize> = HashMap::new();
        for (i, &op) in graph.nodes().iter().enumerate() {
            let at = |x: Sym| numbers[x.index()];
            if !needed[i] {
                continue;
            }
            let node = match op {
                Op::Input(input) => {
                    let slot = inputs[input as usize];
                    program.args.push(slot);
                    program.uniform.push(uniform(slot));
                    Node::Arg(program.args.len() - 1)
                }
                Op::Const(bits) => Node::Const(f64::from_bits(bits)),
                Op::Unary(f, a) => Node::Unary(f, at(a)),
                Op::Binary(f, a, b) => Node::Binary(f, at(a), at(b)),
                Op::Ternary(f, a, b, c) => Node::Ternary(f, at(a), at(b), at(c)),
                Op::Spike { x, strict } => {
                    let zero = *constants.entry(0).or_insert_with(|| {
                        program.nodes.push(Node::Const(0.0));
                        program.nodes.len() - 1
                    });
                    let compare = if strict { Binary::Greater } else { Binary::AtLeast };
                    Node::Binary(compare, at(x), zero)
                }
                Op::Detach(x) => {
                    numbers[i] = at(x);
                    continue;
                }
            };
            numbers[i] = match node {
                Node::Const(x) => *constants.entry(x.to_bits()).or_insert_with(|| {
                    program.nodes.push(node);
                    program.nodes.len() - 1
                }),
                _ => {
                    program.nodes.push(node);
                    program.nodes.len() - 1
                }
            };
        }
        for &(slot, node) in outs {
            program.outs.push(slot);
            program.results.push(numbers[node.index()]);
        }
        program
    }

    /// By node: whether its value is uniform, given the uniform arguments.
    pub(super) fn uniform_nodes(&self, uniform_args: &[bool]) -> Vec<bool> {
        let mut uniform: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for &node in &self.nodes {
            let is = match node {
                Node::Arg(arg) => uniform_args[arg],
                _ => node.operands().all(|operand| uniform[operand]),
            };
            uniform.push(is);
        }
        uniform
    }

    /// Whether its only effect is to copy one argument to its only output.
    pub fn only_copies(&self, from: ArgSlot, to: OutSlot) -> bool {
        self.args == [from] && self.outs == [to] && self.results == [0] && self.nodes == [Node::Arg(0)]
    }

    /// The program with its spike replaced by the differences `a - b` of the comparisons that decide it, the nearest first and
    /// at most `most`: where one of them changes its sign, the spike may change. `None` without a spike or a comparison.
    pub fn decisions(&self, most: usize) -> Option<Program> {
        let spike = self.outs.iter().position(|&out| out == OutSlot::Spike)?;
        let mut program = self.clone();
        program.outs.remove(spike);
        let mut found: Vec<usize> = vec![program.results.remove(spike)];
        let mut next = 0;
        while next < found.len() && program.outs.len() < self.outs.len() - 1 + most {
            let node = self.nodes[found[next]];
            next += 1;
            for operand in node.operands() {
                if !found.contains(&operand) {
                    found.push(operand);
                }
            }
            if let Node::Binary(Binary::Greater | Binary::AtLeast, a, b) = node {
                program.nodes.push(Node::Binary(Binary::Sub, a, b));
                program.outs.push(OutSlot::Variable(program.outs.len() - (self.outs.len() - 1)));
                program.results.push(program.nodes.len() - 1);
            }
        }
        (program.outs.len() >= self.outs.len()).then_some(program)
    }

    /// Number of operations per element.
    pub fn operations(&self) -> usize {
        self.nodes.iter().filter(|node| !matches!(node, Node::Arg(_) | Node::Const(_))).count()
    }

    /// The structure as text: two programs with the same key do the same work on their arguments in the same order, whatever
    /// the names of the slots.
    pub fn key(&self) -> String {
        self.text(|arg| String::from(if self.uniform[arg] { "u" } else { "l" }))
    }

    /// The structure, with `kind` of each argument.
    pub(super) fn text(&self, kind: impl Fn(usize) -> String) -> String {
        let mut key = String::new();
        for &node in &self.nodes {
            let _ = match node {
                Node::Arg(a) => write!(key, "{}{a}", kind(a)),
                Node::Const(x) => write!(key, "{x:?}"),
                Node::Unary(f, a) => write!(key, "{f:?} {a}"),
                Node::Binary(f, a, b) => write!(key, "{f:?} {a} {b}"),
                Node::Ternary(f, a, b, c) => write!(key, "{f:?} {a} {b} {c}"),
            };
            key.push(';');
        }
        let _ = write!(key, "{:?}", self.results);
        key
    }
}

fn needed(graph: &Graph, outs: &[(OutSlot, Sym)]) -> Vec<bool> {
    let mut needed = vec![false; graph.nodes().len()];
    for &(_, node) in outs {
        needed[node.index()] = true;
    }
    for (i, &op) in graph.nodes().iter().enumerate().rev() {
        if needed[i] {
            op.operands(|operand| needed[operand.index()] = true);
        }
    }
    needed
}
