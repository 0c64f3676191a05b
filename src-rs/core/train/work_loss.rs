//! The loss of a pass, bound to its batch: one of the registry, or a traced one.

use super::loss::LossPlan;
use lapicque_base::error::Result;
use lapicque_exec::Network;
use lapicque_exec::run::Variable;
use lapicque_projection::Element;
use std::ops::Range;

/// Values that a loss reads, and that its gradient is with respect to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    Spikes(usize),
    /// The spikes of each neuron, summed over all steps.
    Count(usize),
    State(usize, usize),
    /// `(layer, port)`
    Current(usize, usize),
    /// The values of an operation.
    Values(usize),
    /// The output of a projection, which alone is the current of `[layer, port]`.
    Product(usize, [usize; 2]),
    Parameter(usize),
    /// Data of the batch.
    Data(usize),
}

impl Source {
    /// What a pass records for it.
    pub fn variable(self) -> Option<(usize, Variable)> {
        match self {
            Source::Spikes(layer) | Source::Count(layer) => Some((layer, Variable::Spikes)),
            Source::State(layer, state) => Some((layer, Variable::State(state))),
            Source::Current(layer, port) => Some((layer, Variable::Port(port))),
            Source::Values(map) => Some((map, Variable::Values)),
            Source::Product(projection, _) => Some((projection, Variable::Product)),
            Source::Parameter(_) | Source::Data(_) => None,
        }
    }
}

/// The outputs of one chunk of samples, `[time, sample, neuron]`, and for each penalty the spikes that it counts,
/// `[sample, neuron]`.
pub(super) struct Chunk<F> {
    /// The output population.
    pub output: usize,
    pub spikes: Vec<F>,
    pub membrane: Vec<F>,
    pub counts: Vec<Vec<F>>,
    /// What the loss reads beside these outputs.
    pub recorded: Vec<(Source, Vec<F>)>,
}

impl<F> Chunk<F> {
    /// Whether a source is one of the outputs, which every pass collects.
    pub fn is_output(output: usize, source: Source) -> bool {
        source == Source::Spikes(output) || source == Source::State(output, 0)
    }

    pub fn values(&self, source: Source) -> &[F] {
        if source == Source::Spikes(self.output) {
            return &self.spikes;
        }
        if source == Source::State(self.output, 0) {
            return &self.membrane;
        }
        self.recorded.iter().find(|(other, _)| *other == source).map_or(&[], |(_, values)| values)
    }
}

/// The value of a loss for one chunk.
pub(super) struct LossValue<F> {
    /// By name: shares in the terms of the whole batch. The losses of the registry have none.
    pub terms: Vec<(String, f64)>,
    pub gradients: Vec<(Source, Vec<F>)>,
}

/// A loss bound to a batch.
pub(super) trait WorkLoss<F: Element>: Send + Sync {
    /// Number of values of a sample.
    fn elements(&self) -> usize {
        1
    }

    /// Whether all samples have to be evaluated together.
    fn needs_whole_batch(&self) -> bool;

    /// What it reads, each once.
    fn reads(&self) -> &[Source];

    /// Evaluates some samples. `losses` has the values of each; gradients are those of the loss of the whole batch.
    fn evaluate(
        &self,
        network: &Network<F>,
        part: (&Chunk<F>, Range<usize>),
        losses: &mut [f64],
        backward: bool,
    ) -> Result<LossValue<F>>;

    /// The loss of the whole batch from those of all samples and the sums of all terms. May complete the losses of samples.
    fn total(&self, losses: &mut [f64], terms: &[(String, f64)]) -> f64;
}

/// A loss of the registry.
pub(super) struct RegisteredLoss<'a> {
    plan: LossPlan<'a>,
    reads: [Source; 1],
}

impl<'a> RegisteredLoss<'a> {
    /// `output`: the output population.
    pub fn new(plan: LossPlan<'a>, output: usize, reads_membrane: bool) -> Self {
        let source = if reads_membrane { Source::State(output, 0) } else { Source::Spikes(output) };
        RegisteredLoss { plan, reads: [source] }
    }
}

impl<F: Element> WorkLoss<F> for RegisteredLoss<'_> {
    fn elements(&self) -> usize {
        self.plan.elements()
    }

    fn needs_whole_batch(&self) -> bool {
        false
    }

    fn reads(&self) -> &[Source] {
        &self.reads
    }

    fn evaluate(
        &self,
        _network: &Network<F>,
        (chunk, samples): (&Chunk<F>, Range<usize>),
        losses: &mut [f64],
        backward: bool,
    ) -> Result<LossValue<F>> {
        let [source] = self.reads;
        let of_membrane = matches!(source, Source::State(..));
        let len = chunk.values(source).len();
        let mut gradient = vec![F::ZERO; if backward { len } else { 0 }];
        let (grad_spikes, grad_membrane) = match of_membrane {
            _ if !backward => (None, None),
            true => (None, Some(&mut gradient[..])),
            false => (Some(&mut gradient[..]), None),
        };
        let spikes = (!chunk.spikes.is_empty()).then_some(&chunk.spikes[..]);
        let (first, count) = (samples.start, samples.len());
        let membrane = Some(&chunk.membrane[..]);
        self.plan.evaluate(first, count, spikes, membrane, grad_spikes, grad_membrane, losses)?;
        let gradients = if backward { vec![(source, gradient)] } else { vec![] };
        Ok(LossValue { terms: vec![], gradients })
    }

    fn total(&self, losses: &mut [f64], _terms: &[(String, f64)]) -> f64 {
        self.plan.reduce(losses)
    }
}
