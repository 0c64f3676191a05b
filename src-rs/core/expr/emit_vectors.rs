//! Emits steps over AVX-512 vectors: the statements of [`emit_steps`](super::emit_steps), with conditions as masks. Uniform
//! values are memory operands, which are free there.

use std::fmt::Write;

use super::emit::{Precision, expression, method};
use super::emit_steps::all_values;
use super::graph::{Binary, Ternary, Unary};
use super::program::{Node, Program};
use super::step::Source;

/// The function `vectors{number}`. States, sums and other elements are given by their parameter names; `before` computes the
/// uniform values as numbers.
pub(super) fn vectors(
    program: &Program,
    sources: &[Source],
    number: usize,
    [states, sums, elements]: [&[String]; 3],
    before: &str,
    uniform: &[bool],
) -> String {
    let parameters = states.iter().map(|s| format!("{s}: &mut [f32]"));
    let parameters = parameters.chain(sums.iter().map(|a| format!("{a}: &mut [i32]")));
    let parameters: Vec<String> = parameters.chain(elements.iter().map(|a| format!("{a}: &[f32]"))).collect();
    let mut text = format!(
        "\n/// The same over vectors.\n///\n/// # Safety\n/// The CPU has AVX-512.\n#[cfg(target_arch = \"x86_64\")]\n\
         #[inline(always)]\n#[allow(clippy::too_many_arguments, unused_variables)]\n\
         unsafe fn vectors{number}({}, values: &[f32], words: &mut [u64]) {{\n{}    let n = words.len();\n",
        parameters.join(", "),
        all_values(sources)
    );
    for name in states.iter().chain(sums) {
        let _ = writeln!(text, "    let {name} = &mut {name}.as_chunks_mut::<BLOCK>().0[..n];");
    }
    for name in elements {
        let _ = writeln!(text, "    let {name} = &{name}.as_chunks::<BLOCK>().0[..n];");
    }
    let conditions = Conditions::of(program, uniform);
    let varying = || (0..program.nodes.len()).filter(|&i| !uniform[i]);
    let read = |i: usize| {
        program.results.contains(&i) || varying().any(|user| program.nodes[user].operands().any(|x| x == i))
    };
    let units = (0..sources.len()).filter(|&arg| sources[arg] == Source::Sums).map(|arg| format!("u{arg}"));
    let shared: Vec<String> = units
        .chain((0..program.nodes.len()).filter(|&i| uniform[i] && read(i)).map(|i| format!("x{i}")))
        .collect();
    let _ = write!(
        text,
        "{before}    let shared = [{}];\n    for b in 0..n {{\n        let mut word = 0;\n        \
         for part in 0..BLOCK / VECTOR {{\n",
        shared.join(", ")
    );
    const INSIDE: &str = "            ";
    for name in states.iter().chain(sums) {
        let _ = writeln!(text, "{INSIDE}let {name} = &mut {name}[b].as_chunks_mut::<VECTOR>().0[part];");
    }
    for name in elements {
        let _ = writeln!(text, "{INSIDE}let {name} = &{name}[b].as_chunks::<VECTOR>().0[part];");
    }
    let _ = writeln!(text, "{INSIDE}let shared = afresh(&shared);");
    let _ = writeln!(text, "{INSIDE}// SAFETY: compiled for AVX-512.\n{INSIDE}unsafe {{");
    for (i, name) in shared.iter().enumerate() {
        let _ = writeln!(text, "{INSIDE}    let {name} = Vector::all(shared[{i}]);");
    }
    let argument = |arg: usize| match sources[arg] {
        Source::State(i) => format!("Vector::load(s{i})"),
        Source::Sums => format!("Vector::load_sums(a{arg}) * u{arg}"),
        Source::Elements => format!("Vector::load(a{arg})"),
        Source::Uniform => unreachable!("one for all elements"),
    };
    let levels = levels(program, uniform);
    for level in 0..=levels.iter().copied().max().unwrap_or(0) {
        let own = || varying().filter(|&i| levels[i] == level);
        let exponents = |i: usize| match program.nodes[i] {
            Node::Unary(Unary::Exp, of) => Some((format!("x{i}"), format!("x{of}"))),
            _ => None,
        };
        let (exponentials, of): (Vec<_>, Vec<_>) = own().filter_map(exponents).unzip();
        if !of.is_empty() {
            let _ = writeln!(
                text,
                "{INSIDE}    let [{}] = Vector::exp([{}]);",
                exponentials.join(", "),
                of.join(", ")
            );
        }
        for i in own().filter(|&i| exponents(i).is_none()) {
            let _ = match conditions.mask(program, i) {
                Some(mask) => {
                    write!(text, "{INSIDE}    let c{i} = {mask};\n{INSIDE}    let x{i} = c{i}.number();\n")
                }
                None => {
                    let expression = conditions.expression(program, i, argument);
                    writeln!(text, "{INSIDE}    let x{i} = {expression};")
                }
            };
        }
    }
    for (state, result) in states.iter().zip(&program.results) {
        let _ = writeln!(text, "{INSIDE}    x{result}.store({state});");
    }
    for sum in sums {
        let _ = writeln!(text, "{INSIDE}    *{sum} = [0; VECTOR];");
    }
    let spike = program.results[states.len()];
    let spike = match conditions.0[spike] {
        true => format!("c{spike}"),
        false => format!("x{spike}.greater(Vector::all(0.0))"),
    };
    let _ = write!(
        text,
        "{INSIDE}    word |= {spike}.bits() << (VECTOR * part);\n{INSIDE}}}\n        }}\n        words[b] = word;\n    }}\n}}\n"
    );
    text
}

/// By node: the number of dependent exponentials up to it. Those with the same number are interleaved.
fn levels(program: &Program, uniform: &[bool]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::with_capacity(program.nodes.len());
    for (i, node) in program.nodes.iter().enumerate() {
        let before = node.operands().map(|operand| levels[operand]).max().unwrap_or(0);
        let is_exponential = matches!(node, Node::Unary(Unary::Exp, _)) && !uniform[i];
        levels.push(before + usize::from(is_exponential));
    }
    levels
}

/// Marks the nodes that are 1 or 0 in each element.
struct Conditions(Vec<bool>);

impl Conditions {
    fn of(program: &Program, uniform: &[bool]) -> Self {
        let mut are: Vec<bool> = Vec::with_capacity(program.nodes.len());
        for (i, node) in program.nodes.iter().enumerate() {
            let holds_or_not = |x: usize| are[x] || constant(program, x).is_some();
            let is = match *node {
                Node::Binary(Binary::Greater | Binary::AtLeast, ..) => true,
                Node::Binary(Binary::Sub, one, of) => constant(program, one) == Some(true) && are[of],
                Node::Ternary(Ternary::Select, of, a, b) => are[of] && holds_or_not(a) && holds_or_not(b),
                _ => false,
            };
            are.push(is && !uniform[i]);
        }
        Conditions(are)
    }

    /// A condition as a mask.
    fn mask(&self, program: &Program, i: usize) -> Option<String> {
        let of = |x: usize| match constant(program, x) {
            Some(true) => "super::vector::Mask::ALL".into(),
            Some(false) => "super::vector::Mask::NONE".into(),
            None => format!("c{x}"),
        };
        self.0[i].then(|| match program.nodes[i] {
            // Other combinations of masks would be computed in general registers.
            Node::Ternary(_, c, no, b)
                if let (Some(false), Some((compare, x, y))) =
                    (constant(program, no), compared(program, b)) =>
            {
                format!("x{x}.{compare}_unless(c{c}, x{y})")
            }
            Node::Binary(Binary::Greater, a, b) => format!("x{a}.greater(x{b})"),
            Node::Binary(Binary::AtLeast, a, b) => format!("x{a}.at_least(x{b})"),
            Node::Binary(_, _, a) => format!("c{a}.opposite()"),
            Node::Ternary(_, c, a, b) => format!("c{c}.choose({}, {})", of(a), of(b)),
            _ => unreachable!("no condition"),
        })
    }

    /// The expression of a node that is not a condition.
    fn expression(&self, program: &Program, i: usize, argument: impl Fn(usize) -> String) -> String {
        match program.nodes[i] {
            Node::Const(_) => unreachable!("one for all elements"),
            Node::Unary(f, a) if !matches!(f, Unary::Neg | Unary::Abs) => {
                format!("x{a}.each(Scalar::{})", method(&format!("{f:?}")))
            }
            Node::Ternary(Ternary::Select, c, a, b) if self.0[c] => format!("c{c}.select(x{a}, x{b})"),
            Node::Ternary(Ternary::Select, c, a, b) => format!("x{c}.differs_from_zero().select(x{a}, x{b})"),
            _ => expression(program, i, ("Vector", Precision::Single), argument),
        }
    }
}

/// The comparison, if a condition is nothing else.
fn compared(program: &Program, i: usize) -> Option<(&'static str, usize, usize)> {
    match program.nodes[i] {
        Node::Binary(Binary::Greater, a, b) => Some(("greater", a, b)),
        Node::Binary(Binary::AtLeast, a, b) => Some(("at_least", a, b)),
        Node::Binary(Binary::Sub, _, a) => match program.nodes[a] {
            // Double negation.
            Node::Binary(Binary::Sub, one, b) if constant(program, one) == Some(true) => compared(program, b),
            _ => None,
        },
        _ => None,
    }
}

/// The value of a condition that is constant.
fn constant(program: &Program, i: usize) -> Option<bool> {
    match program.nodes[i] {
        Node::Const(1.0) => Some(true),
        Node::Const(0.0) => Some(false),
        _ => None,
    }
}
