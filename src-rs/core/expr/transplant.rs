//! Divides a recorded graph into the part that depends only on some inputs, and the rest.

use super::graph::{Graph, Op, Sym, push};

/// The inputs on which a node depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Constants,
    /// Only the chosen inputs.
    Chosen,
    Others,
}

/// The nodes that depend only on `chosen` inputs and are used by the rest of what `outs` need, or are outputs themselves;
/// ascending. Spikes and detached values belong to the rest.
pub fn frontier(graph: &Graph, chosen: impl Fn(u32) -> bool, outs: &[Sym]) -> Vec<Sym> {
    let mut on: Vec<On> = Vec::with_capacity(graph.nodes().len());
    for &op in graph.nodes() {
        let mut of = On::Constants;
        op.operands(|x| match (of, on[x.index()]) {
            (On::Others, _) | (_, On::Others) => of = On::Others,
            (_, On::Chosen) => of = On::Chosen,
            (_, On::Constants) => {}
        });
        on.push(match op {
            Op::Input(i) if chosen(i) => On::Chosen,
            Op::Input(_) => On::Others,
            Op::Spike { .. } | Op::Detach(_) if of == On::Chosen => On::Others,
            _ => of,
        });
    }
    let mut needed = vec![false; on.len()];
    let mut border = vec![false; on.len()];
    let mut mark = |x: Sym, needed: &mut Vec<bool>| match on[x.index()] {
        On::Chosen => border[x.index()] = true,
        _ => needed[x.index()] = true,
    };
    outs.iter().for_each(|&x| mark(x, &mut needed));
    for (i, &op) in graph.nodes().iter().enumerate().rev() {
        if needed[i] && on[i] == On::Others {
            op.operands(|x| mark(x, &mut needed));
        }
    }
    (0..border.len()).filter(|&i| border[i]).map(|i| Sym(i as u32)).collect()
}

/// Records the part of `graph` that `outs` need in the graph being recorded. `replacements`: nodes that replace nodes of `graph`; all
/// inputs that are reached must be among them.
pub fn transplant(graph: &Graph, replacements: &[(Sym, Sym)], outs: &[Sym]) -> Vec<Sym> {
    let mut at: Vec<Option<Sym>> = vec![None; graph.nodes().len()];
    replacements.iter().for_each(|&(old, new)| at[old.index()] = Some(new));
    let mut needed = vec![false; at.len()];
    outs.iter().for_each(|x| needed[x.index()] = true);
    for (i, &op) in graph.nodes().iter().enumerate().rev() {
        if needed[i] && at[i].is_none() {
            op.operands(|x| needed[x.index()] = true);
        }
    }
    for (i, &op) in graph.nodes().iter().enumerate() {
        if needed[i] && at[i].is_none() {
            let to = |x: Sym| at[x.index()].expect("operands come first, and inputs are known");
            let moved = match op {
                Op::Input(_) => unreachable!("every input that is met is known"),
                Op::Const(bits) => Op::Const(bits),
                Op::Unary(f, a) => Op::Unary(f, to(a)),
                Op::Binary(f, a, b) => Op::Binary(f, to(a), to(b)),
                Op::Ternary(f, a, b, c) => Op::Ternary(f, to(a), to(b), to(c)),
                Op::Spike { x, strict } => Op::Spike { x: to(x), strict },
                Op::Detach(x) => Op::Detach(to(x)),
            };
            at[i] = Some(push(moved));
        }
    }
    outs.iter().map(|x| at[x.index()].expect("outs are needed")).collect()
}
