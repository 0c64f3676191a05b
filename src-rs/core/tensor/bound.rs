//! A graph whose sizes are all known: loops unrolled, unused nodes left out, elementwise nodes joined to programs.

use crate::axes::{Axes, Axis, elements, text};
use crate::graph::{Graph, Node, Op};
use crate::groups::{Group, group};
use crate::infer::infer;
use crate::scan::{self, Unrolled};
use lapicque_base::error::{Error, Result};

/// One step of a run, in the order of their results.
#[derive(Debug)]
pub(crate) enum Step {
    /// An elementwise program.
    Group(Box<Group>),
    Node(usize),
}

/// A graph for inputs of certain sizes.
#[derive(Debug, Default)]
pub struct Bound {
    pub(crate) nodes: Vec<Node>,
    pub(crate) axes: Vec<Axes>,
    /// By node: whether a gradient flows through it to an input.
    pub(crate) differentiated: Vec<bool>,
    pub(crate) steps: Vec<Step>,
    pub(crate) results: Vec<(String, usize)>,
}

/// Maximum number of nodes after loops have been unrolled.
const MAX_UNROLLED: usize = 4_000_000;

struct Flat<'a> {
    nodes: Vec<Node>,
    axes: Vec<Axes>,
    sizes: &'a dyn Fn(&str) -> Option<Vec<usize>>,
}

impl Flat<'_> {
    fn push(&mut self, mut node: Node) -> Result<usize> {
        if self.nodes.len() >= MAX_UNROLLED {
            let expected = format!("at most {MAX_UNROLLED} operations in all steps of its loops");
            return Err(Error::invalid(node.label(), "more operations", expected));
        }
        if let Op::Input { name, axes } = &mut node.op {
            let sizes =
                (self.sizes)(name).ok_or_else(|| Error::invalid(name.clone(), "nothing", "a tensor"))?;
            bind(name, axes, &sizes)?;
        }
        let of: Vec<&Axes> = node.of.iter().map(|&of| &self.axes[of]).collect();
        let axes = infer(&node, &of)?;
        self.axes.push(axes);
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }
}

/// Sets the sizes of an input.
fn bind(name: &str, axes: &mut Axes, sizes: &[usize]) -> Result<()> {
    let fits = |(Axis(_, known), &size): (&Axis, &usize)| known.is_none_or(|known| known == size);
    if axes.len() != sizes.len() || !axes.iter().zip(sizes).all(fits) {
        let (expected, got) = (text(axes), format!("{sizes:?}"));
        return Err(Error::ShapeMismatch { layer: name.into(), expected, got });
    }
    axes.iter_mut().zip(sizes).for_each(|(axis, &size)| axis.1 = Some(size));
    Ok(())
}

impl Bound {
    /// `sizes` of an input by its name; `wanted`: whether a gradient with respect to it is.
    ///
    /// # Errors
    /// `invalid-parameter` for an input without sizes, `shape-mismatch` for sizes that do not fit.
    pub fn new(
        graph: &Graph,
        sizes: &dyn Fn(&str) -> Option<Vec<usize>>,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Bound> {
        let mut flat = Flat { nodes: vec![], axes: vec![], sizes };
        let mut numbers = Vec::with_capacity(graph.nodes.len());
        let mut loops: Vec<(usize, Unrolled)> = vec![];
        for (i, node) in graph.nodes.iter().enumerate() {
            let of: Vec<usize> = node.of.iter().map(|&of| numbers[of]).collect();
            let number = match &node.op {
                Op::Scan { axis, carries, slices, body, result } => {
                    let same = loops.iter().find(|(other, _)| same_loop(&graph.nodes[*other], node));
                    let unrolled = match same {
                        Some((_, unrolled)) => unrolled.clone(),
                        None => {
                            let along = &flat.axes[of[*carries]];
                            let steps = along.iter().find(|along| along.0 == *axis).and_then(|along| along.1);
                            let counts = [*carries, *slices, steps.unwrap_or(0)];
                            let unrolled =
                                scan::unroll(body, &of, axis, counts, &mut |node| flat.push(node))?;
                            loops.push((i, unrolled.clone()));
                            unrolled
                        }
                    };
                    match unrolled.outputs.get(result.wrapping_sub(*carries)) {
                        None => unrolled.carries[*result],
                        Some(outputs) if outputs.is_empty() => {
                            return Err(Error::invalid(
                                node.label(),
                                "no step",
                                "an axis of at least 1 element",
                            ));
                        }
                        Some(outputs) => {
                            flat.push(Node::new(Op::Stack { axis: axis.clone() }, outputs.clone()))?
                        }
                    }
                }
                _ => flat.push(Node { op: node.op.clone(), of, at: node.at.clone() })?,
            };
            numbers.push(number);
        }
        let results: Vec<_> =
            graph.results.iter().map(|(name, node)| (name.clone(), numbers[*node])).collect();
        let Flat { nodes, axes, .. } = flat;
        let mut used = vec![false; nodes.len()];
        results.iter().for_each(|(_, node)| used[*node] = true);
        for (i, node) in nodes.iter().enumerate().rev() {
            if used[i] {
                node.of.iter().for_each(|&of| used[of] = true);
            }
        }
        let mut differentiated = vec![false; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            differentiated[i] = match &node.op {
                Op::Input { name, .. } => wanted(name),
                op => node.of.iter().enumerate().any(|(k, &of)| differentiated[of] && op.has_gradient(k)),
            };
        }
        let steps = group(&nodes, &axes, &used, &differentiated, &results)?;
        Ok(Bound { nodes, axes, differentiated, steps, results })
    }

    /// The names of results with their sizes.
    pub fn results(&self) -> impl Iterator<Item = (&str, &Axes)> {
        self.results.iter().map(|(name, node)| (name.as_str(), &self.axes[*node]))
    }

    /// Number of values of all tensors; with gradients twice as many are kept.
    pub fn values(&self) -> u64 {
        self.axes.iter().fold(0u64, |sum, axes| sum.saturating_add(elements(axes) as u64))
    }
}

fn same_loop(a: &Node, b: &Node) -> bool {
    match (&a.op, &b.op) {
        (
            Op::Scan { axis, carries, slices, body, .. },
            Op::Scan { axis: x, carries: c, slices: s, body: y, .. },
        ) => (axis, carries, slices, body, &a.of) == (x, c, s, y, &b.of),
        _ => false,
    }
}

impl Op {
    /// Whether a gradient flows to an operand.
    pub(crate) fn has_gradient(&self, operand: usize) -> bool {
        match self {
            Op::Elementwise(f) => f.has_gradient(operand),
            Op::Detach
            | Op::Range { .. }
            | Op::Size { .. }
            | Op::ArgMax { .. }
            | Op::ArgMin { .. }
            | Op::ArgSort { .. } => false,
            Op::Gather { .. } | Op::Expand { .. } => operand == 0,
            _ => true,
        }
    }
}
