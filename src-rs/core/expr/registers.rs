//! Register allocation: assigns every value of a program to a scalar, an argument, a register or an output.

use super::branches::{self, Part};
use super::graph::{Binary, Ternary, Unary};
use super::program::{Node, Program};

/// The location of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Location {
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
    Copy(Location),
    Unary(Unary, Location),
    Binary(Binary, Location, Location),
    Ternary(Ternary, Location, Location, Location),
}

impl Action {
    /// The operands; with fewer than three, the last one is repeated.
    #[inline(always)]
    pub(super) fn operands(self) -> [Location; 3] {
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
    Compute { to: Location, action: Action },
    /// The next `steps` are skipped in a block where no element's condition equals `holds`.
    Branch { condition: Location, holds: bool, steps: usize },
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
            locations: vec![Location::Scalar(usize::MAX); program.nodes.len()],
            free: vec![],
            code: Code { scalars: vec![], elements: vec![], registers: 0 },
        };
        for part in &parts {
            match part {
                Part::Node(node) => allocation.assign(*node),
                Part::Branch(branch, nodes) => {
                    let condition = allocation.locations[branch.condition];
                    let step = ElementStep::Branch { condition, holds: branch.holds, steps: nodes.len() };
                    allocation.code.elements.push(step);
                    nodes.iter().for_each(|&node| allocation.assign(node));
                }
            }
        }
        let Allocation { mut code, locations, .. } = allocation;
        for (out, &result) in program.results.iter().enumerate() {
            if locations[result] != Location::Out(out) {
                code.elements.push(ElementStep::Compute {
                    to: Location::Out(out),
                    action: Action::Copy(locations[result]),
                });
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
    locations: Vec<Location>,
    /// Free registers.
    free: Vec<usize>,
    code: Code,
}

impl Allocation<'_> {
    /// Assigns a node to a location, and appends its step to the code.
    fn assign(&mut self, i: usize) {
        let node = self.program.nodes[i];
        if self.uniform[i] {
            self.locations[i] = Location::Scalar(self.code.scalars.len());
            self.code.scalars.push(scalar_step(node, &self.locations));
            return;
        }
        let at = |x: usize| self.locations[x];
        let action = match node {
            Node::Arg(arg) => {
                self.locations[i] = Location::Arg(arg);
                return;
            }
            Node::Const(_) => unreachable!("constants are uniform"),
            Node::Unary(f, a) => Action::Unary(f, at(a)),
            Node::Binary(f, a, b) => Action::Binary(f, at(a), at(b)),
            Node::Ternary(f, a, b, c) => Action::Ternary(f, at(a), at(b), at(c)),
        };
        let to = match self.program.results.iter().position(|&result| result == i) {
            Some(out) => Location::Out(out),
            None => Location::Register(self.free.pop().unwrap_or_else(|| {
                self.code.registers += 1;
                self.code.registers - 1
            })),
        };
        self.code.elements.push(ElementStep::Compute { to, action });
        self.locations[i] = to;
        // Registers are freed after the assignment, so a step never overwrites its operands.
        for operand in node.operands() {
            if let Location::Register(register) = self.locations[operand]
                && self.last_use[operand] == i
                && !self.free.contains(&register)
            {
                self.free.push(register);
            }
        }
    }
}

fn scalar_step(node: Node, locations: &[Location]) -> ScalarStep {
    let at = |x: usize| match locations[x] {
        Location::Scalar(scalar) => scalar,
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
