//! The arithmetic of a function, counted from its graph. Products of an input with weights are counted apart, because
//! an input of 0 needs none of them.

use crate::axes::{Axis, elements, position};
use crate::bound::Bound;
use crate::elementwise::Elementwise;
use crate::graph::{Graph, Node, Op};
use crate::run::{Contraction, Inputs};
use lapicque_base::error::Result;
use lapicque_base::simd::SimdLevel;

/// Operations of one run, whatever the values are. A function such as `exp` is one multiply-add, a comparison one
/// addition; moves of elements cost nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub multiply_adds: u64,
    pub additions: u64,
}

/// Products of an input with weights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Synapses {
    /// By element of the input: the number of nonzero weights that it is multiplied with.
    pub fan_outs: Vec<u64>,
    /// The number of all products.
    pub all: u64,
}

/// The nodes of a function by their relation to its inputs.
struct Roles {
    used: Vec<bool>,
    /// Whether the value depends on an input that counts.
    depends: Vec<bool>,
    /// By node: the position of the operand that consists of moved elements of the input with synapses, if the other one is
    /// a weight.
    synaptic: Vec<Option<usize>>,
}

impl Bound {
    /// `input`: the input whose products with weights are synapses.
    fn roles(&self, input: &str, counts: &dyn Fn(&str) -> bool) -> Roles {
        let n = self.nodes.len();
        let (mut depends, mut moved, mut synaptic) = (vec![false; n], vec![false; n], vec![None; n]);
        for (i, node) in self.nodes.iter().enumerate() {
            depends[i] = match &node.op {
                Op::Input { name, .. } => counts(name),
                // Only the number of elements.
                Op::Range { .. } | Op::Size { .. } => false,
                Op::Expand { .. } => depends[node.of[0]],
                _ => node.of.iter().any(|&of| depends[of]),
            };
            moved[i] = match &node.op {
                Op::Input { name, .. } => name == input,
                Op::Rename { .. }
                | Op::Unflatten { .. }
                | Op::Flatten { .. }
                | Op::Transpose { .. }
                | Op::Slice { .. }
                | Op::At { .. }
                | Op::Expand { .. } => moved[node.of[0]],
                Op::Pad { value, .. } => moved[node.of[0]] && *value == 0.0,
                Op::Gather { .. } => moved[node.of[0]] && !depends[node.of[1]],
                Op::Concat { .. } | Op::Stack { .. } => node.of.iter().all(|&of| moved[of]),
                _ => false,
            };
            if matches!(node.op, Op::Contract { .. } | Op::Elementwise(Elementwise::Mul)) {
                synaptic[i] = (0..2).find(|&k| moved[node.of[k]] && !depends[node.of[1 - k]]);
            }
        }
        let mut used = vec![false; n];
        self.results.iter().for_each(|(_, node)| used[*node] = true);
        for (i, node) in self.nodes.iter().enumerate().rev() {
            if used[i] {
                node.of.iter().for_each(|&of| used[of] = true);
            }
        }
        Roles { used, depends, synaptic }
    }

    /// The number of products of a contraction or of a multiplication.
    fn products(&self, node: usize) -> u64 {
        match &self.nodes[node].op {
            Op::Contract { left, right } => {
                let [a, b] = [0, 1].map(|k| &self.axes[self.nodes[node].of[k]]);
                let [batch, m, k, n] = Contraction::new([a, b], left, right).sizes;
                [m, k, n].iter().fold(batch as u64, |product, &size| product.saturating_mul(size as u64))
            }
            _ => elements(&self.axes[node]) as u64,
        }
    }

    /// The cost of all that depends on the inputs that `counts` names, without the products of [`Bound::synapses`] of
    /// `input` and without biases, which are added to such products.
    pub fn cost(&self, input: &str, counts: &dyn Fn(&str) -> bool) -> Cost {
        let roles = self.roles(input, counts);
        let mut cost = Cost::default();
        for (i, node) in self.nodes.iter().enumerate() {
            if !roles.used[i] || !roles.depends[i] || roles.synaptic[i].is_some() {
                continue;
            }
            let size = |of: usize| elements(&self.axes[of]) as u64;
            let is_bias = |k: usize| roles.synaptic[node.of[k]].is_some() && !roles.depends[node.of[1 - k]];
            let [multiply_adds, additions] = match &node.op {
                Op::Contract { .. } => [self.products(i), 0],
                Op::Elementwise(Elementwise::Add | Elementwise::Sub) if (0..2).any(is_bias) => [0, 0],
                Op::Elementwise(f) if f.multiplies() => [size(i), 0],
                Op::Elementwise(_) | Op::Spike { .. } | Op::CumSum { .. } => [0, size(i)],
                Op::Sum { .. } | Op::Max { .. } | Op::Min { .. } | Op::ArgMax { .. } | Op::ArgMin { .. } => {
                    [0, size(node.of[0])]
                }
                Op::Mean { .. } => [size(i), size(node.of[0])],
                Op::Prod { .. } => [size(node.of[0]), 0],
                Op::LogSumExp { .. } => [size(node.of[0]) + size(i), size(node.of[0])],
                Op::ArgSort { axis, .. } => {
                    let axes = &self.axes[i];
                    let n = position(axes, axis).and_then(|at| axes[at].1).unwrap_or(1);
                    [0, size(i).saturating_mul(u64::from(n.max(1).next_power_of_two().ilog2()))]
                }
                _ => [0, 0],
            };
            cost.multiply_adds = cost.multiply_adds.saturating_add(multiply_adds);
            cost.additions = cost.additions.saturating_add(additions);
        }
        cost
    }

    /// The products of one input with weights; `counts`: the inputs that are no weights. The gradient of their sum, with 1 in place of each nonzero weight, is the
    /// number of products that an element takes part in.
    ///
    /// # Errors
    /// Those of [`Bound::run`].
    pub fn synapses(
        &self,
        input: &str,
        counts: &dyn Fn(&str) -> bool,
        values: &Inputs<f64>,
    ) -> Result<Synapses> {
        let roles = self.roles(input, counts);
        let mut graph = Graph { nodes: self.nodes.clone(), results: vec![] };
        for (node, axes) in graph.nodes.iter_mut().zip(&self.axes) {
            if let Op::Input { axes: own, .. } = &mut node.op {
                own.clone_from(axes);
            }
        }
        let mut synapses = Synapses::default();
        for (i, node) in self.nodes.iter().enumerate() {
            let Some(moved) = roles.synaptic[i].filter(|_| roles.used[i]) else { continue };
            synapses.all = synapses.all.saturating_add(self.products(i));
            let mut push = |op: Op, of: Vec<usize>| {
                graph.nodes.push(Node::new(op, of));
                graph.nodes.len() - 1
            };
            let zero = push(Op::Constant { value: 0.0 }, vec![]);
            let mut of = node.of.clone();
            of[1 - moved] = push(Op::Elementwise(Elementwise::NotEqual), vec![of[1 - moved], zero]);
            let mut sum = push(node.op.clone(), of);
            for Axis(axis, _) in &self.axes[i] {
                sum = push(Op::Sum { axis: axis.clone() }, vec![sum]);
            }
            graph.results.push((format!("{i}"), sum));
        }
        let sizes = |name: &str| values.iter().find(|(other, _)| *other == name).map(|_| self.sizes_of(name));
        let bound = Bound::new(&graph, &sizes, &|name| name == input)?;
        let seeds = vec![vec![1.0]; bound.results.len()];
        let found = bound.run(SimdLevel::detect(), values)?.gradients(seeds)?;
        if let Some((_, fan_outs)) = found.into_iter().next() {
            synapses.fan_outs = fan_outs.into_iter().map(|count| count.round() as u64).collect();
        }
        Ok(synapses)
    }

    fn sizes_of(&self, input: &str) -> Vec<usize> {
        let of = |node: &Node| matches!(&node.op, Op::Input { name, .. } if name == input);
        let at = self.nodes.iter().position(of);
        at.map_or(vec![], |at| crate::axes::sizes(&self.axes[at]))
    }
}
