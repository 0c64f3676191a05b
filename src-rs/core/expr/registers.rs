//! Register allocation: assigns every value of a program to a scalar, an argument, a register or an output.

use super::branches::{self, Part};
use super::graph::{Binary, Ternary, Unary};
use super::program::{Node, Program};

/// The location of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// One value for all elements.
    Scalar(usize),
    Arg(usize),
    Register(usize),
    Out(usize),
}

/// An operation that is computed once per run.
#[derive(Debug, Clone, Copy)]
pub(super) enum ScalarStep {
    Const(f64),
    Arg(usize),
    Unary(Unary, usize),
    Binary(Binary, usize, usize),
    Ternary(Ternary, usize, usize, usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    Copy(Place),
    Unary(Unary, Place),
    Binary(Binary, Place, Place),
    Ternary(Ternary, Place, Place, Place),
}

impl Action {
    /// The operands; with fewer than three, the last one is repeated.
    #[inline(always)]
    pub(super) fn operands(self) -> [Place; 3] {
        match self {
            Action::Copy(a) | Action::Unary(_, a) => [a; 3],
            Action::Binary(_, a, b) => [a, b, b],
            Action::Ternary(_, a, b, c) => [a, b, c],
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ElementStep {
    /// Computed for every element. `to` is never one of the operands.
    Compute { to: Place, action: Action },
    /// The next `steps` are skipped in a block where no element's condition equals `holds`.
    Branch { condition: Place, holds: bool, steps: usize },
}

/// A program ready to interpret.
#[derive(Debug, Clone)]
pub(super) struct Code {
    /// Scalar `i` is computed by step `i`.
    pub scalars: Vec<ScalarStep>,
    pub elements: Vec<ElementStep>,
    pub registers: usize,
}

impl Code {
    /// `uniform_args`: for each argument, whether it has one value for all elements in this run.
    pub fn allocate(program: &Program, uniform_args: &[bool]) -> Code {
        let uniform = program.uniform_nodes(uniform_args);
        let parts = branches::order(program, &uniform);
        let mut allocation = Allocation {
            program,
            uniform,
            last_use: last_uses(program, &parts),
            place: vec![Place::Scalar(usize::MAX); program.nodes.len()],
            free: vec![],
            code: Code { scalars: vec![], elements: vec![], registers: 0 },
        };
        for part in &parts {
            match part {
                Part::Node(node) => allocation.put(*node),
                Part::Branch(branch, nodes) => {
                    let condition = allocation.place[branch.condition];
                    let step = ElementStep::Branch { condition, holds: branch.holds, steps: nodes.len() };
                    allocation.code.elements.push(step);
                    nodes.iter().for_each(|&node| allocation.put(node));
                }
            }
        }
        let Allocation { mut code, place, .. } = allocation;
        for (out, &result) in program.results.iter().enumerate() {
            if place[result] != Place::Out(out) {
                code.elements
                    .push(ElementStep::Compute { to: Place::Out(out), action: Action::Copy(place[result]) });
            }
        }
        code
    }
}

struct Allocation<'p> {
    program: &'p Program,
    uniform: Vec<bool>,
    /// By node: the last node that reads it, in execution order.
    last_use: Vec<usize>,
    /// By node that has been assigned: its location.
    place: Vec<Place>,
    /// Free registers.
    free: Vec<usize>,
    code: Code,
}

impl Allocation<'_> {
    /// Assigns a node to a location, and appends its step to the code.
    fn put(&mut self, i: usize) {
        let node = self.program.nodes[i];
        if self.uniform[i] {
            self.place[i] = Place::Scalar(self.code.scalars.len());
            self.code.scalars.push(scalar_step(node, &self.place));
            return;
        }
        let at = |x: usize| self.place[x];
        let action = match node {
            Node::Arg(arg) => {
                self.place[i] = Place::Arg(arg);
                return;
            }
            Node::Const(_) => unreachable!("constants are uniform"),
            Node::Unary(f, a) => Action::Unary(f, at(a)),
            Node::Binary(f, a, b) => Action::Binary(f, at(a), at(b)),
            Node::Ternary(f, a, b, c) => Action::Ternary(f, at(a), at(b), at(c)),
        };
        let to = match self.program.results.iter().position(|&result| result == i) {
            Some(out) => Place::Out(out),
            None => Place::Register(self.free.pop().unwrap_or_else(|| {
                self.code.registers += 1;
                self.code.registers - 1
            })),
        };
        self.code.elements.push(ElementStep::Compute { to, action });
        self.place[i] = to;
        // Registers are freed after the assignment, so a step never overwrites its operands.
        for operand in node.operands() {
            if let Place::Register(register) = self.place[operand]
                && self.last_use[operand] == i
                && !self.free.contains(&register)
            {
                self.free.push(register);
            }
        }
    }
}

fn scalar_step(node: Node, place: &[Place]) -> ScalarStep {
    let at = |x: usize| match place[x] {
        Place::Scalar(scalar) => scalar,
        _ => unreachable!("the operands of a uniform value are uniform"),
    };
    match node {
        Node::Arg(arg) => ScalarStep::Arg(arg),
        Node::Const(x) => ScalarStep::Const(x),
        Node::Unary(f, a) => ScalarStep::Unary(f, at(a)),
        Node::Binary(f, a, b) => ScalarStep::Binary(f, at(a), at(b)),
        Node::Ternary(f, a, b, c) => ScalarStep::Ternary(f, at(a), at(b), at(c)),
    }
}

fn last_uses(program: &Program, parts: &[Part]) -> Vec<usize> {
    let mut last = vec![0; program.nodes.len()];
    let nodes = parts.iter().flat_map(|part| match part {
        Part::Node(node) => std::slice::from_ref(node),
        Part::Branch(_, nodes) => nodes,
    });
    for &i in nodes {
        for operand in program.nodes[i].operands() {
            last[operand] = i;
        }
    }
    last
}
