//! Takes a recorded graph apart: what depends on some inputs alone, and the rest.

use super::graph::{Graph, Op, Sym, push};

/// What a node depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Constants,
    /// The chosen inputs alone.
    Chosen,
    Others,
}

/// The nodes that depend on `chosen` inputs alone and that the rest of what `outs` need takes, or that
/// are outs themselves: ascending. A spike or detached value belongs to the rest.
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
    let mut reach = |x: Sym, needed: &mut Vec<bool>| match on[x.index()] {
        On::Chosen => border[x.index()] = true,
        _ => needed[x.index()] = true,
    };
    outs.iter().for_each(|&x| reach(x, &mut needed));
    for (i, &op) in graph.nodes().iter().enumerate().rev() {
        if needed[i] && on[i] == On::Others {
            op.operands(|x| reach(x, &mut needed));
        }
    }
    (0..border.len()).filter(|&i| border[i]).map(|i| Sym(i as u32)).collect()
}

/// Records again, in the graph being recorded, what `outs` of `graph` need. `known` gives nodes that
/// stand for nodes of `graph`: all inputs that are met must be among them.
pub fn transplant(graph: &Graph, known: &[(Sym, Sym)], outs: &[Sym]) -> Vec<Sym> {
    let mut at: Vec<Option<Sym>> = vec![None; graph.nodes().len()];
    known.iter().for_each(|&(old, new)| at[old.index()] = Some(new));
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
