//! Interprets a program: one operation at a time over a block of elements, so small that every temporary stays in the first-level
//! cache.

use super::args::Arg;
use super::graph::{Binary, Ternary, Unary};
use super::registers::{Action, Code, ElementStep, Location, ScalarStep};
use super::scalar::Scalar;
use lapicque_base::at_level::{Work, at_level};
use lapicque_base::simd::SimdLevel;

/// Elements per block.
const BLOCK: usize = 1024;

/// Runs `code` over `elements` elements at `level`.
pub(super) fn run<T: Scalar>(
    level: SimdLevel,
    code: &Code,
    elements: usize,
    args: &[Arg<T>],
    outs: &mut [&mut [T]],
    scratch: &mut Vec<T>,
) {
    at_level(level, Interpretation { code, elements, args, outs, scratch });
}

struct Interpretation<'a, 'o, T: Scalar> {
    code: &'a Code,
    elements: usize,
    args: &'a [Arg<'a, T>],
    outs: &'a mut [&'o mut [T]],
    scratch: &'a mut Vec<T>,
}

impl<T: Scalar> Work for Interpretation<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Interpretation { code, elements, args, outs, scratch } = self;
        body(code, elements, args, outs, scratch);
    }
}

#[inline(always)]
fn body<T: Scalar>(
    code: &Code,
    elements: usize,
    args: &[Arg<T>],
    outs: &mut [&mut [T]],
    scratch: &mut Vec<T>,
) {
    let block = BLOCK.min(elements);
    scratch.resize(code.registers * block + code.scalars.len(), T::zero());
    let (registers, scalars) = scratch.split_at_mut(code.registers * block);
    compute_scalars(code, args, scalars);
    let mut from = 0;
    while from < elements {
        let n = block.min(elements - from);
        let mut steps = code.elements.iter();
        while let Some(&step) = steps.next() {
            let (to, action) = match step {
                ElementStep::Compute { to, action } => (to, action),
                ElementStep::Branch { condition, holds, steps: left_out } => {
                    let elements = match condition {
                        Location::Arg(i) => args[i].part(from, n),
                        Location::Register(i) => Arg::Elements(&registers[i * block..][..n]),
                        Location::Out(i) => Arg::Elements(&outs[i][from..][..n]),
                        Location::Scalar(i) => Arg::Uniform(scalars[i]),
                    };
                    if !any(elements, holds) {
                        steps = steps.as_slice()[left_out..].iter();
                    }
                    continue;
                }
            };
            // The destination and the operands; `act` is long, so there is one call for both cases.
            let (into, read) = match to {
                Location::Register(to) => {
                    let (below, rest) = registers.split_at_mut(to * block);
                    let (into, above) = rest.split_at_mut(block);
                    let read = action.operands().map(|operand| match operand {
                        Location::Scalar(i) => Arg::Uniform(scalars[i]),
                        Location::Arg(i) => args[i].part(from, n),
                        Location::Register(i) if i < to => Arg::Elements(&below[i * block..][..n]),
                        Location::Register(i) => Arg::Elements(&above[(i - to - 1) * block..][..n]),
                        Location::Out(i) => Arg::Elements(&outs[i][from..][..n]),
                    });
                    (&mut into[..n], read)
                }
                Location::Out(to) => {
                    let (below, rest) = outs.split_at_mut(to);
                    let (into, above) = rest.split_at_mut(1);
                    let read = action.operands().map(|operand| match operand {
                        Location::Scalar(i) => Arg::Uniform(scalars[i]),
                        Location::Arg(i) => args[i].part(from, n),
                        Location::Register(i) => Arg::Elements(&registers[i * block..][..n]),
                        Location::Out(i) if i < to => Arg::Elements(&below[i][from..][..n]),
                        Location::Out(i) => Arg::Elements(&above[i - to - 1][from..][..n]),
                    });
                    (&mut into[0][from..][..n], read)
                }
                Location::Scalar(_) | Location::Arg(_) => {
                    unreachable!("elements are written to registers and outs")
                }
            };
            act(action, into, read);
        }
        from += n;
    }
}

#[inline(always)]
fn compute_scalars<T: Scalar>(code: &Code, args: &[Arg<T>], scalars: &mut [T]) {
    for (i, &step) in code.scalars.iter().enumerate() {
        scalars[i] = match step {
            ScalarStep::Const(x) => T::constant(x),
            ScalarStep::Arg(arg) => match args[arg] {
                Arg::Uniform(x) => x,
                Arg::Elements(_) => unreachable!("the code was allocated for these arguments"),
            },
            ScalarStep::Unary(f, a) => f.apply(scalars[a]),
            ScalarStep::Binary(f, a, b) => f.apply(scalars[a], scalars[b]),
            ScalarStep::Ternary(f, a, b, c) => f.apply(scalars[a], scalars[b], scalars[c]),
        };
    }
}

/// Whether the condition holds in some element, and whether it does not hold in some element.
#[inline(always)]
fn any<T: Scalar>(condition: Arg<T>, holds: bool) -> bool {
    match (condition, holds) {
        (Arg::Uniform(x), _) => x.is_zero() != holds,
        (Arg::Elements(x), true) => !x.iter().fold(true, |all, x| all & x.is_zero()),
        (Arg::Elements(x), false) => x.iter().fold(false, |some, x| some | x.is_zero()),
    }
}

/// One operation over a block. Each operation has a separate loop without branches inside.
#[inline(always)]
fn act<T: Scalar>(action: Action, into: &mut [T], [a, b, c]: [Arg<T>; 3]) {
    macro_rules! unary {
        ($f:expr, $($op:ident),*) => { match $f { $(Unary::$op => map(into, a, |a| Unary::$op.apply(a)),)* } };
    }
    macro_rules! binary {
        ($f:expr, $($op:ident),*) => {
            match $f { $(Binary::$op => zip(into, a, b, |a, b| Binary::$op.apply(a, b)),)* }
        };
    }
    match action {
        Action::Copy(_) => map(into, a, |a| a),
        Action::Unary(Unary::Sin, _) => wave(into, a, T::sin_near, T::sin),
        Action::Unary(Unary::Cos, _) => wave(into, a, T::cos_near, T::cos),
        Action::Unary(f, _) => unary!(f, Neg, Exp, Ln, Sqrt, Abs, Tanh, Sigmoid, Sin, Cos, Floor),
        Action::Binary(f, ..) => binary!(f, Add, Sub, Mul, Div, Min, Max, Greater, AtLeast),
        Action::Ternary(Ternary::MulAdd, ..) => zip3(into, a, b, c, |a, b, c| a.mul_add(b, c)),
        Action::Ternary(Ternary::Select, ..) => zip3(into, a, b, c, |a, b, c| a.select(b, c)),
    }
}

macro_rules! each {
    ($into:ident, |$i:ident| $value:expr) => {
        for $i in 0..$into.len() {
            $into[$i] = $value;
        }
    };
}

#[inline(always)]
fn map<T: Scalar>(into: &mut [T], a: Arg<T>, f: impl Fn(T) -> T) {
    match a {
        Arg::Elements(a) => {
            let a = &a[..into.len()];
            each!(into, |i| f(a[i]));
        }
        Arg::Uniform(a) => into.fill(f(a)),
    }
}

/// A function that has a branch-free form for the usual range of arguments.
#[inline(always)]
fn wave<T: Scalar>(into: &mut [T], a: Arg<T>, near: impl Fn(T) -> T, anywhere: impl Fn(T) -> T) {
    let Arg::Elements(a) = a else { return map(into, a, anywhere) };
    let a = &a[..into.len()];
    map(into, Arg::Elements(a), near);
    if !a.iter().fold(true, |all, x| all & x.is_near()) {
        let far = into.iter_mut().zip(a).filter(|(_, x)| !x.is_near());
        far.for_each(|(to, &x)| *to = anywhere(x));
    }
}

#[inline(always)]
fn zip<T: Scalar>(into: &mut [T], a: Arg<T>, b: Arg<T>, f: impl Fn(T, T) -> T) {
    let n = into.len();
    match (a, b) {
        (Arg::Elements(a), Arg::Elements(b)) => {
            let (a, b) = (&a[..n], &b[..n]);
            each!(into, |i| f(a[i], b[i]));
        }
        (Arg::Elements(a), Arg::Uniform(b)) => map(into, Arg::Elements(a), |a| f(a, b)),
        (Arg::Uniform(a), b) => map(into, b, |b| f(a, b)),
    }
}

#[inline(always)]
fn zip3<T: Scalar>(into: &mut [T], a: Arg<T>, b: Arg<T>, c: Arg<T>, f: impl Fn(T, T, T) -> T) {
    let n = into.len();
    match (a, b, c) {
        (Arg::Elements(a), Arg::Elements(b), Arg::Elements(c)) => {
            let (a, b, c) = (&a[..n], &b[..n], &c[..n]);
            each!(into, |i| f(a[i], b[i], c[i]));
        }
        (Arg::Uniform(a), b, c) => zip(into, b, c, |b, c| f(a, b, c)),
        (a, Arg::Uniform(b), c) => zip(into, a, c, |a, c| f(a, b, c)),
        (a, b, Arg::Uniform(c)) => zip(into, a, b, |a, b| f(a, b, c)),
    }
}
