//! A loss that is a traced function: it reads outputs, spikes and states of any population, parameters, targets and
//! tensors of the batch. Its gradients enter the backward pass where these values come from.

use super::batch::Batch;
use super::loss::Targets;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_base::memory;
use lapicque_exec::Network;
use lapicque_exec::run::Variable;
use lapicque_projection::Element;
use lapicque_tensor::axes::text;
use lapicque_tensor::elementwise::Elementwise;
use lapicque_tensor::{Axes, Axis, Bound, Graph, Inputs, Node, Op};
use serde_json::Value;

/// A traced loss, as it is passed over the boundary.
pub struct TracedLoss {
    graph: Graph,
}

impl TracedLoss {
    /// The name of this kind of loss in plain data.
    pub const KIND: &'static str = "traced";

    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `shape-mismatch` for a graph that is wrong or does not end in numbers
    /// per sample or of the batch.
    pub fn from_json(value: &Value) -> Result<Self> {
        let graph = value.get("graph").map_or_else(String::new, Value::to_string);
        let graph = Graph::from_json(&graph)?;
        let axes = graph.axes()?;
        if graph.results.is_empty() {
            return Err(Error::invalid("loss", "a traced function without a term", "at least one term"));
        }
        for (name, node) in &graph.results {
            let of = &axes[*node];
            if !(of.is_empty() || of.len() == 1 && of[0].0 == "batch") {
                return Err(Error::ShapeMismatch {
                    layer: format!("loss, term {name}"),
                    expected: "[] or [batch]: reduce the other axes".into(),
                    got: text(of),
                });
            }
        }
        Ok(TracedLoss { graph: counted(graph) })
    }

    /// The names of its inputs.
    fn reads(&self) -> impl Iterator<Item = &str> {
        self.graph.inputs().map(|(_, name, _)| name)
    }
}

/// Prefix of the input that is the number of spikes of each neuron, over all steps.
const COUNT: &str = "count:";

/// The input that is 1 / number of steps.
const PER_STEP: &str = "per-step";

/// The graph with sums and means of spikes over time as inputs of their own, where nothing else reads these spikes: a count
/// per neuron in place of a value per step, and a gradient that is the same at every step.
fn counted(graph: Graph) -> Graph {
    let over_time = |op: &Op| matches!(op, Op::Sum { axis } | Op::Mean { axis } if axis == "time");
    let mut is_count = vec![true; graph.nodes.len()];
    for node in graph.nodes.iter().filter(|node| !over_time(&node.op)) {
        node.of.iter().for_each(|&of| is_count[of] = false);
    }
    graph.results.iter().for_each(|(_, node)| is_count[*node] = false);
    let spikes = |node: &Node| match &node.op {
        Op::Input { name, .. }
            if name == "spikes" || name.starts_with("layer:") && name.ends_with(".spikes") =>
        {
            Some(name.clone())
        }
        _ => None,
    };
    let mut nodes: Vec<Node> = Vec::with_capacity(graph.nodes.len());
    let mut numbers = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let source = node.of.first().filter(|&&of| over_time(&node.op) && is_count[of]);
        let counts = source.and_then(|&of| spikes(&graph.nodes[of]));
        match counts {
            Some(name) => {
                let axes = vec![Axis::new("batch", None), Axis::new("neuron", None)];
                nodes.push(Node::new(Op::Input { name: format!("{COUNT}{name}"), axes }, vec![]));
                if matches!(node.op, Op::Mean { .. }) {
                    nodes.push(Node::new(Op::Input { name: PER_STEP.into(), axes: vec![] }, vec![]));
                    let of = vec![nodes.len() - 2, nodes.len() - 1];
                    nodes.push(Node::new(Op::Elementwise(Elementwise::Mul), of));
                }
            }
            None => {
                let of = node.of.iter().map(|&of| numbers[of]).collect();
                nodes.push(Node { op: node.op.clone(), of, at: node.at.clone() });
            }
        }
        numbers.push(nodes.len() - 1);
    }
    // Spikes that are only counted are not read.
    let mut used = vec![false; nodes.len()];
    nodes.iter().flat_map(|node| &node.of).for_each(|&of| used[of] = true);
    graph.results.iter().for_each(|(_, node)| used[numbers[*node]] = true);
    let mut kept = vec![0; nodes.len()];
    let mut result = Graph::default();
    for (i, node) in nodes.into_iter().enumerate() {
        kept[i] = result.nodes.len();
        if used[i] || !matches!(node.op, Op::Input { .. }) {
            let of = node.of.iter().map(|&of| kept[of]).collect();
            result.nodes.push(Node { of, ..node });
        }
    }
    result.results = graph.results.iter().map(|(name, node)| (name.clone(), kept[numbers[*node]])).collect();
    result
}

/// Where an input of the function comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    Spikes(usize),
    /// The spikes of each neuron, summed over all steps.
    Count(usize),
    State(usize, usize),
    Parameter(usize),
    /// Data of the batch, in [`TracedPlan::data`].
    Data(usize),
}

impl Source {
    /// The population that it is recorded from.
    pub fn layer(self) -> Option<usize> {
        match self {
            Source::Spikes(layer) | Source::Count(layer) | Source::State(layer, _) => Some(layer),
            Source::Parameter(_) | Source::Data(_) => None,
        }
    }
}

/// A traced loss for the sizes of one batch.
pub(super) struct TracedPlan<F> {
    bound: Bound,
    /// By input of the function: its name and its source.
    pub sources: Vec<(String, Source)>,
    data: Vec<Vec<F>>,
}

/// The value of a traced loss, and its gradients.
pub(super) struct TracedValue<F> {
    pub terms: Vec<(String, f64)>,
    pub gradients: Vec<(Source, Vec<F>)>,
}

impl<F: Element> TracedPlan<F> {
    /// # Errors
    /// `unknown-name` for an input that the model or the batch lacks, `shape-mismatch` for one of other sizes.
    pub fn new(loss: &TracedLoss, network: &Network<F>, batch: &Batch<F>) -> Result<Self> {
        let (steps, size) = (batch.input.steps, batch.input.batch);
        let mut plan = TracedPlan { bound: Bound::default(), sources: vec![], data: vec![] };
        let mut sizes: Vec<(String, Vec<usize>)> = vec![];
        for (_, name, axes) in loss.graph.inputs() {
            if sizes.iter().any(|(other, _)| other == name) {
                continue;
            }
            let (source, own) = plan.source(name, axes, network, batch)?;
            plan.sources.push((name.to_string(), source));
            sizes.push((name.to_string(), own));
        }
        if batch.lengths.is_some() && !loss.reads().any(|name| name == "lengths" || name == "mask") {
            let expected =
                "a loss that reads lengths or mask, since samples of this batch end at different steps";
            return Err(Error::invalid("loss", "neither lengths nor mask", expected));
        }
        let of = |name: &str| sizes.iter().find(|(other, _)| other == name).map(|(_, sizes)| sizes.clone());
        let sources = &plan.sources;
        let wanted = |name: &str| {
            sources.iter().any(|(other, source)| other == name && !matches!(source, Source::Data(_)))
        };
        plan.bound = Bound::new(&loss.graph, &of, &wanted)?;
        let needed = plan.bound.values().saturating_mul(2 * size_of::<F>() as u64);
        memory::check(&format!("the loss of {size} samples over {steps} steps"), needed)?;
        Ok(plan)
    }

    fn source(
        &mut self,
        name: &str,
        axes: &Axes,
        network: &Network<F>,
        batch: &Batch<F>,
    ) -> Result<(Source, Vec<usize>)> {
        let (steps, size) = (batch.input.steps, batch.input.batch);
        let plan = &network.plan;
        let of_layer = |layer: usize| vec![steps, size, plan.layers[layer].neurons];
        if let Some(spikes) = name.strip_prefix(COUNT) {
            let (source, _) = self.source(spikes, axes, network, batch)?;
            let Source::Spikes(layer) = source else {
                return Err(Error::invalid("loss", name, "the name of an input that a traced loss has"));
            };
            return Ok((Source::Count(layer), vec![size, plan.layers[layer].neurons]));
        }
        let data = match name {
            PER_STEP => vec![1.0 / steps as f64],
            "spikes" if !plan.layers[plan.output].bound.spiking => {
                let expected = "v, or a model with a spiking output: the readout does not spike";
                return Err(Error::invalid("loss", "spikes", expected));
            }
            "spikes" => return Ok((Source::Spikes(plan.output), of_layer(plan.output))),
            "v" => return Ok((Source::State(plan.output, 0), of_layer(plan.output))),
            "target" => match batch.targets {
                Targets::Classes(labels) => labels.iter().map(|&label| f64::from(label)).collect(),
                Targets::Values(values) => values.to_vec(),
            },
            "lengths" => match batch.lengths {
                Some(lengths) => lengths.iter().map(|&length| f64::from(length)).collect(),
                None => vec![steps as f64; size],
            },
            "mask" => {
                let counts = |step: usize, sample: usize| {
                    batch.lengths.is_none_or(|lengths| step < lengths[sample] as usize)
                };
                let each = |step| (0..size).map(move |sample| f64::from(u8::from(counts(step, sample))));
                (0..steps).flat_map(each).collect()
            }
            _ => {
                if let Some(parameter) = name.strip_prefix("parameter:") {
                    let names = || network.parameters.iter().map(|p| p.name.as_str());
                    let at = names().position(|other| other == parameter);
                    let at = at.ok_or_else(|| Error::unknown("parameter", parameter, names()))?;
                    return Ok((Source::Parameter(at), network.parameters[at].layout.shape()));
                }
                if let Some(variable) = name.strip_prefix("layer:") {
                    return match network.variable(variable)? {
                        (layer, Variable::Spikes) => Ok((Source::Spikes(layer), of_layer(layer))),
                        (layer, Variable::State(state)) => Ok((Source::State(layer, state), of_layer(layer))),
                        _ => Err(Error::Unsupported {
                            feature: format!("reading {variable}; it reads spikes, states and parameters"),
                            format: "a traced loss".into(),
                        }),
                    };
                }
                let own = name.strip_prefix("batch:").unwrap_or(name);
                let names = || batch.extra.iter().map(|(name, _)| name.as_str());
                let found = batch.extra.iter().find(|(name, _)| name == own);
                if batch.extra.is_empty() {
                    let expected = format!("tensors: {{ {own}: … }} in each batch, which the loss reads");
                    return Err(Error::invalid("batch.tensors", "nothing", expected));
                }
                found.ok_or_else(|| Error::unknown("tensor of the batch", own, names()))?.1.clone()
            }
        };
        let sizes = fitting(name, axes, data.len(), [steps, size])?;
        self.data.push(data.into_iter().map(F::from_f64).collect());
        Ok((Source::Data(self.data.len() - 1), sizes))
    }

    /// Adds a gradient for each source that has one. `recorded`: the values of spikes and states, in the order of the
    /// sources that are one of these.
    pub fn evaluate(
        &self,
        network: &Network<F>,
        recorded: &[(Source, Vec<F>)],
        per_sample: &mut [f64],
        backward: bool,
    ) -> Result<TracedValue<F>> {
        let parameters: Vec<(usize, Vec<F>)> = self
            .sources
            .iter()
            .filter_map(|(_, source)| match *source {
                Source::Parameter(at) => {
                    let parameter = &network.parameters[at];
                    Some((at, parameter.layout.to_public(&parameter.data)))
                }
                _ => None,
            })
            .collect();
        let values = |source: Source| -> &[F] {
            match source {
                Source::Data(at) => &self.data[at],
                Source::Parameter(at) => parameters.iter().find(|(p, _)| *p == at).map_or(&[], |(_, v)| v),
                _ => recorded.iter().find(|(other, _)| *other == source).map_or(&[], |(_, values)| values),
            }
        };
        let inputs: Inputs<F> =
            self.sources.iter().map(|(name, source)| (name.as_str(), values(*source))).collect();
        let run = self.bound.run(network.level, &inputs)?;
        let (mut terms, mut seeds) = (vec![], vec![]);
        for (name, axes) in self.bound.results() {
            let value = run.result(name);
            let share = 1.0 / value.len() as f64;
            terms.push((name.to_string(), value.iter().map(|x| x.to_f64()).sum::<f64>() * share));
            per_sample
                .iter_mut()
                .enumerate()
                .for_each(|(i, sum)| *sum += value[if axes.is_empty() { 0 } else { i }].to_f64());
            seeds.push(vec![F::from_f64(share); value.len()]);
        }
        let found = if backward { run.gradients(seeds)? } else { vec![] };
        let source =
            |name: &str| self.sources.iter().find(|(other, _)| other == name).map(|&(_, source)| source);
        let gradients = found.into_iter().filter_map(|(name, gradient)| Some((source(&name)?, gradient)));
        Ok(TracedValue { terms, gradients: gradients.collect() })
    }
}

/// The sizes of a tensor of the batch: `time` and `batch` are known, one other axis may follow from the number of values.
fn fitting(name: &str, axes: &Axes, len: usize, [steps, batch]: [usize; 2]) -> Result<Vec<usize>> {
    let known = |Axis(name, size): &Axis| match name.as_str() {
        "time" => Some(steps),
        "batch" => Some(batch),
        _ => *size,
    };
    let sizes: Vec<Option<usize>> = axes.iter().map(known).collect();
    let product = sizes.iter().flatten().fold(1, |product: usize, &size| product.saturating_mul(size));
    let open = sizes.iter().filter(|size| size.is_none()).count();
    let rest = if open == 1 && product > 0 { len / product } else { 1 };
    if open > 1 || product.checked_mul(rest) != Some(len) {
        let axes: Axes = axes.iter().map(|axis| Axis(axis.0.clone(), known(axis))).collect();
        return Err(Error::ShapeMismatch {
            layer: name.into(),
            expected: text(&axes),
            got: format!("{len} values"),
        });
    }
    Ok(sizes.into_iter().map(|size| size.unwrap_or(rest)).collect())
}

/// Zeros for the recording of a source.
pub(super) fn recording<F: Element>(len: usize) -> Result<Vec<F>> {
    try_vec("values that the loss reads", len, F::ZERO)
}
