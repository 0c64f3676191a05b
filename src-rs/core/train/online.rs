//! A training step forward in time: the loss of each step is known at that step and affects the weights through
//! eligibility traces. Steps are processed in blocks, so memory does not grow with the length of the sequence.

use super::batch::{Batch, BatchReport, Objective, ObjectiveLoss};
use super::decision::{Decision, Outputs, Score};
use super::emitted;
use super::loss::{LossPlan, LossSpec, PerStep, SteppedOptions, Targets};
use super::step::{Training, check_states, grant};
use lapicque_base::SimdLevel;
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_exec::Mode;
use lapicque_exec::geometry::Geometry;
use lapicque_exec::online::Online;
use lapicque_exec::online_plan::{OnlineRule, block_steps, chunking};
use lapicque_exec::outputs::Window;
use lapicque_exec::pass::Pass;
use lapicque_projection::Element;

impl<F: Element> Training<F> {
    /// Loss and gradients of one batch; the gradients are added to the existing ones.
    ///
    /// # Errors
    /// `unsupported` for networks and losses that the rule does not support: losses that are not sums over steps,
    /// penalties, neurons with learned parameters, layers that are not dense. Otherwise as [`Training::gradients`].
    pub(super) fn online(
        &mut self,
        batch: &Batch<F>,
        objective: &Objective,
        rule: OnlineRule,
        control: &Control,
    ) -> Result<BatchReport> {
        let refuse =
            |feature: &str| Error::Unsupported { feature: feature.into(), format: rule.name().into() };
        let input = batch.input;
        self.network.check_input(&input, None)?;
        if batch.initial.is_some() {
            return Err(refuse("a state before the first step"));
        }
        Online::check(&self.network, rule)?;
        if !objective.regularizers.is_empty() {
            return Err(refuse("penalties on firing rates"));
        }
        if objective.readout.is_some() {
            return Err(refuse("labels by a read-out, which needs the values of all steps; state by"));
        }
        let (steps, size) = (input.steps, input.batch);
        let (layers, output) = (self.network.plan.layers.len(), self.network.plan.output);
        let neurons = self.network.plan.layers[output].neurons;
        let spiking = self.network.plan.layers[output].bound.spiking;
        let ObjectiveLoss::Registered(loss) = &objective.loss else {
            return Err(refuse("a traced loss, whose gradient at a step may depend on later steps"));
        };
        let plan = LossPlan::new(loss, batch.targets, batch.lengths, steps, size, neurons)?;
        let classes = objective.classes(neurons)?;
        let by = Decision::of(objective.by, loss.kind.definition().decision, spiking)?;
        if matches!(by, Decision::MaxMembrane | Decision::FirstSpike) {
            return Err(refuse("labels by single steps"));
        }
        let step_loss = of_a_step(loss).ok_or_else(|| refuse("a loss that is not of each step"))?;
        if plan.elements() > 1 {
            return Err(refuse("a loss that is not reduced"));
        }
        let losses = StepLosses { spec: step_loss, objective: loss, batch, neurons };
        let real = size_of::<F>() as u64;
        let (tile, tiles, bytes) = chunking(&self.network.plan, rule, steps, size, real);
        grant(&mut self.granted_traces, "the eligibility traces", bytes)?;
        self.prepare_gradients()?;
        self.forget_tapes();
        let keep = vec![true; layers];
        let mut report = BatchReport { spikes: vec![0; layers], classes, ..Default::default() };
        let mut per_sample = vec![0.0; size];
        for first in (0..size).step_by(tile * tiles) {
            control.check()?;
            let samples = first..(first + tile * tiles).min(size);
            let count = samples.len();
            let segment = block_steps(steps);
            let pass = Pass { input, samples, tile, segment, mode: Mode::Evaluate };
            let g = Geometry::new(first, count, tile, segment);
            let mut online = Online::new(&self.network, rule, &g, steps, self.traces.take())?;
            let window = Window { neurons, batch: count, first_sample: 0, first_step: 0 };
            let mut readout = Readout::new(spiking, [segment, count, neurons])?;
            let (mut of_spikes, mut of_membrane) = (vec![], vec![]);
            self.begin();
            let (network, report) = (&self.network, &mut report);
            let result =
                pass.forward(network, &mut self.workspace, &keep, false, None, &mut |segment_outputs| {
                    control.check()?;
                    check_states(network, &segment_outputs)?;
                    let (range, tape, g) =
                        (segment_outputs.range.clone(), &segment_outputs.tapes[output], segment_outputs.g);
                    if spiking {
                        emitted::collect(
                            &window,
                            &network.plan.layers[output],
                            g,
                            tape,
                            &mut readout.spikes.values,
                        );
                    }
                    window.collect_state(g, tape, 0, &mut readout.membrane.values);
                    for (t, step) in range.clone().enumerate() {
                        losses.evaluate(step, first, network.level, readout.at(t), &mut per_sample)?;
                    }
                    window.inject(g, &readout.spikes.gradient, spiking, &mut of_spikes);
                    window.inject(g, &readout.membrane.gradient, true, &mut of_membrane);
                    let signal = spiking.then_some(&of_spikes[..]);
                    online.block(network, &segment_outputs, range.end == steps, signal, Some(&of_membrane));
                    report
                        .spikes
                        .iter_mut()
                        .zip(segment_outputs.tapes)
                        .for_each(|(n, tape)| *n += tape.spikes.count(g, network.level));
                    report.input_events += segment_outputs.signal.events(g, network.level, range);
                    Ok(())
                });
            self.located(result, batch)?;
            online.add_gradients(&mut self.network, &g);
            self.traces = Some(online);
            let shape = [count, neurons, classes];
            let sums = |values| Outputs::<f64> { values, shape, from: 0, lengths: None };
            sums(&readout.spikes.sums).decide(Score::Sum, &mut report.by_count, None);
            sums(&readout.membrane.sums).decide(Score::Sum, &mut report.by_membrane, None);
        }
        report.decide(by);
        report.loss = plan.reduce(&per_sample);
        report.per_sample = per_sample;
        self.check_finite(report.loss, true, batch)?;
        Ok(report)
    }
}

/// One output of the last population over a block of steps, `[step][sample][neuron]`.
struct Output<F> {
    /// Empty if there is no such output.
    values: Vec<F>,
    gradient: Vec<F>,
    /// Sums over the steps that count, `[sample][neuron]`.
    sums: Vec<f64>,
}

/// The outputs that the loss can read.
struct Readout<F> {
    spikes: Output<F>,
    membrane: Output<F>,
}

/// One step of an output: values, gradient and sums.
type OutputStep<'a, F> = (&'a [F], &'a mut [F], &'a mut [f64]);

impl<F: Element> Output<F> {
    fn new(what: &str, [steps, of_step]: [usize; 2]) -> Result<Self> {
        let values = try_vec(what, steps * of_step, F::ZERO)?;
        Ok(Output { gradient: values.clone(), values, sums: vec![0.0; of_step] })
    }

    fn at(&mut self, t: usize) -> OutputStep<'_, F> {
        let own = t * self.sums.len()..(t + 1) * self.sums.len();
        (&self.values[own.clone()], &mut self.gradient[own], &mut self.sums)
    }
}

impl<F: Element> Readout<F> {
    fn new(spiking: bool, [steps, count, neurons]: [usize; 3]) -> Result<Self> {
        let of_step = count * neurons;
        let spikes = Output::new("output spikes", [steps, if spiking { of_step } else { 0 }])?;
        Ok(Readout { spikes, membrane: Output::new("output membrane", [steps, of_step])? })
    }

    /// Spikes and membrane at one step of the block.
    fn at(&mut self, t: usize) -> [OutputStep<'_, F>; 2] {
        [self.spikes.at(t), self.membrane.at(t)]
    }
}

/// The loss as a sum of losses of single steps.
struct StepLosses<'a, F> {
    spec: LossSpec,
    objective: &'a LossSpec,
    batch: &'a Batch<'a, F>,
    neurons: usize,
}

impl<F: Element> StepLosses<'_, F> {
    /// The loss of one step of the samples from `first` on: adds each sample's part to `per_sample` and writes the
    /// gradients of the outputs that it reads.
    fn evaluate(
        &self,
        step: usize,
        first: usize,
        level: SimdLevel,
        readout: [OutputStep<F>; 2],
        per_sample: &mut [f64],
    ) -> Result<()> {
        let [(spikes, grad_spikes, spike_sums), (membrane, grad_membrane, membrane_sums)] = readout;
        let (neurons, count) = (self.neurons, membrane.len() / self.neurons);
        let shares: Vec<f64> = (first..first + count).map(|sample| self.share(step, sample)).collect();
        grad_spikes.fill(F::ZERO);
        grad_membrane.fill(F::ZERO);
        if shares.iter().all(|&share| share == 0.0) {
            return Ok(());
        }
        let (steps, size) = (self.batch.input.steps, self.batch.input.batch);
        let targets = targets_at(self.batch.targets, step, [steps, size]);
        let there = |values: &'_ [F]| !values.is_empty();
        let mut values = vec![0.0; count];
        LossPlan::new(&self.spec, targets, None, 1, size, neurons)?.with_simd(level).evaluate(
            first,
            count,
            Some(spikes).filter(|spikes| there(spikes)),
            Some(membrane),
            Some(&mut *grad_spikes).filter(|grad| there(grad)),
            Some(&mut *grad_membrane),
            &mut values,
        )?;
        for (total, (value, share)) in per_sample[first..].iter_mut().zip(values.iter().zip(&shares)) {
            *total += share * value;
        }
        for grad in [grad_spikes, grad_membrane] {
            for (grad, &share) in grad.chunks_mut(neurons).zip(&shares) {
                grad.iter_mut().for_each(|x| *x = *x * F::from_f64(share));
            }
        }
        for (sums, now) in [(spike_sums, spikes), (membrane_sums, membrane)] {
            let rows = sums.chunks_mut(neurons).zip(now.chunks(neurons)).zip(&shares);
            for ((sums, now), _) in rows.filter(|(_, share)| **share > 0.0) {
                sums.iter_mut().zip(now).for_each(|(sum, x)| *sum += x.to_f64());
            }
        }
        Ok(())
    }

    /// The weight of a step's loss in the loss of a sample.
    fn share(&self, step: usize, sample: usize) -> f64 {
        let length = self.batch.lengths.map_or(self.batch.input.steps, |lengths| lengths[sample] as usize);
        let from = self.objective.common.from;
        match self.objective.stepped.per_step {
            _ if step < from || step >= length => 0.0,
            PerStep::Mean => 1.0 / (length - from) as f64,
            PerStep::Sum => 1.0,
        }
    }
}

/// The loss of one step alone; `None` if it is computed from the whole sequence.
fn of_a_step(spec: &LossSpec) -> Option<LossSpec> {
    let of_each_step = spec.kind.definition().of_each_step;
    of_each_step.then(|| {
        let mut spec = LossSpec { stepped: SteppedOptions { per_step: PerStep::Sum }, ..spec.clone() };
        spec.common.from = 0;
        spec
    })
}

/// The targets of one step; if they vary in time, those of this step.
fn targets_at(targets: Targets<'_>, step: usize, [steps, batch]: [usize; 2]) -> Targets<'_> {
    match targets {
        Targets::Values(values) if steps > 1 && values.len().is_multiple_of(steps * batch) => {
            let size = values.len() / steps;
            Targets::Values(&values[step * size..(step + 1) * size])
        }
        Targets::Classes(labels) if labels.len() == steps * batch => {
            Targets::Classes(&labels[step * batch..(step + 1) * batch])
        }
        other => other,
    }
}
