//! Emits a sub-step of a method as one loop per stage: the exponentials of a Runge-Kutta step depend on each other, and a core
//! cannot look ahead far enough in a loop that contains all of them. Results of a stage stay in the first-level cache.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::branches::{self, Branch};
use super::emit::{Precision, expression};
use super::graph::Ternary;
use super::program::{Node, Program};

/// Minimum cost of a branch for which a second loop without it is emitted; few elements fire within a sub-step.
const RARE: usize = 60;

/// The body, where `elements` and `outs` have `n` vectors of elements and uniform values are defined.
pub(super) fn body(program: &Program, uniform: &[bool], elements: &[String], outs: &[String]) -> String {
    let rare = branches::most_expensive(program, uniform, RARE);
    let common = CommonPath::of(program, uniform, rare.as_ref());
    let argument =
        |arg: usize| if program.uniform[arg] { format!("a{arg}") } else { format!("a{arg}[j][i]") };
    let mut text = String::new();
    text.extend(
        common.stored.iter().map(|i| format!("    let mut y{i} = [[0.0; VECTOR]; STAGE / VECTOR];\n")),
    );
    // Each slice is cut to `m` vectors, so that the loops contain no bounds checks.
    text +=
        "    for from in (0..n).step_by(STAGE / VECTOR) {\n        let m = (STAGE / VECTOR).min(n - from);\n";
    text.extend(elements.iter().map(|a| format!("        let {a} = &{a}[from..][..m];\n")));
    text.extend(outs.iter().map(|out| format!("        let {out} = &mut {out}[from..][..m];\n")));
    text.extend(common.stored.iter().map(|i| format!("        let y{i} = &mut y{i}[..m];\n")));
    if rare.is_some() {
        text += "        let mut taken = 0_u32;\n";
    }
    let margin = "                ";
    let (open, close) =
        ("        for j in 0..m {\n            for i in 0..VECTOR {\n", "            }\n        }\n");
    let varying = || (0..program.nodes.len()).filter(|&i| !uniform[i]);
    for stage in 0..=common.stage.iter().flatten().copied().max().unwrap_or(0) {
        text += open;
        let (mut computed, mut read) = (String::new(), BTreeSet::new());
        for i in varying().filter(|&i| common.stage[i] == Some(stage) && !common.is_argument(i)) {
            read.extend(
                common.operands(i).filter(|&x| common.is_argument(x) || common.stage[x] < Some(stage)),
            );
            let _ = match common.replacement[i] {
                Some(other) => writeln!(computed, "{margin}let x{i} = x{other};"),
                None => {
                    writeln!(
                        computed,
                        "{margin}let x{i} = {};",
                        expression(program, i, ("Scalar", Precision::Single), argument)
                    )
                }
            };
            if common.stored.contains(&i) {
                let _ = writeln!(computed, "{margin}y{i}[j][i] = x{i};");
            }
        }
        for (out, &result) in outs.iter().zip(&program.results) {
            if common.stage[result].unwrap_or(0) == stage {
                read.extend(Some(result).filter(|&x| common.is_argument(x)));
                let _ = writeln!(computed, "{margin}{out}[j][i] = x{result};");
            }
        }
        for x in read.into_iter().filter(|&x| !uniform[x]) {
            let from = if common.is_argument(x) {
                expression(program, x, ("Scalar", Precision::Single), argument)
            } else {
                format!("y{x}[j][i]")
            };
            let _ = writeln!(text, "{margin}let x{x} = {from};");
        }
        text += &computed;
        if let Some((branch, _)) = rare.as_ref().filter(|(b, _)| common.stage[b.condition] == Some(stage)) {
            let is = if branch.holds { "!=" } else { "==" };
            let _ = writeln!(text, "{margin}taken |= u32::from(x{} {is} 0.0);", branch.condition);
        }
        text += close;
    }
    if rare.is_some() {
        text += "        if taken == 0 {\n            continue;\n        }\n";
        text += open;
        text.extend(varying().map(|i| {
            format!(
                "{margin}let x{i} = {};\n",
                expression(program, i, ("Scalar", Precision::Single), argument)
            )
        }));
        for (out, result) in outs.iter().zip(&program.results) {
            let _ = writeln!(text, "{margin}{out}[j][i] = x{result};");
        }
        text += close;
    }
    text + "    }\n}\n"
}

/// A program in which no element takes the rare branch.
struct CommonPath<'p> {
    program: &'p Program,
    /// By node that is needed and differs between elements: the number of dependent exponentials (and similar functions) before
    /// it.
    stage: Vec<Option<usize>>,
    /// The replacement of a selection by the branch's condition.
    replacement: Vec<Option<usize>>,
    /// Values that a later stage reads.
    stored: BTreeSet<usize>,
}

impl<'p> CommonPath<'p> {
    fn of(program: &'p Program, uniform: &[bool], rare: Option<&(Branch, Vec<bool>)>) -> Self {
        let count = program.nodes.len();
        let mut common = CommonPath {
            program,
            stage: vec![None; count],
            replacement: vec![None; count],
            stored: BTreeSet::new(),
        };
        for (i, &node) in program.nodes.iter().enumerate() {
            if uniform[i] || rare.is_some_and(|(_, only_there)| only_there[i]) {
                continue;
            }
            common.replacement[i] = match (node, rare) {
                (Node::Ternary(Ternary::Select, condition, a, b), Some((branch, _)))
                    if condition == branch.condition =>
                {
                    Some(if branch.holds { b } else { a })
                }
                _ => None,
            };
            let stages_before = common.operands(i).filter_map(|x| common.stage[x]).max().unwrap_or(0);
            let starts_stage = matches!(node, Node::Unary(f, _) if f.is_transcendental());
            common.stage[i] = Some(stages_before + usize::from(starts_stage));
        }
        for i in 0..count {
            let later = |&x: &usize| {
                !common.is_argument(x) && common.stage[x].is_some() && common.stage[x] < common.stage[i]
            };
            let read: Vec<usize> = common.operands(i).filter(later).collect();
            common.stored.extend(read);
        }
        common
    }

    fn is_argument(&self, i: usize) -> bool {
        matches!(self.program.nodes[i], Node::Arg(_))
    }

    fn operands(&self, i: usize) -> impl Iterator<Item = usize> {
        let all = self.program.nodes[i].operands();
        let replacement = self.replacement[i];
        replacement.into_iter().chain(all.filter(move |_| replacement.is_none()))
    }
}
