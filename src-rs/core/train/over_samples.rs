//! How the results of a traced loss depend on samples. A loss whose samples are independent is evaluated chunk by chunk, as
//! built-in losses are.

use lapicque_tensor::{Graph, Node, Op};

/// How a value depends on the samples of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Not at all.
    Nothing,
    /// One value for each sample.
    Each,
    /// A mean over samples, and what is linear in one.
    Mean,
    /// A sum over samples, and what is linear in one.
    Sum,
    /// Otherwise: samples are not independent.
    Whole,
}

const BATCH: &str = "batch";

/// By node of a traced loss.
pub(super) fn over_samples(graph: &Graph, has_batch: &dyn Fn(usize) -> bool) -> Vec<Over> {
    let mut all: Vec<Over> = Vec::with_capacity(graph.nodes.len());
    for (i, node) in graph.nodes.iter().enumerate() {
        let over = match &node.op {
            Op::Input { name, .. } => match (has_batch(i), name.starts_with("parameter:")) {
                (false, _) => Over::Nothing,
                (true, false) => Over::Each,
                (true, true) => Over::Whole,
            },
            _ => of_node(node, &|k| all[node.of[k]]),
        };
        all.push(over);
    }
    all
}

fn of_node(node: &Node, of: &dyn Fn(usize) -> Over) -> Over {
    let operands: Vec<Over> = match node.op {
        // Of the others only the size of an axis.
        Op::Expand { .. } => vec![of(0)],
        Op::Range { .. } | Op::Size { .. } => vec![],
        _ => (0..node.of.len()).map(of).collect(),
    };
    if names_batch(&node.op) {
        return match (&node.op, &operands[..]) {
            (Op::Mean { .. }, [Over::Each]) => Over::Mean,
            (Op::Sum { .. }, [Over::Each]) => Over::Sum,
            (Op::Expand { .. }, [Over::Nothing]) => Over::Each,
            _ => Over::Whole,
        };
    }
    if operands.iter().all(|over| *over == Over::Nothing) {
        return Over::Nothing;
    }
    if operands.iter().all(|over| matches!(over, Over::Nothing | Over::Each)) {
        return Over::Each;
    }
    match (node.op.name().as_str(), &operands[..]) {
        ("sum" | "mean" | "neg" | "rename" | "detach", [over]) => *over,
        ("mul", [over, Over::Nothing] | [Over::Nothing, over]) | ("div", [over, Over::Nothing]) => *over,
        ("add" | "sub", [a, b]) if a == b && *a != Over::Each => *a,
        // The weights of a mean have the sum 1.
        ("add" | "sub", [Over::Mean, Over::Nothing] | [Over::Nothing, Over::Mean]) => Over::Mean,
        _ => Over::Whole,
    }
}

/// Whether an operation works along the axis of the samples.
fn names_batch(op: &Op) -> bool {
    match op {
        Op::Range { axis }
        | Op::Size { axis }
        | Op::Sum { axis }
        | Op::Mean { axis }
        | Op::Prod { axis }
        | Op::Max { axis }
        | Op::Min { axis }
        | Op::LogSumExp { axis }
        | Op::ArgMax { axis }
        | Op::ArgMin { axis }
        | Op::ArgSort { axis, .. }
        | Op::CumSum { axis }
        | Op::Unflatten { axis, .. }
        | Op::Slice { axis, .. }
        | Op::At { axis, .. }
        | Op::Pad { axis, .. }
        | Op::Concat { axis }
        | Op::Stack { axis }
        | Op::Gather { axis }
        | Op::Expand { axis } => axis == BATCH,
        Op::Contract { left, right } => left == BATCH || right == BATCH,
        Op::Flatten { axes, name } => name == BATCH || axes.iter().any(|axis| axis == BATCH),
        Op::Rename { from, to } => from == BATCH || to == BATCH,
        Op::Literal { axes, .. } => axes.iter().any(|axis| axis.0 == BATCH),
        Op::Scan { axis, body, .. } => axis == BATCH || body.nodes.iter().any(|node| names_batch(&node.op)),
        Op::Input { .. }
        | Op::Constant { .. }
        | Op::Elementwise(_)
        | Op::Spike { .. }
        | Op::Detach
        | Op::Transpose { .. }
        | Op::Parameter { .. } => false,
    }
}
