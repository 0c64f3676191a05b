//! A loss that is a traced function: it reads outputs, spikes and states of any population, parameters, targets and
//! tensors of the batch. Its gradients enter the backward pass where these values come from.

use super::batch::Batch;
use super::declared::Declared;
use super::loss::Targets;
use super::over_samples::{Over, over_samples};
use super::work_loss::{Chunk, LossValue, Source, WorkLoss};
use lapicque_base::error::{Error, Result};
use lapicque_base::memory;
use lapicque_exec::Network;
use lapicque_exec::run::Variable;
use lapicque_projection::Element;
use lapicque_tensor::axes::{position, text};
use lapicque_tensor::elementwise::Elementwise;
use lapicque_tensor::{Axes, Axis, Bound, Graph, Inputs, Node, Op, Run};
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// A traced loss, as it is passed over the boundary.
pub struct TracedLoss {
    graph: Graph,
    /// By result.
    over: Vec<Over>,
    /// By result: whether it has no axis.
    is_scalar: Vec<bool>,
    parameters: Vec<Declared>,
    /// The function for the sizes of recent batches.
    bounds: Mutex<Vec<(Sizes, Arc<Bound>)>>,
}

/// The sizes of all inputs, by name.
type Sizes = Vec<(String, Vec<usize>)>;

/// Number of sizes of batches for which a loss is kept prepared: two for each of two data sets.
const KEPT: usize = 4;

impl TracedLoss {
    /// The name of this kind of loss in plain data.
    pub const KIND: &'static str = "traced";

    /// # Errors
    /// `invalid-parameter`, `unknown-name` and `shape-mismatch` for a graph that is wrong or does not end in numbers
    /// per sample or of the batch.
    pub fn from_json(value: &Value) -> Result<Self> {
        let graph = Self::graph_of(value)?;
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
        Self::checked(graph, value)
    }

    pub(super) fn graph_of(value: &Value) -> Result<Graph> {
        Graph::from_json(&value.get("graph").map_or_else(String::new, Value::to_string))
    }

    /// A function whose results have been checked.
    pub(super) fn checked(graph: Graph, value: &Value) -> Result<Self> {
        let graph = counted(graph);
        let axes = graph.axes()?;
        let all = over_samples(&graph, &|node| position(&axes[node], "batch").is_some());
        let over = graph.results.iter().map(|(_, node)| all[*node]).collect();
        let is_scalar = graph.results.iter().map(|(_, node)| axes[*node].is_empty()).collect();
        let parameters = value.get("parameters").map_or(Ok(vec![]), Declared::list_from_json)?;
        Ok(TracedLoss { graph, over, is_scalar, parameters, bounds: Mutex::default() })
    }

    /// The parameters that it declares.
    pub fn parameters(&self) -> &[Declared] {
        &self.parameters
    }

    /// Whether no result mixes samples.
    pub(super) fn has_independent_samples(&self) -> bool {
        self.over.iter().all(|over| *over == Over::Each)
    }

    /// The function for inputs of these sizes; `wanted`: whether an input has a gradient.
    fn bound(&self, sizes: Sizes, wanted: &dyn Fn(&str) -> bool) -> Result<Arc<Bound>> {
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bound)) = bounds.iter().find(|(other, _)| *other == sizes) {
            return Ok(Arc::clone(bound));
        }
        let of = |name: &str| sizes.iter().find(|(other, _)| other == name).map(|(_, sizes)| sizes.clone());
        let bound = Arc::new(Bound::new(&self.graph, &of, wanted)?);
        if bounds.len() == KEPT {
            bounds.remove(0);
        }
        bounds.push((sizes, Arc::clone(&bound)));
        Ok(bound)
    }

    /// The names of its inputs.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
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

/// A tensor of the batch that a loss reads.
struct Data<F> {
    values: Vec<F>,
    sizes: Vec<usize>,
    /// The position of the axis of samples.
    samples: Option<usize>,
}

impl<F: Element> Data<F> {
    /// The values of some samples.
    fn part(&self, samples: &Range<usize>) -> Cow<'_, [F]> {
        let Some(at) = self.samples.filter(|&at| samples.len() < self.sizes[at]) else {
            return Cow::Borrowed(&self.values);
        };
        let inner: usize = self.sizes[at + 1..].iter().product();
        let part = samples.start * inner..samples.end * inner;
        if self.sizes[..at].iter().all(|&size| size == 1) {
            return Cow::Borrowed(&self.values[part]);
        }
        let blocks = self.values.chunks_exact((self.sizes[at] * inner).max(1));
        Cow::Owned(blocks.flat_map(|block| &block[part.clone()]).copied().collect())
    }
}

/// A traced loss for one batch.
pub(super) struct TracedPlan<'a, F> {
    loss: &'a TracedLoss,
    /// Number of samples of the batch.
    size: usize,
    /// By input of the function: its name, its source, its sizes for the whole batch and the position of the axis of
    /// samples.
    inputs: Vec<(String, Source, Vec<usize>, Option<usize>)>,
    reads: Vec<Source>,
    data: Vec<Data<F>>,
}

impl<'a, F: Element> TracedPlan<'a, F> {
    /// # Errors
    /// `unknown-name` for an input that the model or the batch lacks, `shape-mismatch` for one of other sizes.
    pub fn new(loss: &'a TracedLoss, network: &Network<F>, batch: &Batch<F>) -> Result<Self> {
        let size = batch.input.batch;
        let mut plan = TracedPlan { loss, size, inputs: vec![], reads: vec![], data: vec![] };
        for (_, name, axes) in loss.graph.inputs() {
            if plan.inputs.iter().any(|(other, ..)| other == name) {
                continue;
            }
            let (source, sizes) = plan.source(name, axes, network, batch)?;
            let samples = match source {
                Source::Parameter(_) => None,
                _ => position(axes, "batch"),
            };
            plan.inputs.push((name.to_string(), source, sizes, samples));
            if source.variable().is_some() && !plan.reads.contains(&source) {
                plan.reads.push(source);
            }
        }
        if batch.lengths.is_some() && !loss.reads().any(|name| name == "lengths" || name == "mask") {
            let expected =
                "a loss that reads lengths or mask, since samples of this batch end at different steps";
            return Err(Error::invalid("loss", "neither lengths nor mask", expected));
        }
        // So that a loss that does not fit the batch is refused before anything runs.
        plan.bound(if loss.over.contains(&Over::Whole) { size } else { 1 })?;
        Ok(plan)
    }

    /// The function for a number of samples.
    fn bound(&self, samples: usize) -> Result<Arc<Bound>> {
        let sizes = self.inputs.iter().map(|(name, _, sizes, at)| {
            let mut sizes = sizes.clone();
            if let Some(at) = at {
                sizes[*at] = samples;
            }
            (name.clone(), sizes)
        });
        let wanted = |name: &str| {
            self.inputs.iter().any(|(other, source, ..)| other == name && !matches!(source, Source::Data(_)))
        };
        let bound = self.loss.bound(sizes.collect(), &wanted)?;
        let needed = bound.values().saturating_mul(2 * size_of::<F>() as u64);
        memory::check(&format!("the loss of {samples} samples"), needed)?;
        Ok(bound)
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
        if let Some(parameter) = name.strip_prefix("parameter:") {
            let names = || network.parameters.iter().map(|p| p.name.as_str());
            let at = names().position(|other| other == parameter);
            let at = at.ok_or_else(|| Error::unknown("parameter", parameter, names()))?;
            return Ok((Source::Parameter(at), network.parameters[at].layout.shape()));
        }
        if let Some(variable) = name.strip_prefix("layer:") {
            let (index, of) = network.variable(variable)?;
            let source = match of {
                Variable::Spikes => Source::Spikes(index),
                Variable::State(state) => Source::State(index, state),
                Variable::Port(port) => Source::Current(index, port),
                Variable::Values => Source::Values(index),
                Variable::Product => match network.sole_port(index) {
                    Some((layer, port)) => Source::Product(index, [layer, port]),
                    None => {
                        return Err(Error::Unsupported {
                            feature: format!(
                                "reading {variable}: the products are summed with others before they are stored; \
                                 read the current of the population"
                            ),
                            format: "a traced loss".into(),
                        });
                    }
                },
            };
            return Ok((source, vec![steps, size, network.recorded(index, of)]));
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
        let values = data.into_iter().map(F::from_f64).collect();
        self.data.push(Data { values, sizes: sizes.clone(), samples: position(axes, "batch") });
        Ok((Source::Data(self.data.len() - 1), sizes))
    }

    /// Evaluates the function for some samples and has `use_run` read it.
    fn run(
        &self,
        network: &Network<F>,
        (chunk, samples): (&Chunk<F>, Range<usize>),
        use_run: &mut dyn FnMut(&Bound, &Run<F>) -> Result<()>,
    ) -> Result<()> {
        let bound = self.bound(samples.len())?;
        let values = self.inputs.iter().map(|(name, source, ..)| {
            let values = match *source {
                Source::Data(at) => self.data[at].part(&samples),
                Source::Parameter(at) => {
                    let parameter = &network.parameters[at];
                    Cow::Owned(parameter.layout.to_public(&parameter.data))
                }
                _ => Cow::Borrowed(chunk.values(*source)),
            };
            (name.as_str(), values)
        });
        let values: Vec<(&str, Cow<[F]>)> = values.collect();
        let inputs: Inputs<F> = values.iter().map(|(name, values)| (*name, &**values)).collect();
        use_run(&bound, &bound.run(network.level, &inputs)?)
    }

    /// The first result for some samples.
    pub fn values(&self, network: &Network<F>, chunk: &Chunk<F>, samples: Range<usize>) -> Result<Vec<f64>> {
        let mut values = vec![];
        self.run(network, (chunk, samples), &mut |bound, run| {
            for (name, _) in bound.results().take(1) {
                values = run.result(name).iter().map(|x| x.to_f64()).collect();
            }
            Ok(())
        })?;
        Ok(values)
    }

    fn value_of(
        &self,
        bound: &Bound,
        run: &Run<F>,
        samples: usize,
        per_sample: &mut [f64],
        backward: bool,
    ) -> Result<LossValue<F>> {
        let (mut terms, mut seeds) = (vec![], vec![]);
        for ((name, axes), over) in bound.results().zip(&self.loss.over) {
            let value = run.result(name);
            let share = match over {
                Over::Sum => 1.0,
                // A mean over the whole batch from those over chunks.
                _ if axes.is_empty() => samples as f64 / self.size as f64,
                _ => 1.0 / self.size as f64,
            };
            terms.push((name.to_string(), value.iter().map(|x| x.to_f64()).sum::<f64>() * share));
            if !axes.is_empty() {
                per_sample.iter_mut().zip(value).for_each(|(sum, x)| *sum += x.to_f64());
            }
            seeds.push(vec![F::from_f64(share); value.len()]);
        }
        let found = if backward { run.gradients(seeds)? } else { vec![] };
        let source = |name: &str| self.inputs.iter().find(|(other, ..)| other == name).map(|own| own.1);
        let gradients = found.into_iter().filter_map(|(name, gradient)| Some((source(&name)?, gradient)));
        Ok(LossValue { terms, gradients: gradients.collect() })
    }
}

impl<F: Element> WorkLoss<F> for TracedPlan<'_, F> {
    fn needs_whole_batch(&self) -> bool {
        self.loss.over.contains(&Over::Whole)
    }

    fn reads(&self) -> &[Source] {
        &self.reads
    }

    fn evaluate(
        &self,
        network: &Network<F>,
        (chunk, samples): (&Chunk<F>, Range<usize>),
        per_sample: &mut [f64],
        backward: bool,
    ) -> Result<LossValue<F>> {
        let mut value = LossValue { terms: vec![], gradients: vec![] };
        self.run(network, (chunk, samples.clone()), &mut |bound, run| {
            value = self.value_of(bound, run, samples.len(), per_sample, backward)?;
            Ok(())
        })?;
        Ok(value)
    }

    fn total(&self, per_sample: &mut [f64], terms: &[(String, f64)]) -> f64 {
        // A term of the whole batch is part of the loss of each sample.
        let of_batch = terms.iter().zip(&self.loss.is_scalar).filter(|(_, is_scalar)| **is_scalar);
        let of_batch: f64 = of_batch.map(|((_, value), _)| value).sum();
        per_sample.iter_mut().for_each(|sum| *sum += of_batch);
        terms.iter().map(|(_, value)| value).sum()
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
