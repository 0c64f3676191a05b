//! One pass over a batch: each chunk of samples forward, its losses and decisions, and its gradients backward.

use super::batch::{Batch, BatchReport, Method, Objective, ObjectiveLoss};
use super::decision::{Decision, Outputs, Score};
use super::emitted;
use super::loss::{LossPlan, RegularizerPlan};
use super::step::{Training, check_states};
use super::traced::{Source, TracedPlan, recording};
use lapicque_base::control::Control;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;
use lapicque_exec::estimate::{Workload, chunking, state_bytes};
use lapicque_exec::geometry::Geometry;
use lapicque_exec::injection::Injection;
use lapicque_exec::outputs::Window;
use lapicque_exec::pass::{Pass, Segment};
use lapicque_exec::state::NetworkState;
use lapicque_exec::{Mode, parallel};
use lapicque_projection::Element;

/// The loss of a pass, bound to its batch.
enum WorkLoss<'a, F> {
    Registered(LossPlan<'a>),
    Traced(TracedPlan<F>),
}

/// The data that are the same for all chunks of a pass.
struct Work<'a, F> {
    loss: WorkLoss<'a, F>,
    classes: usize,
    by: Decision,
    /// Whether the loss reads the membrane of the output, and not its spikes.
    of_membrane: bool,
    /// The first step that the loss reads.
    from: usize,
    /// `(layer, penalty)`
    penalties: Vec<(usize, RegularizerPlan<'a>)>,
    backward: bool,
    /// Whether gradients stay within their segment.
    truncated: bool,
    segment: usize,
    mode: Mode,
    /// By layer: whether the states of all steps are stored.
    keep: Vec<bool>,
    /// Whether all samples form one chunk.
    whole: bool,
}

/// The outputs of one chunk, `[time, sample, neuron]`, and for each penalty the spikes that it counts,
/// `[sample, neuron]`.
struct Chunk<F> {
    spikes: Vec<F>,
    membrane: Vec<F>,
    counts: Vec<Vec<F>>,
    /// The values that a traced loss reads, `[time, sample, neuron]`.
    recorded: Vec<(Source, Vec<F>)>,
}

/// Gradients of one chunk: of the output that the loss reads, and of the spike counts of penalized layers.
struct ChunkGradients<F> {
    output: Vec<F>,
    rates: Vec<(usize, Vec<F>)>,
    /// Of a traced loss.
    traced: Vec<(Source, Vec<F>)>,
}

impl<F: Element> Training<F> {
    pub(super) fn pass(
        &mut self,
        batch: &Batch<F>,
        objective: &Objective,
        backward: bool,
        input_gradient: &mut Option<&mut [F]>,
        control: &Control,
    ) -> Result<BatchReport> {
        let input = batch.input;
        self.network.check_input(&input, batch.initial)?;
        let (steps, size) = (input.steps, input.batch);
        let work = self.work(batch, objective, backward)?;
        self.check_memory(&Workload {
            batch: size,
            steps,
            segment: work.segment,
            training: backward,
            input: input.kind(),
            whole: work.whole,
            moments: if backward { self.moment_elements() } else { 0 },
        })?;
        if backward {
            self.prepare_gradients()?;
        }
        self.forget_tapes();
        let plan = &self.network.plan;
        let (uses, real) = (plan.fusions.uses(), size_of::<F>() as u64);
        let (tile, tiles) = chunking(plan, &work.keep, uses, size, work.segment, real, backward);
        let tiles = if work.whole { size.div_ceil(tile) } else { tiles };
        let mut report = BatchReport { spikes: vec![0; plan.layers.len()], ..Default::default() };
        self.workspace.active.clear();
        let elements = match &work.loss {
            WorkLoss::Registered(loss) => loss.elements(),
            WorkLoss::Traced(_) => 1,
        };
        self.workspace.record_states(work.states_read());
        let mut per_sample = vec![0.0; size * elements];
        let mut penalty = vec![0.0; size];
        if batch.initial.is_some() {
            let bytes = state_bytes(plan, size, 2 * size_of::<f64>() as u64);
            memory::check("the state after this batch", bytes)?;
        }
        let mut last = batch.initial.map(|_| NetworkState::rest(&self.network, size));
        for first in (0..size).step_by(tile * tiles) {
            control.check()?;
            let samples = first..(first + tile * tiles).min(size);
            let pass = Pass { input, samples, tile, segment: work.segment, mode: work.mode };
            let chunk = self.forward_chunk(&pass, batch, &work, &mut report)?;
            if let Some(last) = &mut last {
                pass.save_state(&mut self.workspace, backward, last);
            }
            let end = pass.samples.end;
            let losses = (&mut per_sample[first * elements..end * elements], &mut penalty[first..end]);
            let gradients = self.losses_of_chunk(&pass, batch, (&work, &chunk), losses, &mut report)?;
            if backward {
                self.backward_chunk(&pass, batch, &work, &gradients, input_gradient.as_deref_mut())?;
            }
        }
        report.active.clone_from(&self.workspace.active);
        report.decide(work.by);
        let loss = match &work.loss {
            WorkLoss::Registered(loss) => loss.reduce(&per_sample),
            WorkLoss::Traced(_) => report.terms.iter().map(|(_, value)| value).sum(),
        };
        report.loss = loss + penalty.iter().sum::<f64>();
        report.per_sample = per_sample;
        report.state = last.map(|state| state.converted());
        self.check_finite(report.loss, backward, batch)?;
        self.check_input_gradient(input_gradient.as_deref().unwrap_or_default(), size * input.channels)?;
        self.after_batch(work.mode);
        Ok(report)
    }

    fn work<'a>(&self, batch: &Batch<'a, F>, objective: &Objective, backward: bool) -> Result<Work<'a, F>> {
        let (steps, size) = (batch.input.steps, batch.input.batch);
        let plan = &self.network.plan;
        let output = &plan.layers[plan.output];
        let neurons = output.neurons;
        let (mut of_membrane, mut from) = (false, 0);
        let loss = match &objective.loss {
            ObjectiveLoss::Registered(loss) => {
                (of_membrane, from) = (loss.kind.reads_membrane(), loss.common.from);
                let plan = LossPlan::new(loss, batch.targets, batch.lengths, steps, size, neurons)?;
                WorkLoss::Registered(plan.with_simd(self.network.level))
            }
            ObjectiveLoss::Traced(loss) => WorkLoss::Traced(TracedPlan::new(loss, &self.network, batch)?),
        };
        let whole = matches!(loss, WorkLoss::Traced(_));
        let classes = objective.classes(neurons)?;
        let by = Decision::of(objective.by, objective.loss.decision(), output.bound.spiking)?;
        let penalties = objective
            .regularizers
            .iter()
            .map(|(layer, spec)| {
                let neurons = plan.layers[*layer].neurons;
                Ok((*layer, RegularizerPlan::new(spec, batch.lengths, steps, size, neurons)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let truncate = match objective.method {
            Method::Truncated(steps) if backward => Some(steps),
            _ => None,
        };
        let segment = match truncate {
            Some(segment) => segment.clamp(1, steps),
            None => {
                let segment = objective.segment.unwrap_or(steps).clamp(1, steps);
                steps.div_ceil(steps.div_ceil(segment))
            }
        };
        let mode = if backward { self.training_mode([steps, size], segment)? } else { Mode::Evaluate };
        let mut keep = plan.read_as_values();
        keep.iter_mut().for_each(|keep| *keep |= backward);
        keep[plan.output] = true;
        for (layer, _) in &penalties {
            keep[*layer] |= plan.layers[*layer].bound.output.is_some();
        }
        if let WorkLoss::Traced(traced) = &loss {
            for (_, source) in &traced.sources {
                match *source {
                    Source::State(layer, _) => keep[layer] = true,
                    // Graded spikes are a state.
                    Source::Spikes(layer) | Source::Count(layer) => {
                        keep[layer] |= plan.layers[layer].bound.output.is_some();
                    }
                    _ => {}
                }
            }
        }
        Ok(Work {
            loss,
            classes,
            by,
            of_membrane,
            from,
            penalties,
            backward,
            truncated: truncate.is_some(),
            segment,
            mode,
            keep,
            whole: whole || objective.regularizers.iter().any(|(_, spec)| spec.needs_whole_batch()),
        })
    }

    fn forward_chunk(
        &mut self,
        pass: &Pass<F>,
        batch: &Batch<F>,
        work: &Work<F>,
        report: &mut BatchReport,
    ) -> Result<Chunk<F>> {
        let network = &self.network;
        let output = network.plan.output;
        let plan = &network.plan.layers[output];
        let (spiking, neurons) = (plan.bound.spiking, plan.neurons);
        let (steps, count) = (pass.input.steps, pass.samples.len());
        let len = steps * count * neurons;
        let mut spikes = try_vec("output spikes", if spiking { len } else { 0 }, F::ZERO)?;
        let mut membrane = try_vec("output membrane", len, F::ZERO)?;
        let mut counts: Vec<Vec<F>> = (work.penalties.iter())
            .map(|(layer, _)| vec![F::ZERO; count * network.plan.layers[*layer].neurons])
            .collect();
        let mut recorded = Vec::new();
        for source in work.recorded() {
            let Some(layer) = source.layer() else { continue };
            let neurons = network.plan.layers[layer].neurons;
            let rows = if matches!(source, Source::Count(_)) { count } else { steps * count };
            recorded.push((source, recording(rows * neurons)?));
        }
        let follows = work.backward;
        let result = pass.forward(
            network,
            &mut self.workspace,
            &work.keep,
            follows,
            batch.initial,
            &mut |segment_outputs| {
                let Segment { ref range, g, tapes, signal, .. } = segment_outputs;
                if spiking {
                    let window = window(pass, neurons, range.start);
                    emitted::collect(&window, plan, g, &tapes[output], &mut spikes);
                }
                window(pass, neurons, range.start).collect_state(g, &tapes[output], 0, &mut membrane);
                for (total, tape) in report.spikes.iter_mut().zip(tapes) {
                    *total += tape.spikes.count(g, network.level);
                }
                report.input_events += signal.events(g, network.level, range.clone());
                for ((layer, _), counts) in work.penalties.iter().zip(&mut counts) {
                    let plan = &network.plan.layers[*layer];
                    let lengths = batch.lengths.map(|l| &l[pass.samples.clone()]);
                    let window = window(pass, plan.neurons, range.start);
                    emitted::count(&window, plan, g, &tapes[*layer], lengths, counts);
                }
                for (source, values) in &mut recorded {
                    let Some(layer) = source.layer() else { continue };
                    let plan = &network.plan.layers[layer];
                    let window = window(pass, plan.neurons, range.start);
                    match *source {
                        Source::State(_, state) => window.collect_state(g, &tapes[layer], state, values),
                        Source::Count(_) => emitted::count(&window, plan, g, &tapes[layer], None, values),
                        _ => emitted::collect(&window, plan, g, &tapes[layer], values),
                    }
                }
                check_states(network, &segment_outputs)
            },
        );
        self.located(result, batch)?;
        Ok(Chunk { spikes, membrane, counts, recorded })
    }

    /// The losses of a chunk, `[sample, element]`, and the penalties of its samples; also fills the report for each
    /// sample.
    fn losses_of_chunk(
        &self,
        pass: &Pass<F>,
        batch: &Batch<F>,
        (work, chunk): (&Work<F>, &Chunk<F>),
        (losses, penalty): (&mut [f64], &mut [f64]),
        report: &mut BatchReport,
    ) -> Result<ChunkGradients<F>> {
        let plan = &self.network.plan.layers[self.network.plan.output];
        let (first, count) = (pass.samples.start, pass.samples.len());
        let (spikes, membrane) = (&chunk.spikes[..], &chunk.membrane[..]);
        // With respect to the one output that the loss reads.
        let size = if work.of_membrane { membrane.len() } else { spikes.len() };
        let mut gradient = vec![F::ZERO; if work.backward { size } else { 0 }];
        let (grad_spikes, grad_membrane) = match work.of_membrane {
            _ if !work.backward => (None, None),
            true => (None, Some(&mut gradient[..])),
            false => (Some(&mut gradient[..]), None),
        };
        let outputs = plan.bound.spiking.then_some(spikes);
        let evaluate = || match &work.loss {
            WorkLoss::Registered(loss) => {
                loss.evaluate(first, count, outputs, Some(membrane), grad_spikes, grad_membrane, losses)?;
                Ok(None)
            }
            WorkLoss::Traced(loss) => {
                loss.evaluate(&self.network, &chunk.recorded, losses, work.backward).map(Some)
            }
        };
        let lengths = batch.lengths.map(|l| &l[first..]);
        let (shape, from) = ([count, plan.neurons, work.classes], work.from);
        let fired = Outputs { values: spikes, shape, from, lengths };
        let potential = Outputs { values: membrane, shape, from, lengths };
        let decide = || {
            let BatchReport { by_count, by_membrane, labels, scores, .. } = &mut *report;
            fired.decide(Score::Sum, by_count, (work.by == Decision::Count).then_some(&mut *scores));
            potential.decide(
                Score::Sum,
                by_membrane,
                (work.by == Decision::Membrane).then_some(&mut *scores),
            );
            match work.by {
                Decision::MaxMembrane => potential.decide(Score::Max, labels, Some(scores)),
                Decision::FirstSpike => fired.decide(Score::FirstSpike, labels, Some(scores)),
                Decision::Count | Decision::Membrane => {}
            }
        };
        let traced = parallel::join(evaluate, decide).0?;
        let traced = traced.map_or_else(Vec::new, |value| {
            report.terms = value.terms;
            value.gradients
        });
        let mut rates = Vec::new();
        for ((layer, plan), counts) in work.penalties.iter().zip(&chunk.counts) {
            let mut grad = vec![F::ZERO; counts.len()];
            plan.evaluate(first, counts, Some(&mut grad), penalty)?;
            rates.push((*layer, grad));
        }
        Ok(ChunkGradients { output: gradient, rates, traced })
    }

    fn backward_chunk(
        &mut self,
        pass: &Pass<F>,
        batch: &Batch<F>,
        work: &Work<F>,
        gradients: &ChunkGradients<F>,
        input_gradient: Option<&mut [F]>,
    ) -> Result<()> {
        self.begin();
        let plan = self.network.plan.clone();
        let lengths = batch.lengths.map(|l| &l[pass.samples.clone()]);
        let is_traced = matches!(work.loss, WorkLoss::Traced(_));
        for (source, gradient) in &gradients.traced {
            if let Source::Parameter(parameter) = source {
                self.network.parameters[*parameter].add_public_gradient(gradient);
            }
        }
        pass.backward(
            &mut self.network,
            &mut self.workspace,
            work.truncated,
            &mut |range, g, layer, injection| {
                let window_of_layer = window(pass, plan.layers[layer].neurons, range.start);
                injection.rate.clear();
                if is_traced {
                    injection.clear();
                    inject_traced(&window_of_layer, g, layer, &gradients.traced, injection);
                } else if layer != plan.output {
                    injection.clear();
                } else {
                    injection.states.clear();
                    window_of_layer.inject(g, &gradients.output, !work.of_membrane, &mut injection.spikes);
                    window_of_layer.inject(g, &gradients.output, work.of_membrane, &mut injection.membrane);
                }
                for (_, grad) in gradients.rates.iter().filter(|(l, _)| *l == layer) {
                    window_of_layer.inject_rate(g, grad, lengths, &mut injection.rate);
                }
            },
            input_gradient,
        )
    }
}

/// The offset of a segment's values in the buffers of a chunk.
fn window<F>(pass: &Pass<F>, neurons: usize, first_step: usize) -> Window {
    Window { neurons, batch: pass.samples.len(), first_sample: 0, first_step }
}

/// The gradients of a traced loss with respect to one layer in a segment.
fn inject_traced<F: Element>(
    window: &Window,
    g: &Geometry,
    layer: usize,
    gradients: &[(Source, Vec<F>)],
    injection: &mut Injection<F>,
) {
    for (source, gradient) in gradients {
        match *source {
            Source::Spikes(of) if of == layer => window.inject(g, gradient, true, &mut injection.spikes),
            Source::Count(of) if of == layer => window.inject_rate(g, gradient, None, &mut injection.rate),
            Source::State(of, state) if of == layer => {
                let mut values = Vec::new();
                window.inject(g, gradient, true, &mut values);
                injection.states.push((state, values));
            }
            _ => {}
        }
    }
}

impl<F> Work<'_, F> {
    /// The spikes and states that a traced loss reads, each once.
    fn recorded(&self) -> Vec<Source> {
        let mut sources = Vec::new();
        if let WorkLoss::Traced(traced) = &self.loss {
            for &(_, source) in &traced.sources {
                if source.layer().is_some() && !sources.contains(&source) {
                    sources.push(source);
                }
            }
        }
        sources
    }

    fn states_read(&self) -> Vec<(usize, usize)> {
        let states = self.recorded().into_iter().filter_map(|source| match source {
            Source::State(layer, state) => Some((layer, state)),
            _ => None,
        });
        states.collect()
    }
}
