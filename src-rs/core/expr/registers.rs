//! Gives every value of a program a place: a scalar, an argument, a register or an output.

use super::graph::{Binary, Ternary, Unary};
use super::program::{Node, Program};

/// Where a value lives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// One value for all lanes.
    Scalar(usize),
    Arg(usize),
    Register(usize),
    Out(usize),
}

/// Computed once a run.
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
    /// What is read; where that is less than three places, the last again.
    #[inline(always)]
    pub(super) fn operands(self) -> [Place; 3] {
        match self {
            Action::Copy(a) | Action::Unary(_, a) => [a; 3],
            Action::Binary(_, a, b) => [a, b, b],
            Action::Ternary(_, a, b, c) => [a, b, c],
        }
    }
}

/// Computed for every lane. `to` is never one of the operands.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneStep {
    pub to: Place,
    pub action: Action,
}

/// A program ready to interpret.
#[derive(Debug, Clone)]
pub(super) struct Code {
    /// Scalar `i` is computed by step `i`.
    pub scalars: Vec<ScalarStep>,
    pub lanes: Vec<LaneStep>,
    pub registers: usize,
}

impl Code {
    /// `uniform_args`: per argument, whether it is one value for all lanes in this run.
    pub fn allocate(program: &Program, uniform_args: &[bool]) -> Code {
        let uniform = program.uniform_nodes(uniform_args);
        let last_use = last_uses(program);
        let mut place: Vec<Place> = Vec::with_capacity(program.nodes.len());
        let mut code = Code { scalars: vec![], lanes: vec![], registers: 0 };
        let mut free: Vec<usize> = Vec::new();
        for (i, &node) in program.nodes.iter().enumerate() {
            if uniform[i] {
                place.push(Place::Scalar(code.scalars.len()));
                code.scalars.push(scalar_step(node, &place));
                continue;
            }
            if let Node::Arg(arg) = node {
                place.push(Place::Arg(arg));
                continue;
            }
            let at = |x: usize| place[x];
            let action = match node {
                Node::Unary(f, a) => Action::Unary(f, at(a)),
                Node::Binary(f, a, b) => Action::Binary(f, at(a), at(b)),
                Node::Ternary(f, a, b, c) => Action::Ternary(f, at(a), at(b), at(c)),
                Node::Arg(_) | Node::Const(_) => unreachable!("arguments and constants have a place"),
            };
            let to = match program.results.iter().position(|&result| result == i) {
                Some(out) => Place::Out(out),
                None => Place::Register(free.pop().unwrap_or_else(|| {
                    code.registers += 1;
                    code.registers - 1
                })),
            };
            code.lanes.push(LaneStep { to, action });
            place.push(to);
            // Freed only now, so that a step never writes what it reads.
            for operand in node.operands() {
                if let Place::Register(register) = place[operand]
                    && last_use[operand] == i
                    && !free.contains(&register)
                {
                    free.push(register);
                }
            }
        }
        for (out, &result) in program.results.iter().enumerate() {
            if place[result] != Place::Out(out) {
                code.lanes.push(LaneStep { to: Place::Out(out), action: Action::Copy(place[result]) });
            }
        }
        code
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

fn last_uses(program: &Program) -> Vec<usize> {
    let mut last = vec![0; program.nodes.len()];
    for (i, &node) in program.nodes.iter().enumerate() {
        for operand in node.operands() {
            last[operand] = i;
        }
    }
    last
}
