//! Computes coefficients from parameters, and gradients of parameters from those of coefficients.

use super::defaults::{ComputeDefault, complete};
use super::names::Named;
use super::settings::{Param, Settings};
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

/// A value that is a function of the parameters: its node, and the parameters on which it depends.
#[derive(Debug, Clone)]
pub struct Output {
    node: Sym,
    sources: Vec<bool>,
}

impl Output {
    /// The values of `nodes`, in a graph whose first `params` inputs are the parameters.
    pub fn all(graph: &Graph, params: usize, nodes: Vec<Sym>) -> Vec<Output> {
        let depends = dependencies(graph, params);
        nodes.into_iter().map(|node| Output { node, sources: depends[node.index()].clone() }).collect()
    }

    fn sources(&self) -> impl Iterator<Item = usize> {
        self.sources.iter().enumerate().filter(|(_, on)| **on).map(|(param, _)| param)
    }

    fn is_uniform(&self, params: &[Param]) -> bool {
        self.sources().all(|param| params[param].values.len() == 1)
    }

    fn is_learned(&self, params: &[Param]) -> bool {
        self.sources().any(|param| params[param].learn)
    }
}

/// Coefficients, initial values and defaults as functions of the parameters. The inputs of the graph: the parameters, the
/// length of a step in ms, then one gradient per slot and one per state.
#[derive(Debug, Clone)]
pub struct Derivation {
    graph: Graph,
    dt: f64,
    slots: Vec<Output>,
    /// By state: its initial value, if a parameter holds it.
    starts: Vec<Option<Output>>,
    /// The parameters that follow others.
    defaults: Vec<(usize, Output)>,
    /// By parameter: its gradient, if it is learned and has one.
    gradients: Vec<Option<Sym>>,
}

/// A model's functions of the parameters.
pub struct Derived<'a> {
    /// The value at which a parameter of this name is folded away.
    pub neutral: &'a dyn Fn(&str) -> Option<f64>,
    pub computed: ComputeDefault,
    pub derive: &'a dyn Fn(&Named<Sym>) -> Named<Sym>,
    /// By state: the parameter that holds its initial value.
    pub starts: Vec<Option<&'static str>>,
}

impl Derivation {
    /// Traces a model's `derive` and its adjoint. A parameter that is uniform, fixed and `neutral` becomes a constant of the
    /// graph, and so does everything that depends only on such parameters. The step length is an input too (`dt`), so one
    /// program serves every length.
    pub fn trace(settings: &Settings, model: Derived) -> (Derivation, Vec<Coef>) {
        let params = &settings.params;
        let folded = |i: usize| {
            let param = &params[i];
            let neutral = (model.neutral)(param.name)?;
            let fixed = !param.learn && param.values.iter().all(|&x| x == neutral);
            fixed.then_some(neutral)
        };
        let (graph, (nodes, slots, starts, defaults, gradients)) = trace(true, || {
            let own = |i: usize| folded(i).map_or_else(|| input(i), Sym::constant);
            let named = complete(settings, own, model.computed);
            let constant = |x: Sym| recording(|graph| graph.constant_of(x));
            let starts: Vec<Option<Sym>> =
                model.starts.iter().map(|start| start.and_then(|name| named.find(name))).collect();
            let defaults: Vec<(usize, Sym)> = params
                .iter()
                .enumerate()
                .filter(|(_, param)| param.follows.is_some())
                .map(|(i, param)| (i, named.get(param.name)))
                .collect();
            let nodes: Vec<_> = (model.derive)(&named.with("dt", input(params.len()))).iter().collect();
            let slots: Vec<Sym> =
                nodes.iter().map(|&(_, node)| node).filter(|&node| constant(node).is_none()).collect();
            let first = params.len() + 1;
            let of_slots = slots.iter().enumerate().map(|(k, &node)| (node, input(first + k)));
            let of_starts = starts.iter().enumerate();
            let of_starts =
                of_starts.filter_map(|(s, start)| Some(((*start)?, input(first + slots.len() + s))));
            let seeds: Vec<_> = of_slots.chain(of_starts).collect();
            let gradients = backward(&seeds, &[], &|_| Sym::zero());
            let gradients: Vec<_> = params
                .iter()
                .enumerate()
                .map(|(i, param)| if param.learn { gradients.of(input(i)) } else { None })
                .collect();
            (nodes, slots, starts, defaults, gradients)
        });
        let outputs = |nodes: Vec<Sym>| Output::all(&graph, params.len(), nodes);
        let slots = outputs(slots);
        let mut next = 0;
        let coefs = nodes
            .iter()
            .map(|&(name, node)| {
                let kind = match graph.constant_of(node) {
                    Some(x) => CoefKind::Const(x),
                    None => {
                        let slot = next;
                        next += 1;
                        let (uniform, learned) =
                            (slots[slot].is_uniform(params), slots[slot].is_learned(params));
                        CoefKind::Slot { slot, uniform, learned }
                    }
                };
                Coef { name, kind }
            })
            .collect();
        let mut of_starts = outputs(starts.iter().copied().flatten().collect()).into_iter();
        let starts = starts.iter().map(|start| start.and_then(|_| of_starts.next())).collect();
        let (followers, nodes): (Vec<usize>, Vec<Sym>) = defaults.into_iter().unzip();
        let defaults = followers.into_iter().zip(outputs(nodes)).collect();
        (Derivation { dt: settings.dt, slots, starts, defaults, gradients, graph }, coefs)
    }

    /// The parameters on which the coefficient of a slot depends.
    pub fn sources(&self, slot: usize) -> impl Iterator<Item = usize> {
        self.slots.get(slot).into_iter().flat_map(Output::sources)
    }

    /// The coefficients in slot order, each one value or one per neuron.
    pub fn derive(&self, params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        self.evaluate(&self.slots, params)
    }

    /// By state: its initial values, one or one per neuron, if a parameter holds them.
    pub fn starts(&self, params: &[Vec<f64>]) -> Vec<Option<Vec<f64>>> {
        let outputs: Vec<Output> = self.starts.iter().flatten().cloned().collect();
        let mut values = self.evaluate(&outputs, params).into_iter();
        self.starts.iter().map(|start| start.as_ref().and_then(|_| values.next())).collect()
    }

    /// The parameters on which initial values depend.
    pub fn sources_of_starts(&self) -> impl Iterator<Item = usize> {
        self.starts.iter().flatten().flat_map(Output::sources)
    }

    /// Whether the initial value of a state depends on a learned parameter.
    pub fn learns_start(&self, params: &[Param], state: usize) -> bool {
        self.starts.get(state).and_then(Option::as_ref).is_some_and(|start| start.is_learned(params))
    }

    /// The parameters that follow others, with their values.
    pub fn defaults(&self, params: &[Vec<f64>]) -> Vec<(usize, Vec<f64>)> {
        let outputs: Vec<Output> = self.defaults.iter().map(|(_, output)| output.clone()).collect();
        let followers = self.defaults.iter().map(|&(i, _)| i);
        followers.zip(self.evaluate(&outputs, params)).collect()
    }

    /// The parameters that follow a learned one.
    pub fn learned_defaults(&self, params: &[Param]) -> impl Iterator<Item = usize> {
        self.defaults.iter().filter(|(_, output)| output.is_learned(params)).map(|&(i, _)| i)
    }

    fn evaluate(&self, outputs: &[Output], params: &[Vec<f64>]) -> Vec<Vec<f64>> {
        evaluate(&self.graph, outputs, params, self.dt, self.slots.len() + self.starts.len())
    }

    /// Gradients of the learned parameters, from those of the coefficients and of the initial values of the states. A
    /// parameter with one value for all neurons gets the sum in ascending order.
    pub fn derive_adjoint(
        &self,
        params: &[Vec<f64>],
        grad_coefs: &[Option<Vec<f64>>],
        grad_starts: &[Option<Vec<f64>>],
    ) -> Vec<Option<Vec<f64>>> {
        let of_coefs = (0..self.slots.len()).map(|slot| grad_coefs.get(slot).and_then(Option::as_ref));
        let of_starts = (0..self.starts.len()).map(|state| grad_starts.get(state).and_then(Option::as_ref));
        let arrived: Vec<Option<&Vec<f64>>> = of_coefs.chain(of_starts).collect();
        let n = arrived.iter().flatten().map(|values| values.len()).max().unwrap_or(0);
        let mut gradients: Vec<Option<Vec<f64>>> = (self.gradients.iter().zip(params))
            .map(|(gradient, values)| gradient.map(|_| vec![0.0; values.len()]))
            .collect();
        let mut inputs = vec![0.0; params.len() + 1 + arrived.len()];
        inputs[params.len()] = self.dt;
        for i in 0..n {
            fill(&mut inputs, params, i);
            for (input, gradient) in inputs[params.len() + 1..].iter_mut().zip(&arrived) {
                // A uniform value is already summed over the neurons, so it counts once.
                *input = gradient.and_then(|g| g.get(i)).copied().unwrap_or(0.0);
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

/// The values of outputs, each one or one per neuron. `more`: the number of inputs after the parameters and the step length.
pub fn evaluate(
    graph: &Graph,
    outputs: &[Output],
    params: &[Vec<f64>],
    dt: f64,
    more: usize,
) -> Vec<Vec<f64>> {
    let length = |output: &Output| output.sources().map(|param| params[param].len()).max().unwrap_or(1);
    let lengths: Vec<usize> = outputs.iter().map(length).collect();
    let mut lists: Vec<Vec<f64>> = lengths.iter().map(|&n| Vec::with_capacity(n)).collect();
    if outputs.is_empty() {
        return lists;
    }
    let mut inputs = vec![0.0; params.len() + 1 + more];
    inputs[params.len()] = dt;
    fill(&mut inputs, params, 0);
    let mut values = graph.evaluate(&inputs);
    // From the second neuron on, only values that differ between neurons are computed.
    let again = differing(graph, outputs, params);
    for i in 0..lengths.iter().copied().max().unwrap_or(0) {
        if i > 0 {
            fill(&mut inputs, params, i);
            graph.evaluate_again(&again, &inputs, &mut values);
        }
        for ((list, output), &n) in lists.iter_mut().zip(outputs).zip(&lengths) {
            if i < n {
                list.push(values[output.node.index()]);
            }
        }
    }
    lists
}

/// The nodes of outputs that depend on a parameter with several values, ascending.
fn differing(graph: &Graph, outputs: &[Output], params: &[Vec<f64>]) -> Vec<usize> {
    let nodes = graph.nodes();
    let mut differs = vec![false; nodes.len()];
    for (i, op) in nodes.iter().enumerate() {
        match *op {
            Op::Input(input) => differs[i] = params.get(input as usize).is_some_and(|list| list.len() > 1),
            op => op.operands(|x| differs[i] |= differs[x.index()]),
        }
    }
    let mut needed = vec![false; nodes.len()];
    outputs.iter().for_each(|output| needed[output.node.index()] = true);
    for (i, op) in nodes.iter().enumerate().rev().filter(|&(i, _)| differs[i]) {
        if needed[i] {
            op.operands(|x| needed[x.index()] = true);
        }
    }
    (0..nodes.len()).filter(|&i| differs[i] && needed[i]).collect()
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
