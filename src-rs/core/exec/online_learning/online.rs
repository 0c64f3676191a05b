//! Learning forward in time. Of past steps only the traces of every synapse are stored, whatever the length of the
//! sequence. Steps are processed in blocks; after each block the traces are updated to its end (see `eligibility`).

use crate::batch::pass::Segment;
use crate::network::compiled::Network;
use crate::network::sources::Sources;
use crate::online_learning::eligibility::{Block, Scratch};
use crate::online_learning::linearized_step::{LocalStep, is_linear, zeros};
use crate::online_learning::synapses::Synapses;
use crate::plan::online_plan::{OnlineRule, block_steps, filter_states, traces};
use crate::storage::geometry::Geometry;
use crate::storage::parallel;
use crate::tape::layer_tape::LayerTape;
use lapicque_base::error::{Error, Result};
use lapicque_graph::{Feed, OperationKind, ProjectionKind, Source};
use lapicque_projection::{
    Aligned, Element, MAX_TRACES, PANEL, ReadoutFilter, input_gradient_panel, is_zero, panels,
};
use std::sync::Mutex;

/// The traces of a chunk of samples.
pub struct Online<F: Element> {
    rule: OnlineRule,
    layers: Vec<Vec<Synapses<F>>>,
    /// By dense projection between populations: its weights as `[panel of inputs][output][64]`.
    transposed: Vec<Aligned<F>>,
    scratch: Mutex<Vec<Scratch<F>>>,
}

impl<F: Element> Online<F> {
    /// Refuses networks that the rule does not support.
    ///
    /// # Errors
    /// `unsupported`, naming the layer.
    #[inline(never)]
    pub fn check(network: &Network<F>, rule: OnlineRule) -> Result<()> {
        let plan = &network.plan;
        let refuse = |feature: String| Err(Error::Unsupported { feature, format: rule.name().into() });
        // A dense layer becomes an operation of its own only if another kind of operation follows it. So the error
        // names that other operation.
        let other = plan.maps.iter().find(|map| map.operation != OperationKind::Dense);
        if let Some(map) = other.or(plan.maps.first()) {
            return refuse(format!("the layer {} (dense layers between populations only)", map.name));
        }
        let readout = &plan.layers[plan.output];
        for (l, layer) in plan.layers.iter().enumerate() {
            if !layer.bound.spiking && l != plan.output {
                return refuse(format!(
                    "the population {} that does not spike before the output",
                    layer.name
                ));
            }
            if !network.layers[l].learned.is_empty() {
                return refuse(format!("learned parameters of the neurons of {}", layer.name));
            }
            if layer.bound.ports.len() > 1 {
                return refuse(format!("the ports {} of {}", layer.bound.ports.join(", "), layer.name));
            }
            let own = Source::Spikes(l);
            if let Some(feed) = layer.feedback.iter().find(|f| f.source != own || !f.delayed) {
                return refuse(match feed.source.layer() {
                    Some(from) if from != l => format!(
                        "what {} gives to {} a step later (a population may read its own spikes of the step before, no others)",
                        plan.layers[from].name, layer.name
                    ),
                    _ => format!("a cycle of {} by anything but its own spikes", layer.name),
                });
            }
            let reads_state = |feed: &&Feed| match feed.source {
                Source::State(l, _) => plan.layers[l].bound.output.is_none(),
                _ => false,
            };
            if let Some(Feed { source: Source::State(l, i), .. }) = layer.feeds.iter().find(reads_state) {
                return refuse(format!(
                    "the state {} of {} as a signal",
                    plan.layers[*l].bound.states[*i].name, plan.layers[*l].name
                ));
            }
            for j in layer.all_feeds().filter_map(|feed| feed.projection) {
                let projection = &plan.projections[j];
                if projection.trainable && projection.kind != ProjectionKind::Dense {
                    return refuse(format!("training {}, which is not dense", projection.name));
                }
            }
            let traces = layer.bound.states.len() + filter_states(plan, rule);
            if traces > MAX_TRACES {
                return refuse(format!("{traces} traces of a synapse to {}", layer.name));
            }
        }
        if filter_states(plan, rule) > 0 && !is_linear(readout) {
            return refuse(format!("a readout {} that is not linear", readout.name));
        }
        let varied = network.layers[plan.output].coefs.iter().any(|coef| coef.len() > 1);
        if filter_states(plan, rule) > 0 && varied {
            return refuse(format!("a readout {} whose neurons differ", readout.name));
        }
        Ok(())
    }

    /// New traces, all zero, for the samples of `g` and sequences of `steps` steps.
    ///
    /// Reuses the memory of `reusable` as far as it fits: newly allocated pages would have to be cleared first, on one
    /// thread.
    ///
    /// # Errors
    /// `too-large`.
    #[inline(never)]
    pub fn new(
        network: &Network<F>,
        rule: OnlineRule,
        g: &Geometry,
        steps: usize,
        reusable: Option<Self>,
    ) -> Result<Self> {
        let (reusable, scratch) =
            reusable.map(|reusable| (reusable.layers, reusable.scratch)).unwrap_or_default();
        let mut reusable = reusable.into_iter().flatten();
        let plan = &network.plan;
        let crosses = block_steps(steps) < steps;
        let mut layers = Vec::new();
        for (l, layer) in plan.layers.iter().enumerate() {
            let traces = traces(plan, rule, l);
            let feeds = layer.feeds.iter().filter_map(|feed| Some((feed.projection?, Some(feed.source))));
            let mut synapses = Vec::new();
            for (j, source) in
                feeds.chain(layer.feedback.iter().filter_map(|feed| Some((feed.projection?, None))))
            {
                if plan.projections[j].trainable {
                    synapses.push(Synapses::new(
                        network,
                        [l, j, traces],
                        source,
                        g,
                        crosses,
                        reusable.next(),
                    )?);
                }
            }
            layers.push(synapses);
        }
        let mut transposed = vec![Aligned::default(); plan.projections.len()];
        for feed in plan.layers.iter().flat_map(|layer| &layer.feeds) {
            if let (Some(_), Some(j)) = (feed.source.layer(), feed.projection)
                && plan.projections[j].kind == ProjectionKind::Dense
            {
                transposed[j] = by_output(network, j);
            }
        }
        Ok(Online { rule, layers, transposed, scratch })
    }

    /// Learns from one block of steps. `segment` has its tapes; it is the last block if it `ends` the sequence. `spikes`
    /// and `membrane` are the gradients of the output population's spikes and first state, each
    /// `[panel][tile][step][sample][64]`.
    #[inline(never)]
    pub fn block(
        &mut self,
        network: &Network<F>,
        segment: &Segment<F>,
        ends: bool,
        spikes: Option<&[F]>,
        membrane: Option<&[F]>,
    ) {
        let plan = &network.plan;
        let (g, rows) = (segment.g, segment.g.rows());
        let sources = Sources {
            network,
            input: *segment.signal,
            layers: segment.tapes,
            maps: segment.maps,
            g: *g,
            first_step: segment.range.start,
        };
        let filter = (filter_states(&network.plan, self.rule) > 0)
            .then(|| readout_filter(network, &segment.tapes[plan.output], g));
        let mut signals: Vec<Option<Aligned<F>>> = vec![None; plan.layers.len()];
        signals[plan.output] = spikes.map(Aligned::from);
        for l in (0..plan.layers.len()).rev() {
            let layer = &plan.layers[l];
            let membrane = membrane.filter(|_| l == plan.output);
            let block = Block {
                network,
                layer: l,
                tape: &segment.tapes[l],
                g,
                spikes: signals[l].as_deref(),
                membrane,
                filter: filter.as_ref().filter(|_| l != plan.output),
                has_previous: segment.range.start > 0,
                has_next: !ends,
            };
            // If the traces pass through the readout, its signal is the gradient of the loss itself.
            let through = self.rule == OnlineRule::EProp && !layer.bound.spiking;
            let sends = layer.feeds.iter().any(|feed| feed.source.layer().is_some());
            let mut current = zeros(if sends && !through { panels(layer.neurons) * rows * PANEL } else { 0 });
            let synapse_input: Vec<_> = self.layers[l].iter().map(|s| s.synapse_input(&sources, l)).collect();
            block.run(&mut self.layers[l], &synapse_input, &mut current, &self.scratch);
            let current = match membrane {
                Some(membrane) if through => membrane,
                _ => &current,
            };
            if is_zero(current) {
                continue;
            }
            for feed in &layer.feeds {
                let Some(source) = feed.source.layer() else { continue };
                let size = panels(plan.layers[source].neurons) * rows * PANEL;
                let signal = signals[source].get_or_insert_with(|| zeros(size));
                match feed.projection {
                    Some(j) if plan.projections[j].kind == ProjectionKind::Dense => {
                        let outputs = plan.projections[j].outputs;
                        add_source_gradient(
                            network.level,
                            &self.transposed[j],
                            outputs,
                            rows,
                            current,
                            signal,
                        );
                    }
                    other => {
                        let weights = other.map(|j| &network.parameters[network.slots[j].weight].data[..]);
                        for (i, (to, &x)) in signal.iter_mut().zip(current.iter()).enumerate() {
                            let neuron = i / (rows * PANEL) * PANEL + i % PANEL;
                            *to += weights.map_or(x, |w| w[neuron] * x);
                        }
                    }
                }
            }
        }
    }

    /// Adds the computed gradients to those of the parameters.
    #[inline(never)]
    pub fn add_gradients(&self, network: &mut Network<F>, g: &Geometry) {
        for synapses in self.layers.iter().flatten() {
            let slots = network.slots[synapses.projection];
            let mut weights = std::mem::take(&mut network.parameters[slots.weight].grad);
            let bias = slots.bias.map(|bias| &mut network.parameters[bias].grad);
            synapses.add_gradients(network.level, g.tiles, &mut weights, bias);
            network.parameters[slots.weight].grad = weights;
        }
    }
}

/// The recurrence of the readout, whose neurons are identical and linear.
fn readout_filter<F: Element>(network: &Network<F>, tape: &LayerTape<F>, g: &Geometry) -> ReadoutFilter<F> {
    let mut local = LocalStep::new(network, network.plan.output, tape, g, [0, 0]);
    let step = local.at(0);
    let first = |part: &Option<&[F]>| part.map_or(F::ZERO, |part| part[0]);
    let rows = step.transition.iter().take(step.states);
    ReadoutFilter {
        transition: rows.flat_map(|row| row[..step.states].iter().map(first)).collect(),
        input: step.current[..step.states].iter().map(first).collect(),
    }
}

/// Weights as `[panel of inputs][output][64]`.
fn by_output<F: Element>(network: &Network<F>, projection: usize) -> Aligned<F> {
    let plan = &network.plan.projections[projection];
    let weights = &network.parameters[network.slots[projection].weight].data;
    let mut transposed = zeros(panels(plan.inputs) * plan.outputs * PANEL);
    let work: Vec<_> = transposed.chunks_mut(plan.outputs * PANEL).enumerate().collect();
    parallel::for_each(work, |(panel, to)| {
        lapicque_projection::transpose_weights(network.level, weights, plan.outputs, plan.inputs, panel, to);
    });
    transposed
}

/// Adds the gradient of a source's output to its signal.
fn add_source_gradient<F: Element>(
    level: lapicque_base::SimdLevel,
    transposed: &[F],
    outputs: usize,
    rows: usize,
    current: &[F],
    signal: &mut [F],
) {
    let work: Vec<_> = signal.chunks_mut(rows * PANEL).zip(transposed.chunks(outputs * PANEL)).collect();
    parallel::for_each(work, |(signal, weights)| {
        let panel = |k: usize| &current[k * rows * PANEL..(k + 1) * rows * PANEL];
        input_gradient_panel(level, PANEL, rows, outputs, panel, weights, signal, true);
    });
}
