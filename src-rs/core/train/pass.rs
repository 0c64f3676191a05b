//! One pass over a batch: each chunk of samples forward, its losses and decisions, and its gradients backward.

use super::batch::{Batch, BatchReport, Method, Objective, ObjectiveLoss};
use super::decision::{Decision, Outputs, Score};
use super::emitted;
use super::loss::{LossPlan, RegularizerPlan};
use super::readout::labels;
use super::step::{Training, check_states};
use super::traced::TracedPlan;
use super::work_loss::{Chunk, LossValue, RegisteredLoss, Source, WorkLoss};
use lapicque_base::control::Control;
use lapicque_base::error::{Result, try_vec};
use lapicque_base::memory;
use lapicque_exec::estimate::{Workload, chunking, state_bytes};
use lapicque_exec::geometry::Geometry;
use lapicque_exec::injection::{Injection, Receiver};
use lapicque_exec::outputs::Window;
use lapicque_exec::pass::{Pass, Segment};
use lapicque_exec::run::Variable;
use lapicque_exec::state::NetworkState;
use lapicque_exec::{Mode, Workspace, parallel};
use lapicque_projection::Element;

/// The data that are the same for all chunks of a pass.
struct Work<'a, F> {
    loss: Box<dyn WorkLoss<F> + 'a>,
    /// Evaluated beside the loss, without gradients.
    metrics: Vec<TracedPlan<'a, F>>,
    /// Gives the scores of the classes.
    readout: Option<TracedPlan<'a, F>>,
    classes: usize,
    by: Decision,
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

/// Gradients of one chunk: of what the loss reads, and of the spike counts of penalized layers.
struct ChunkGradients<F> {
    loss: Vec<(Source, Vec<F>)>,
    rates: Vec<(usize, Vec<F>)>,
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
        let fusions = plan.fusions.without(&work.maps_read(plan.output));
        let (uses, real) = (fusions.uses(), size_of::<F>() as u64);
        let (tile, tiles) = chunking(plan, &work.keep, uses, size, work.segment, real, backward);
        let tiles = if work.whole { size.div_ceil(tile) } else { tiles };
        let classes = work.classes;
        let mut report = BatchReport { spikes: vec![0; plan.layers.len()], classes, ..Default::default() };
        self.workspace.active.clear();
        let elements = work.loss.elements();
        work.record(&mut self.workspace, plan.output);
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
        if work.readout.is_none() {
            report.decide(work.by);
        }
        let loss = work.loss.total(&mut per_sample, &report.terms);
        report.loss = loss + penalty.iter().sum::<f64>();
        report.per_sample = per_sample;
        report.state = last.map(|state| state.converted());
        self.check_finite(report.loss, backward, batch)?;
        self.check_input_gradient(input_gradient.as_deref().unwrap_or_default(), size * input.channels)?;
        self.after_batch(work.mode);
        Ok(report)
    }

    fn work<'a>(
        &self,
        batch: &Batch<'a, F>,
        objective: &'a Objective,
        backward: bool,
    ) -> Result<Work<'a, F>> {
        let (steps, size) = (batch.input.steps, batch.input.batch);
        let plan = &self.network.plan;
        let output = &plan.layers[plan.output];
        let neurons = output.neurons;
        let mut from = 0;
        let loss: Box<dyn WorkLoss<F> + 'a> = match &objective.loss {
            ObjectiveLoss::Registered(loss) => {
                from = loss.common.from;
                let bound = LossPlan::new(loss, batch.targets, batch.lengths, steps, size, neurons)?;
                let bound = bound.with_simd(self.network.level);
                Box::new(RegisteredLoss::new(bound, plan.output, loss.kind.reads_membrane()))
            }
            ObjectiveLoss::Traced(loss) => Box::new(TracedPlan::new(loss, &self.network, batch)?),
        };
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
        let plan_of = |traced| TracedPlan::new(traced, &self.network, batch);
        let metrics: Vec<TracedPlan<F>> = objective.metrics.iter().map(plan_of).collect::<Result<_>>()?;
        let readout = objective.readout.as_ref().map(plan_of).transpose()?;
        let beside = metrics.iter().chain(&readout).flat_map(|traced| traced.reads());
        for source in loss.reads().iter().chain(beside) {
            match *source {
                Source::State(layer, _) | Source::Current(layer, _) => keep[layer] = true,
                // Graded spikes are a state.
                Source::Spikes(layer) | Source::Count(layer) => {
                    keep[layer] |= plan.layers[layer].bound.output.is_some();
                }
                _ => {}
            }
        }
        let whole = loss.needs_whole_batch() || metrics.iter().any(|metric| metric.needs_whole_batch());
        Ok(Work {
            loss,
            metrics,
            readout,
            classes,
            by,
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
        for source in work.reads(output) {
            let Some((index, variable)) = source.variable() else { continue };
            let rows = if matches!(source, Source::Count(_)) { count } else { steps * count };
            let len = rows * network.recorded(index, variable);
            recorded.push((source, try_vec("values that the loss reads", len, F::ZERO)?));
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
                    let Some((index, variable)) = source.variable() else { continue };
                    let window = window(pass, network.recorded(index, variable), segment_outputs.range.start);
                    let spikes =
                        || (&network.plan.layers[index], segment_outputs.g, &segment_outputs.tapes[index]);
                    match (variable, source) {
                        (Variable::Spikes, Source::Count(_)) => {
                            let (plan, g, tape) = spikes();
                            emitted::count(&window, plan, g, tape, None, values);
                        }
                        (Variable::Spikes, _) => {
                            let (plan, g, tape) = spikes();
                            emitted::collect(&window, plan, g, tape, values);
                        }
                        _ => network.collect(&window, &segment_outputs, (index, variable), values)?,
                    }
                }
                check_states(network, &segment_outputs)
            },
        );
        self.located(result, batch)?;
        Ok(Chunk { output, spikes, membrane, counts, recorded })
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
        let evaluate =
            || work.loss.evaluate(&self.network, (chunk, pass.samples.clone()), losses, work.backward);
        let lengths = batch.lengths.map(|l| &l[first..]);
        let (shape, from) = ([count, plan.neurons, work.classes], work.from);
        let fired = Outputs { values: spikes, shape, from, lengths };
        let potential = Outputs { values: membrane, shape, from, lengths };
        let decide = || {
            let BatchReport { by_count, by_membrane, labels, scores, .. } = &mut *report;
            let by = work.readout.is_none().then_some(work.by);
            fired.decide(Score::Sum, by_count, (by == Some(Decision::Count)).then_some(&mut *scores));
            let summed = (by == Some(Decision::Membrane)).then_some(&mut *scores);
            potential.decide(Score::Sum, by_membrane, summed);
            match by {
                Some(Decision::MaxMembrane) => potential.decide(Score::Max, labels, Some(scores)),
                Some(Decision::FirstSpike) => fired.decide(Score::FirstSpike, labels, Some(scores)),
                Some(Decision::Count | Decision::Membrane) | None => {}
            }
        };
        let LossValue { terms, gradients } = parallel::join(evaluate, decide).0?;
        add_terms(&mut report.terms, terms);
        report.metrics.resize_with(work.metrics.len(), Vec::new);
        for (metric, sums) in work.metrics.iter().zip(&mut report.metrics) {
            let part = (chunk, pass.samples.clone());
            let value = metric.evaluate(&self.network, part, &mut vec![0.0; count], false)?;
            add_terms(sums, value.terms);
        }
        if let Some(readout) = &work.readout {
            let scores = readout.values(&self.network, chunk, pass.samples.clone())?;
            report.classes = scores.len() / count;
            report.labels.extend(labels(&scores, report.classes));
            report.scores.extend(scores);
        }
        let mut rates = Vec::new();
        for ((layer, plan), counts) in work.penalties.iter().zip(&chunk.counts) {
            let mut grad = vec![F::ZERO; counts.len()];
            plan.evaluate(first, counts, Some(&mut grad), penalty)?;
            rates.push((*layer, grad));
        }
        Ok(ChunkGradients { loss: gradients, rates })
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
        for (source, gradient) in &gradients.loss {
            if let Source::Parameter(parameter) = source {
                self.network.parameters[*parameter].add_public_gradient(gradient);
            }
        }
        let constant = plan.constant_maps(pass.input.constant);
        pass.backward(
            &mut self.network,
            &mut self.workspace,
            work.truncated,
            &mut |range, g, receiver| match receiver {
                Receiver::Layer(layer, injection) => {
                    let window = window(pass, plan.layers[layer].neurons, range.start);
                    inject(&window, g, layer, &gradients.loss, injection);
                    for (_, grad) in gradients.rates.iter().filter(|(l, _)| *l == layer) {
                        window.inject_rate(g, grad, lengths, &mut injection.rate);
                    }
                }
                Receiver::Map(map, out) => {
                    out.clear();
                    let of = |(source, _): &&(Source, Vec<F>)| *source == Source::Values(map);
                    if let Some((_, gradient)) = gradients.loss.iter().find(of) {
                        let own = &plan.maps[map];
                        let window = window(pass, own.shape.elements(), range.start);
                        window.inject_values(g, gradient, (own, constant[map]), out);
                    }
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

/// The gradients of the loss with respect to one layer in a segment.
fn inject<F: Element>(
    window: &Window,
    g: &Geometry,
    layer: usize,
    gradients: &[(Source, Vec<F>)],
    injection: &mut Injection<F>,
) {
    let of = |wanted: Source| gradients.iter().find(|(source, _)| *source == wanted).map(|(_, x)| &x[..]);
    let converted = |gradient: &[F]| {
        let mut values = Vec::new();
        window.inject(g, gradient, true, &mut values);
        values
    };
    // These two keep their buffers.
    let (spikes, membrane) = (of(Source::Spikes(layer)), of(Source::State(layer, 0)));
    window.inject(g, spikes.unwrap_or_default(), spikes.is_some(), &mut injection.spikes);
    window.inject(g, membrane.unwrap_or_default(), membrane.is_some(), &mut injection.membrane);
    injection.rate.clear();
    injection.states.clear();
    injection.currents.clear();
    for (source, gradient) in gradients {
        match *source {
            Source::Count(of) if of == layer => window.inject_rate(g, gradient, None, &mut injection.rate),
            Source::State(of, state) if of == layer && state > 0 => {
                injection.states.push((state, converted(gradient)));
            }
            Source::Current(of, port) | Source::Product(_, [of, port]) if of == layer => {
                injection.currents.push((port, converted(gradient)));
            }
            _ => {}
        }
    }
}

/// Adds the shares of one chunk to the terms of the whole batch.
fn add_terms(sums: &mut Vec<(String, f64)>, terms: Vec<(String, f64)>) {
    if sums.is_empty() {
        *sums = terms;
        return;
    }
    sums.iter_mut().zip(terms).for_each(|((_, sum), (_, value))| *sum += value);
}

impl<F: Element> Work<'_, F> {
    /// What the loss, the metrics and the read-out read, each once, apart from the two outputs, which are always stored.
    fn reads(&self, output: usize) -> Vec<Source> {
        let mut all = Vec::new();
        let beside = self.metrics.iter().chain(&self.readout).flat_map(|traced| traced.reads());
        for &source in self.loss.reads().iter().chain(beside) {
            if !Chunk::<F>::is_output(output, source) && !all.contains(&source) {
                all.push(source);
            }
        }
        all
    }

    /// The operations whose values are read.
    fn maps_read(&self, output: usize) -> Vec<usize> {
        let map = |source| if let Source::Values(map) = source { Some(map) } else { None };
        self.reads(output).into_iter().filter_map(map).collect()
    }

    /// Has the workspace store what is read.
    fn record(&self, workspace: &mut Workspace<F>, output: usize) {
        let (mut states, mut ports) = (vec![], vec![]);
        for source in self.reads(output) {
            match source {
                Source::State(layer, state) => states.push((layer, state)),
                Source::Current(layer, port) => ports.push((layer, port)),
                _ => {}
            }
        }
        workspace.record_states(states);
        workspace.record(self.maps_read(output), ports);
    }
}
