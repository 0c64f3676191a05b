//! Elementwise nodes joined to groups. A group is one program: its inner values stay in registers, only its result is
//! stored.

use crate::axes::{Axes, elements, position, sizes};
use crate::bound::Step;
use crate::graph::{Node, Op};
use lapicque_base::error::Result;
use lapicque_dynamics::surrogate::Surrogate;
use lapicque_expr::graph::{Sym, input, trace};
use lapicque_expr::{ArgSlot, OutSlot, Program, Scalar, adjoint};

/// How the elements of an input are found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Feed {
    /// It has one value.
    Uniform,
    /// It has the axes of the result.
    Elements,
    /// It lacks axes of the result, or has them in another order: its stride for each axis of the result.
    Strided(Vec<usize>),
}

#[derive(Debug)]
pub(crate) struct Group {
    /// The node whose value is stored.
    pub result: usize,
    /// The nodes that it reads.
    pub inputs: Vec<(usize, Feed)>,
    pub forward: Program,
    /// The gradients of inputs, with the gradient of the result as the last argument.
    pub backward: Program,
}

/// Maximum number of nodes of a group, so that a program compiles quickly.
const MAX_GROUP: usize = 64;

fn is_elementwise(op: &Op) -> bool {
    matches!(op, Op::Elementwise(_))
}

/// The steps of a graph, ascending.
pub(crate) fn group(
    nodes: &[Node],
    axes: &[Axes],
    used: &[bool],
    differentiated: &[bool],
    results: &[(String, usize)],
) -> Result<Vec<Step>> {
    let mut consumers: Vec<Vec<usize>> = vec![vec![]; nodes.len()];
    for (i, node) in nodes.iter().enumerate().filter(|&(i, _)| used[i]) {
        node.of.iter().for_each(|&of| consumers[of].push(i));
    }
    // By node: the result of its group.
    let mut root: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut counts = vec![0usize; nodes.len()];
    for (i, node) in nodes.iter().enumerate().rev() {
        if !used[i] || !(is_elementwise(&node.op) || matches!(node.op, Op::Spike { .. })) {
            continue;
        }
        let is_result = results.iter().any(|(_, result)| *result == i);
        let of = consumers[i].first().and_then(|&first| root[first]);
        let joins = |root_node: usize| {
            counts[root_node] < MAX_GROUP
                && axes[root_node] == axes[i]
                && is_elementwise(&nodes[root_node].op)
                && consumers[i].iter().all(|&consumer| root[consumer] == Some(root_node))
        };
        let own = match of {
            Some(root_node) if is_elementwise(&node.op) && !is_result && joins(root_node) => root_node,
            _ => i,
        };
        root[i] = Some(own);
        counts[own] += 1;
    }
    let mut members: Vec<Vec<usize>> = vec![vec![]; nodes.len()];
    for (i, root) in root.iter().enumerate() {
        if let Some(root) = root {
            members[*root].push(i);
        }
    }
    let mut steps = Vec::new();
    for (i, node) in nodes.iter().enumerate().filter(|&(i, _)| used[i]) {
        match root[i] {
            Some(own) if own == i => {
                steps.push(Step::Group(Box::new(programs(nodes, axes, differentiated, &members[i])?)))
            }
            Some(_) => {}
            None if matches!(node.op, Op::Constant { .. })
                && !results.iter().any(|(_, result)| *result == i) =>
            {
                // Part of each program that reads it; others read the value.
                if consumers[i].iter().any(|&consumer| root[consumer].is_none()) {
                    steps.push(Step::Node(i));
                }
            }
            None => steps.push(Step::Node(i)),
        }
    }
    Ok(steps)
}

fn programs(nodes: &[Node], axes: &[Axes], differentiated: &[bool], members: &[usize]) -> Result<Group> {
    let result = members[members.len() - 1];
    let mut inputs: Vec<usize> = Vec::new();
    for &of in members.iter().flat_map(|&member| &nodes[member].of) {
        if !members.contains(&of) && !inputs.contains(&of) && !matches!(nodes[of].op, Op::Constant { .. }) {
            inputs.push(of);
        }
    }
    let surrogate = match &nodes[result].op {
        Op::Spike { surrogate } => Some(Surrogate::resolve(Some(surrogate), None, None)?),
        _ => None,
    };
    let slots: Vec<ArgSlot> = (0..=inputs.len()).map(ArgSlot::Port).collect();
    let feeds: Vec<Feed> = inputs.iter().map(|&of| feed(&axes[of], &axes[result])).collect();
    let uniform = |slot: ArgSlot| match slot {
        ArgSlot::Port(i) => feeds.get(i) == Some(&Feed::Uniform),
        _ => false,
    };
    let (graph, value) = trace(false, || record(nodes, members, &inputs));
    let forward = Program::lower(&graph, &slots, uniform, &[(OutSlot::State(0), value)]);
    let (graph, outs) = trace(false, || {
        let value = record(nodes, members, &inputs);
        let seed = input(inputs.len());
        let derivative = |x: Sym| match &surrogate {
            Some(surrogate) => {
                let params: Vec<Sym> = surrogate.values().map(Sym::constant).collect();
                surrogate.derivative(x, &params)
            }
            None => Sym::zero(),
        };
        let gradients = adjoint::backward(&[(value, seed)], &[], &derivative);
        let wanted = inputs.iter().enumerate().filter(|&(_, &of)| differentiated[of]);
        let of = |(i, _)| gradients.of(input(i)).map(|gradient| (OutSlot::GradPort(i), gradient));
        wanted.filter_map(of).collect::<Vec<_>>()
    });
    let backward = Program::lower(&graph, &slots, uniform, &outs);
    Ok(Group { result, inputs: inputs.into_iter().zip(feeds).collect(), forward, backward })
}

/// Records the members in their order and returns the last value.
fn record(nodes: &[Node], members: &[usize], inputs: &[usize]) -> Sym {
    let outside: Vec<Sym> = (0..inputs.len()).map(input).collect();
    let mut values: Vec<Sym> = Vec::with_capacity(members.len());
    for &member in members {
        let operands: Vec<Sym> = nodes[member]
            .of
            .iter()
            .map(|of| match (&nodes[*of].op, inputs.iter().position(|input| input == of)) {
                (Op::Constant { value }, _) => Sym::constant(*value),
                (_, Some(i)) => outside[i],
                (_, None) => values[members.binary_search(of).unwrap_or(0)],
            })
            .collect();
        values.push(match &nodes[member].op {
            Op::Elementwise(f) => f.record(&operands),
            _ => operands[0].spike(true),
        });
    }
    values.last().copied().unwrap_or_else(Sym::zero)
}

fn feed(own: &Axes, of: &Axes) -> Feed {
    if elements(own) == 1 && elements(of) != 1 {
        return Feed::Uniform;
    }
    if own == of {
        return Feed::Elements;
    }
    Feed::Strided(strides_in(own, of))
}

/// The strides of a tensor with the axes `own` for each of the axes `of`; 0 where it lacks one.
pub(crate) fn strides_in(own: &Axes, of: &Axes) -> Vec<usize> {
    let strides = strides(&sizes(own));
    of.iter().map(|axis| position(own, &axis.0).map_or(0, |at| strides[at])).collect()
}

/// The strides of contiguous axes.
pub(crate) fn strides(sizes: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; sizes.len()];
    for i in (1..sizes.len()).rev() {
        strides[i - 1] = strides[i] * sizes[i];
    }
    strides
}
