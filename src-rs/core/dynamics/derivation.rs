//! Computes coefficients from parameters, and gradients of parameters from those of coefficients.

use super::names::Named;
use super::settings::Param;
use lapicque_expr::Scalar;
use lapicque_expr::adjoint::backward;
use lapicque_expr::graph::{Graph, Op, Sym, input, recording, trace};

/// A coefficient of a step.
#[derive(Debug, Clone)]
pub struct Coef {
    pub name: &'static str,
    pub kind: CoefKind,
}

#[derive(Debug, Clone)]
pub enum CoefKind {
    /// Folded into the programs.
    Const(f64),
    Slot {
        slot: usize,
        /// One value for all neurons.
        uniform: bool,
        /// Whether it depends on a learned parameter.
        learned: bool,
    },
}

/// The inputs of the graph: the parameters, the length of a step in ms, then one gradient per slot.
#[derive(Debug, Clone)]
pub struct Derivation {
    graph: Graph,
    dt: f64,
    /// By slot: the node, and the parameters on which it depends.
    slots: Vec<(Sym, Vec<bool>)>,
    /// By parameter: its gradient, if it is learned and has one.
    gradients: Vec<Option<Sym>>,
}

impl Derivation {
    /// Traces a model's `derive` and its adjoint. A parameter that is uniform, fixed and `neutral` becomes a constant of the
    /// graph, and so does everything that depends only on such parameters. The step length is an input too (`dt`), so one
    /// program serves every length.
    pub fn trace(
        params: &[Param],
        dt: f64,
        neutral: &dyn Fn(&str) -> Option<f64>,
        derive: &dyn Fn(&Named<Sym>) -> Named<Sym>,
    ) -> (Derivation, Vec<Coef>) {
        let folded = |i: usize| {
            let param = &params[i];
            let neutral = neutral(param.name)?;
            let fixed = !param.learn && param.values.iter().all(|&x| x == neutral);
            fixed.then_some(neutral)
        };
        let (graph, (nodes, slots, gradients)) = trace(true, || {
            let node = |i: usize| folded(i).map_or_else(|| input(i), Sym::constant);
            let named: Named<Sym> = params.iter().enumerate().map(|(i, p)| (p.name, node(i))).collect();
            let nodes: Vec<_> = derive(&named.with("dt", input(params.len()))).iter().collect();
            let constant = |x: Sym| recording(|graph| graph.constant_of(x));
            let slots: Vec<Sym> =
                nodes.iter().map(|&(_, node)| node).filter(|&node| constant(node).is_none()).collect();
            let seeds: Vec<_> =
                slots.iter().enumerate().map(|(k, &node)| (node, input(params.len() + 1 + k))).collect();
            let gradients = backward(&seeds, &[], &|_| Sym::zero());
            let gradients: Vec<_> = params
                .iter()
                .enumerate()
                .map(|(i, param)| if param.learn { gradients.of(input(i)) } else { None })
                .collect();
            (nodes, slots, gradients)
        });
        let depends = dependencies(&graph, params.len());
        let slots: Vec<_> = slots.iter().map(|&node| (node, depends[node.index()].clone())).collect();
        let mut next = 0;
        let coefs = nodes
            .iter()
            .map(|&(name, node)| {
                let kind = match graph.constant_of(node) {
                    Some(x) => CoefKind::Const(x),
                    None => {
                        let slot = next;
                        next += 1;
                        let sources = || params.iter().zip(&slots[slot].1).filter(|(_, on)| **on);
                        CoefKind::Slot {
                            slot,
                            uniform: sources().all(|(param, _)| param.values.len() == 1),
                            learned: sources().any(|(param, _)| param.learn),
                        }
                    }
                };
                Coef { name, kind }
            })
            .collect();
        (Derivation { graph, dt, slots, gradients }, coefs)
    }

    /// The parameters on which the coefficient of a slot depends.
    pub fn sources(&self, slot: usize) -> impl Iterator<Item = usize> {
        let depends = self.slots.get(slot).map_or(&[][..], |(_, depends)| depends);
        depends.iter().enumerate().filter(|(_, on)| **on).map(|(param, _)| param)
    }

    /// The coefficients in slot order, each one value or one per neuron.
    pub fn derive(&self, params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let length = |depends: &[bool]| {
            let lengths = params.iter().zip(depends).filter(|(_, on)| **on).map(|(values, _)| values.len());
            lengths.max().unwrap_or(1)
        };
        let lengths: Vec<usize> = self.slots.iter().map(|(_, depends)| length(depends)).collect();
        let mut coefs: Vec<Vec<f64>> = lengths.iter().map(|&n| Vec::with_capacity(n)).collect();
        let mut inputs = vec![0.0; params.len() + 1 + self.slots.len()];
        inputs[params.len()] = self.dt;
        fill(&mut inputs, params, 0);
        let mut values = self.graph.evaluate(&inputs);
        // From the second neuron on, only values that differ between neurons are computed.
        let again = self.differing(params);
        for i in 0..lengths.iter().copied().max().unwrap_or(0) {
            if i > 0 {
                fill(&mut inputs, params, i);
                self.graph.evaluate_again(&again, &inputs, &mut values);
            }
            for ((coef, &(node, _)), &n) in coefs.iter_mut().zip(&self.slots).zip(&lengths) {
                if i < n {
                    coef.push(values[node.index()]);
                }
            }
        }
        coefs
    }

    /// The nodes of coefficients that depend on a parameter with several values, ascending.
    fn differing(&self, params: &[Vec<f64>]) -> Vec<usize> {
        let nodes = self.graph.nodes();
        let mut differs = vec![false; nodes.len()];
        for (i, op) in nodes.iter().enumerate() {
            match *op {
                Op::Input(input) => {
                    differs[i] = params.get(input as usize).is_some_and(|list| list.len() > 1)
                }
                op => op.operands(|x| differs[i] |= differs[x.index()]),
            }
        }
        let mut needed = vec![false; nodes.len()];
        self.slots.iter().for_each(|(node, _)| needed[node.index()] = true);
        for (i, op) in nodes.iter().enumerate().rev().filter(|&(i, _)| differs[i]) {
            if needed[i] {
                op.operands(|x| needed[x.index()] = true);
            }
        }
        (0..nodes.len()).filter(|&i| differs[i] && needed[i]).collect()
    }

    /// Gradients of the learned parameters. A parameter with one value for all neurons gets the sum in ascending order.
    pub fn derive_adjoint(
        &self,
        params: &[Vec<f64>],
        grad_coefs: &[Option<Vec<f64>>],
    ) -> Vec<Option<Vec<f64>>> {
        let arrived = |slot: usize| grad_coefs.get(slot).and_then(Option::as_ref);
        let n = (0..self.slots.len()).filter_map(arrived).map(Vec::len).max().unwrap_or(0);
        let mut gradients: Vec<Option<Vec<f64>>> = (self.gradients.iter().zip(params))
            .map(|(gradient, values)| gradient.map(|_| vec![0.0; values.len()]))
            .collect();
        let mut inputs = vec![0.0; params.len() + 1 + self.slots.len()];
        inputs[params.len()] = self.dt;
        for i in 0..n {
            fill(&mut inputs, params, i);
            for slot in 0..self.slots.len() {
                // A uniform value is already summed over the neurons, so it counts once.
                inputs[params.len() + 1 + slot] =
                    arrived(slot).and_then(|g| g.get(i)).copied().unwrap_or(0.0);
            }
            let values = self.graph.evaluate(&inputs);
            for (node, sums) in self.gradients.iter().zip(&mut gradients) {
                if let (Some(node), Some(sums)) = (node, sums) {
                    let at = if sums.len() == 1 { 0 } else { i };
                    sums[at] += values[node.index()];
                }
            }
        }
        gradients
    }
}

/// Sets the parameters to those of neuron `i`.
fn fill(inputs: &mut [f64], params: &[Vec<f64>], i: usize) {
    for (input, values) in inputs.iter_mut().zip(params) {
        *input = if values.len() == 1 { values[0] } else { values[i] };
    }
}

/// By node: on which of the first `inputs` inputs it depends.
fn dependencies(graph: &Graph, inputs: usize) -> Vec<Vec<bool>> {
    let mut depends: Vec<Vec<bool>> = Vec::with_capacity(graph.nodes().len());
    for &op in graph.nodes() {
        let mut on = vec![false; inputs];
        match op {
            Op::Input(i) if (i as usize) < inputs => on[i as usize] = true,
            _ => op.operands(|x| on.iter_mut().zip(&depends[x.index()]).for_each(|(on, &too)| *on |= too)),
        }
        depends.push(on);
    }
    depends
}
