//! Loops over an axis. The body is a graph of its own: its parameters are the carried values, one element of each slice,
//! and values from outside; its results are the next carried values, then outputs. Before a run, a loop is unrolled, so
//! that the gradient needs no rule of its own.

use crate::axes::{Axes, Axis, find, text};
use crate::graph::{Graph, Node, Op};
use lapicque_base::error::{Error, Result};

/// The axes of result `result` of a loop over `axis`: of a carried value at the end, or of an output of all steps.
///
/// # Errors
/// `invalid-parameter`, `unknown-name` and `shape-mismatch`
pub fn axes(
    label: &str,
    of: &[&Axes],
    axis: &str,
    [carries, slices]: [usize; 2],
    body: &Graph,
    result: usize,
) -> Result<Axes> {
    if slices == 0 {
        return Err(Error::invalid(
            label,
            "no tensor",
            format!("a tensor with axis \"{axis}\" to go through"),
        ));
    }
    if body.results.len() < carries || result >= body.results.len() {
        return Err(Error::invalid(label, result, "a result of the loop's body"));
    }
    let misplaced = |node: &&Node| matches!(node.op, Op::Scan { .. } | Op::Input { .. });
    if let Some(node) = body.nodes.iter().find(misplaced) {
        let expected = "a body without loops and inputs of its own; pass values from outside as operands";
        return Err(Error::invalid(label, node.label(), expected));
    }
    let inner = body.axes()?;
    for (node, own) in body.nodes.iter().zip(&inner) {
        let Op::Parameter { index, .. } = node.op else { continue };
        let Some(outer) = of.get(index) else {
            return Err(Error::invalid(
                label,
                format!("parameter {index}"),
                "one parameter for each operand",
            ));
        };
        let mut expected = (*outer).clone();
        if (carries..carries + slices).contains(&index) {
            expected.remove(find(label, &expected, axis)?);
        }
        same(label, own, &expected)?;
    }
    for (carry, (_, next)) in of[..carries].iter().zip(&body.results) {
        same(label, &inner[*next], carry)?;
    }
    let axes = inner[body.results[result].1].clone();
    if result < carries {
        return Ok(axes);
    }
    let along = of[carries];
    let mut all = vec![Axis(axis.into(), along[find(label, along, axis)?].1)];
    all.extend(axes);
    Ok(all)
}

/// The axes must have the same names in the same order, and no known sizes that differ.
fn same(label: &str, got: &Axes, expected: &Axes) -> Result<()> {
    let fits = |(a, b): (&Axis, &Axis)| a.0 == b.0 && (a.1.is_none() || b.1.is_none() || a.1 == b.1);
    if got.len() == expected.len() && got.iter().zip(expected).all(fits) {
        return Ok(());
    }
    Err(Error::ShapeMismatch { layer: label.into(), expected: text(expected), got: text(got) })
}

/// The results of a loop: carried values at the end, and the outputs of each step.
#[derive(Clone)]
pub struct Unrolled {
    pub carries: Vec<usize>,
    pub outputs: Vec<Vec<usize>>,
}

/// Repeats the body for each step. `push` adds a node and returns its number.
///
/// # Errors
/// Those of `push`.
pub fn unroll(
    body: &Graph,
    of: &[usize],
    axis: &str,
    [carries, slices, steps]: [usize; 3],
    push: &mut dyn FnMut(Node) -> Result<usize>,
) -> Result<Unrolled> {
    let mut now: Vec<usize> = of[..carries].to_vec();
    let mut outputs = vec![Vec::with_capacity(steps); body.results.len() - carries];
    for step in 0..steps {
        let at = |slice: usize, push: &mut dyn FnMut(Node) -> Result<usize>| {
            let op = Op::At { axis: axis.into(), index: step as i64 };
            push(Node::new(op, vec![of[slice]]))
        };
        let mut numbers = Vec::with_capacity(body.nodes.len());
        for node in &body.nodes {
            let number = match node.op {
                Op::Parameter { index, .. } if index < carries => now[index],
                Op::Parameter { index, .. } if index < carries + slices => at(index, push)?,
                Op::Parameter { index, .. } => of[index],
                _ => {
                    let of = node.of.iter().map(|&of| numbers[of]).collect();
                    push(Node { op: node.op.clone(), of, at: node.at.clone() })?
                }
            };
            numbers.push(number);
        }
        let results: Vec<usize> = body.results.iter().map(|&(_, node)| numbers[node]).collect();
        now = results[..carries].to_vec();
        outputs.iter_mut().zip(&results[carries..]).for_each(|(all, &one)| all.push(one));
    }
    Ok(Unrolled { carries: now, outputs })
}
