//! Expressions as a graph: the computation of a function over [`Scalar`], recorded node by node.
//!
//! Equal nodes are merged, constants are folded, and operands of a node always have smaller indices than the node. The graph
//! being recorded belongs to the thread; [`trace`] starts a recording.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops;

use super::scalar::Scalar;

/// A node of the graph that this thread is recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sym(pub u32);

impl Sym {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unary {
    Neg,
    Exp,
    Ln,
    Sqrt,
    Abs,
    Tanh,
    Sigmoid,
    Sin,
    Cos,
    Floor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
    Greater,
    AtLeast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ternary {
    MulAdd,
    Select,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    Input(u32),
    /// The bits of an `f64`.
    Const(u64),
    Unary(Unary, Sym),
    Binary(Binary, Sym, Sym),
    Ternary(Ternary, Sym, Sym, Sym),
    Spike {
        x: Sym,
        strict: bool,
    },
    Detach(Sym),
}

impl Unary {
    #[inline(always)]
    pub fn apply<T: Scalar>(self, x: T) -> T {
        match self {
            Unary::Neg => -x,
            Unary::Exp => x.exp(),
            Unary::Ln => x.ln(),
            Unary::Sqrt => x.sqrt(),
            Unary::Abs => x.abs(),
            Unary::Tanh => x.tanh(),
            Unary::Sigmoid => x.sigmoid(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Floor => x.floor(),
        }
    }

    /// Whether it takes many dependent operations.
    pub fn is_transcendental(self) -> bool {
        matches!(self, Unary::Exp | Unary::Ln | Unary::Tanh | Unary::Sigmoid | Unary::Sin | Unary::Cos)
    }
}

impl Binary {
    #[inline(always)]
    pub fn apply<T: Scalar>(self, a: T, b: T) -> T {
        match self {
            Binary::Add => a + b,
            Binary::Sub => a - b,
            Binary::Mul => a * b,
            Binary::Div => a / b,
            Binary::Min => a.min(b),
            Binary::Max => a.max(b),
            Binary::Greater => a.greater(b),
            Binary::AtLeast => a.at_least(b),
        }
    }
}

impl Ternary {
    #[inline(always)]
    pub fn apply<T: Scalar>(self, a: T, b: T, c: T) -> T {
        match self {
            Ternary::MulAdd => a.mul_add(b, c),
            Ternary::Select => a.select(b, c),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Op>,
    interned: HashMap<Op, Sym>,
    /// Whether every value is known to be finite, so that 0 * x is 0.
    finite: bool,
    /// The first input that a loop may use for its variables.
    free_inputs: Option<usize>,
    repeat: Option<Repeat>,
}

/// A loop of a graph, recorded as one iteration. Its `n` variables at the beginning of an iteration are `n` inputs, and their
/// values after the last iteration are the next `n` inputs.
#[derive(Debug, Clone)]
pub struct Repeat {
    pub count: usize,
    /// The variables before the first iteration.
    pub first: Vec<Sym>,
    /// The variables after an iteration.
    pub next: Vec<Sym>,
}

impl Graph {
    pub fn nodes(&self) -> &[Op] {
        &self.nodes
    }

    /// The loop, if [`trace_rolled`] has found one.
    pub fn repeat(&self) -> Option<&Repeat> {
        self.repeat.as_ref()
    }

    pub fn op(&self, x: Sym) -> Op {
        self.nodes[x.index()]
    }

    pub fn constant_of(&self, x: Sym) -> Option<f64> {
        match self.op(x) {
            Op::Const(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    fn is(&self, x: Sym, value: f64) -> bool {
        self.constant_of(x) == Some(value)
    }

    fn constant(&mut self, x: f64) -> Sym {
        self.node(Op::Const(x.to_bits()))
    }

    fn node(&mut self, op: Op) -> Sym {
        if let Some(&interned) = self.interned.get(&op) {
            return interned;
        }
        let sym = Sym(self.nodes.len() as u32);
        self.nodes.push(op);
        self.interned.insert(op, sym);
        sym
    }

    /// The node for `op`, after constant folding and merging.
    pub fn push(&mut self, op: Op) -> Sym {
        match self.fold(op) {
            Some(x) => x,
            None => self.node(op),
        }
    }

    fn fold(&mut self, op: Op) -> Option<Sym> {
        match op {
            Op::Unary(f, a) => {
                if let Some(a) = self.constant_of(a) {
                    return Some(self.constant(f.apply(a)));
                }
                match (f, self.op(a)) {
                    (Unary::Neg, Op::Unary(Unary::Neg, inner)) => Some(inner),
                    _ => None,
                }
            }
            Op::Binary(f, a, b) => {
                if let (Some(a), Some(b)) = (self.constant_of(a), self.constant_of(b)) {
                    return Some(self.constant(f.apply(a, b)));
                }
                self.identity(f, a, b)
            }
            Op::Ternary(Ternary::MulAdd, a, b, c) => {
                if self.is(a, 1.0) {
                    Some(self.push(Op::Binary(Binary::Add, b, c)))
                } else if self.is(b, 1.0) {
                    Some(self.push(Op::Binary(Binary::Add, a, c)))
                } else if self.is(c, 0.0) || (self.constant_of(a).is_some() && self.constant_of(b).is_some())
                {
                    let product = self.push(Op::Binary(Binary::Mul, a, b));
                    Some(self.push(Op::Binary(Binary::Add, product, c)))
                } else if self.finite && (self.is(a, 0.0) || self.is(b, 0.0)) {
                    Some(c)
                } else {
                    None
                }
            }
            Op::Ternary(Ternary::Select, condition, a, b) => match self.constant_of(condition) {
                Some(holds) => Some(if holds != 0.0 { a } else { b }),
                None if a == b => Some(a),
                None => None,
            },
            Op::Spike { x, strict } => {
                let x = self.constant_of(x)?;
                Some(self.constant(x.spike(strict)))
            }
            Op::Detach(x) => match self.op(x) {
                Op::Const(_) | Op::Detach(_) => Some(x),
                _ => None,
            },
            Op::Input(_) | Op::Const(_) => None,
        }
    }

    fn identity(&mut self, f: Binary, a: Sym, b: Sym) -> Option<Sym> {
        let zero_product = self.finite && (self.is(a, 0.0) || self.is(b, 0.0));
        match f {
            Binary::Add if self.is(a, 0.0) => Some(b),
            Binary::Add | Binary::Sub if self.is(b, 0.0) => Some(a),
            Binary::Sub if self.is(a, 0.0) => Some(self.push(Op::Unary(Unary::Neg, b))),
            Binary::Mul if self.is(a, 1.0) => Some(b),
            Binary::Mul | Binary::Div if self.is(b, 1.0) => Some(a),
            Binary::Mul if self.is(a, -1.0) => Some(self.push(Op::Unary(Unary::Neg, b))),
            Binary::Mul if self.is(b, -1.0) => Some(self.push(Op::Unary(Unary::Neg, a))),
            Binary::Mul if zero_product => Some(self.constant(0.0)),
            _ => None,
        }
    }

    /// Computes the value of every node from those of the inputs.
    pub fn evaluate<L: Scalar>(&self, inputs: &[L]) -> Vec<L> {
        let mut values: Vec<L> = Vec::with_capacity(self.nodes.len());
        for &op in &self.nodes {
            let value = op.value(inputs, &values);
            values.push(value);
        }
        values
    }

    /// Recomputes some nodes, in ascending order, for new inputs; the others keep the values that [`Graph::evaluate`]
    /// returned.
    pub fn evaluate_again<L: Scalar>(&self, nodes: &[usize], inputs: &[L], values: &mut [L]) {
        for &node in nodes {
            values[node] = self.nodes[node].value(inputs, values);
        }
    }
}

impl Op {
    /// Computes a node from the inputs and the nodes before it.
    #[inline]
    fn value<L: Scalar>(self, inputs: &[L], values: &[L]) -> L {
        let at = |x: Sym| values[x.index()];
        match self {
            Op::Input(i) => inputs[i as usize],
            Op::Const(bits) => L::constant(f64::from_bits(bits)),
            Op::Unary(f, a) => f.apply(at(a)),
            Op::Binary(f, a, b) => f.apply(at(a), at(b)),
            Op::Ternary(f, a, b, c) => f.apply(at(a), at(b), at(c)),
            Op::Spike { x, strict } => at(x).spike(strict),
            Op::Detach(x) => at(x).detach(),
        }
    }

    /// Calls `see` with each operand.
    pub fn operands(self, mut see: impl FnMut(Sym)) {
        match self {
            Op::Input(_) | Op::Const(_) => {}
            Op::Unary(_, a) | Op::Spike { x: a, .. } | Op::Detach(a) => see(a),
            Op::Binary(_, a, b) => {
                see(a);
                see(b);
            }
            Op::Ternary(_, a, b, c) => {
                see(a);
                see(b);
                see(c);
            }
        }
    }
}

thread_local! {
    static RECORDING: RefCell<Graph> = RefCell::default();
    static SMOOTHED: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Calls `build`. With a `slope`, a spike is recorded as the logistic function of `slope` times its argument, a selection as a
/// linear interpolation, and nothing is detached, so that the recorded function is as smooth as its other operations.
pub fn smoothly<R>(slope: Option<f64>, build: impl FnOnce() -> R) -> R {
    let outer = SMOOTHED.replace(slope);
    let result = build();
    SMOOTHED.set(outer);
    result
}

/// Records the operations of `build` on [`Sym`]s; returns the graph and the result of `build`. With `finite`, all values are
/// assumed to be finite. Traces cannot be nested.
pub fn trace<R>(finite: bool, build: impl FnOnce() -> R) -> (Graph, R) {
    RECORDING.with(|graph| *graph.borrow_mut() = Graph { finite, ..Graph::default() });
    let result = build();
    (RECORDING.with(RefCell::take), result)
}

/// As `trace`, with the first loop of several iterations stored as [`Graph::repeat`]; its variables are inputs from index
/// `inputs` on.
pub fn trace_rolled<R>(finite: bool, inputs: usize, build: impl FnOnce() -> R) -> (Graph, R) {
    trace(finite, || {
        recording(|graph| graph.free_inputs = Some(inputs));
        build()
    })
}

/// Reads or extends the graph being recorded.
pub fn recording<R>(f: impl FnOnce(&mut Graph) -> R) -> R {
    RECORDING.with(|graph| f(&mut graph.borrow_mut()))
}

/// Input `i` of the graph being recorded.
pub fn input(i: usize) -> Sym {
    push(Op::Input(i as u32))
}

pub(super) fn push(op: Op) -> Sym {
    recording(|graph| graph.push(op))
}

macro_rules! operator {
    ($trait:ident, $method:ident, $op:ident) => {
        impl ops::$trait for Sym {
            type Output = Sym;
            fn $method(self, other: Sym) -> Sym {
                push(Op::Binary(Binary::$op, self, other))
            }
        }
    };
}

operator!(Add, add, Add);
operator!(Sub, sub, Sub);
operator!(Mul, mul, Mul);
operator!(Div, div, Div);

impl ops::Neg for Sym {
    type Output = Sym;
    fn neg(self) -> Sym {
        push(Op::Unary(Unary::Neg, self))
    }
}

macro_rules! unary {
    ($($method:ident $op:ident),*) => {
        $(fn $method(self) -> Sym { push(Op::Unary(Unary::$op, self)) })*
    };
}

macro_rules! binary {
    ($($method:ident $op:ident),*) => {
        $(fn $method(self, other: Sym) -> Sym { push(Op::Binary(Binary::$op, self, other)) })*
    };
}

impl Scalar for Sym {
    fn constant(x: f64) -> Sym {
        push(Op::Const(x.to_bits()))
    }
    unary!(exp Exp, ln Ln, sqrt Sqrt, abs Abs, tanh Tanh, sigmoid Sigmoid, sin Sin, cos Cos, floor Floor);
    binary!(min Min, max Max, greater Greater, at_least AtLeast);
    fn mul_add(self, a: Sym, b: Sym) -> Sym {
        push(Op::Ternary(Ternary::MulAdd, self, a, b))
    }
    fn select(self, a: Sym, b: Sym) -> Sym {
        match SMOOTHED.get() {
            Some(_) => self.mul_add(a - b, b),
            None => push(Op::Ternary(Ternary::Select, self, a, b)),
        }
    }
    fn spike(self, strict: bool) -> Sym {
        match SMOOTHED.get() {
            Some(slope) => (self * Sym::constant(slope)).sigmoid(),
            None => push(Op::Spike { x: self, strict }),
        }
    }
    fn repeat<const N: usize, const M: usize>(
        count: usize,
        (x, y): ([Sym; N], [Sym; M]),
        body: impl Fn([Sym; N], [Sym; M]) -> ([Sym; N], [Sym; M]),
    ) -> ([Sym; N], [Sym; M]) {
        let free = recording(|graph| graph.free_inputs.take_if(|_| count > 1));
        let Some(free) = free else { return (0..count).fold((x, y), |(x, y), _| body(x, y)) };
        let inputs = |from: usize| {
            (std::array::from_fn(|i| input(from + i)), std::array::from_fn(|i| input(from + N + i)))
        };
        let (now_x, now_y) = inputs(free);
        let next = body(now_x, now_y);
        let all = |(x, y): ([Sym; N], [Sym; M])| x.into_iter().chain(y).collect();
        let repeat = Repeat { count, first: all((x, y)), next: all(next) };
        recording(|graph| graph.repeat = Some(repeat));
        inputs(free + N + M)
    }
    fn detach(self) -> Sym {
        if SMOOTHED.get().is_some() { self } else { push(Op::Detach(self)) }
    }
}
