//! A training step forward in time: the loss of each step is known at that step and reaches the weights
//! through eligibility traces, a block of steps at a time, so that memory does not grow with the length of the sequence.

use super::batch::{Batch, BatchReport, Objective};
use super::loss::{LossKind, LossPlan, LossSpec, PerStep, Targets};
use super::step::{Training, predict};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_exec::geometry::Geometry;
use lapicque_exec::input::Signal;
use lapicque_exec::map::Mode;
use lapicque_exec::online::{Online, OnlineRule, block_steps};
use lapicque_exec::outputs::Window;
use lapicque_exec::pass::Pass;
use lapicque_projection::Element;

/// Traces of the samples that go through together stay below this where one tile of them allows it.
const TRACE_BYTES: u64 = 256 << 20;

impl<F: Element> Training<F> {
    /// Loss and gradients of one batch; the gradients add to those there are.
    ///
    /// # Errors
    /// `unsupported` for what the rule does not cover: losses that are not of each step, penalties,
    /// neurons with learned parameters, layers that are not dense. As [`Training::gradients`] else.
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
        Online::check(&self.network, rule)?;
        if !objective.regularisers.is_empty() {
            return Err(refuse("penalties on firing rates"));
        }
        let (steps, size) = (input.steps, input.batch);
        let (layers, output) = (self.network.plan.layers.len(), self.network.plan.output);
        let neurons = self.network.plan.layers[output].neurons;
        let spiking = self.network.plan.layers[output].bound.spiking;
        let plan = LossPlan::new(&objective.loss, batch.targets, batch.lengths, steps, size, neurons)?;
        let of_a_step =
            step_loss(&objective.loss).ok_or_else(|| refuse("a loss that is not of each step"))?;
        if plan.elements() > 1 {
            return Err(refuse("a loss that is not reduced"));
        }
        let from = objective.loss.from.unwrap_or(0);
        // The part of one step's loss in that of a sample of this length.
        let share = |step: usize, length: usize| match objective.loss.per_step.unwrap_or_default() {
            _ if step < from || step >= length => 0.0,
            PerStep::Mean => 1.0 / (length - from) as f64,
            PerStep::Sum => 1.0,
        };
        let tile = Geometry::tile_of(size);
        let bytes = Online::bytes(&self.network, rule, steps).saturating_mul(tile as u64);
        let tiles = ((TRACE_BYTES / bytes.max(1)) as usize).clamp(1, size.div_ceil(tile));
        lapicque_base::memory::check("the eligibility traces", bytes.saturating_mul(tiles as u64))?;
        self.network.parameters.iter_mut().try_for_each(|p| p.ensure_grad())?;
        self.forget_tapes();
        let keep = vec![true; layers];
        let mut report = BatchReport { spikes: vec![0; layers], ..Default::default() };
        let mut per_sample = vec![0.0; size];
        for first in (0..size).step_by(tile * tiles) {
            control.check()?;
            let samples = first..(first + tile * tiles).min(size);
            let count = samples.len();
            let segment = block_steps(steps);
            let pass = Pass { input, samples, tile, segment, mode: Mode::Evaluate };
            let g = Geometry::new(first, count, tile, segment);
            let mut online = Online::new(&self.network, rule, &g, steps)?;
            let window = Window { neurons, batch: count, first_sample: 0, first_step: 0 };
            let of_step = count * neurons;
            let of_block = segment * of_step;
            let mut spikes = try_vec("output spikes", if spiking { of_block } else { 0 }, F::ZERO)?;
            let mut membrane = try_vec("output membrane", of_block, F::ZERO)?;
            let (mut grad_spikes, mut grad_membrane) = (spikes.clone(), membrane.clone());
            let mut sums = [vec![0.0; if spiking { of_step } else { 0 }], vec![0.0; of_step]];
            let mut values = vec![0.0; count];
            let (mut injected_spikes, mut injected_membrane) = (vec![], vec![]);
            self.begin();
            let network = &self.network;
            let report = &mut report;
            pass.forward(network, &mut self.workspace, &keep, false, None, |shown| {
                control.check()?;
                let (range, tape, g) = (shown.range.clone(), &shown.tapes[output], shown.g);
                if spiking {
                    window.collect_spikes(g, tape, [F::ZERO, F::ONE], &mut spikes);
                }
                window.collect_state(g, tape, 0, &mut membrane);
                for (t, step) in range.clone().enumerate() {
                    let own = t * of_step..(t + 1) * of_step;
                    let [spikes, membrane] =
                        [&spikes, &membrane].map(|all| all.get(own.clone()).unwrap_or_default());
                    let [grad_spikes, grad_membrane] = [&mut grad_spikes, &mut grad_membrane]
                        .map(|all| all.get_mut(own.clone()).unwrap_or_default());
                    let share =
                        |s: usize| share(step, batch.lengths.map_or(steps, |l| l[first + s] as usize));
                    if (0..count).all(|s| share(s) == 0.0) {
                        grad_spikes.fill(F::ZERO);
                        grad_membrane.fill(F::ZERO);
                        continue;
                    }
                    let targets = targets_at(batch.targets, step, [steps, size]);
                    LossPlan::new(&of_a_step, targets, None, 1, size, neurons)?
                        .with_simd(network.level)
                        .evaluate(
                            first,
                            count,
                            spiking.then_some(spikes),
                            Some(membrane),
                            spiking.then_some(&mut *grad_spikes),
                            Some(&mut *grad_membrane),
                            &mut values,
                        )?;
                    for s in 0..count {
                        let (own, share) = (s * neurons..(s + 1) * neurons, share(s));
                        per_sample[first + s] += share * values[s];
                        for grad in [&mut *grad_spikes, &mut *grad_membrane] {
                            let grad = grad.get_mut(own.clone()).unwrap_or_default();
                            grad.iter_mut().for_each(|x| *x = *x * F::from_f64(share));
                        }
                        for (sum, now) in sums.iter_mut().zip([spikes, membrane]) {
                            let counted = sum.iter_mut().zip(now).skip(own.start).take(neurons);
                            counted.filter(|_| share > 0.0).for_each(|(sum, x)| *sum += x.to_f64());
                        }
                    }
                }
                window.inject(g, &grad_spikes, spiking, &mut injected_spikes);
                window.inject(g, &grad_membrane, true, &mut injected_membrane);
                let signal = spiking.then_some(&injected_spikes[..]);
                online.block(network, &shown, range.end == steps, signal, Some(&injected_membrane));
                report.spikes.iter_mut().zip(shown.tapes).for_each(|(n, tape)| *n += tape.spikes.count(g));
                report.input_events += match shown.signal {
                    Signal::Spikes(s) => s.count(g),
                    Signal::Values(values, _) => values.nonzero(g, range),
                };
                Ok(())
            })?;
            online.hand_over(&mut self.network, &g);
            predict(&sums[0], count, neurons, 0, None, &mut report.by_count);
            predict(&sums[1], count, neurons, 0, None, &mut report.by_membrane);
        }
        report.loss = plan.reduce(&per_sample);
        report.per_sample = per_sample;
        self.check_finite(report.loss, true, batch)?;
        Ok(report)
    }
}

/// The loss of one step alone; none where the whole sequence decides.
fn step_loss(spec: &LossSpec) -> Option<LossSpec> {
    let of_each_step = matches!(
        spec.kind,
        LossKind::CrossEntropyRate | LossKind::CrossEntropyMembrane | LossKind::MeanSquaredMembrane
    );
    of_each_step.then(|| LossSpec { per_step: Some(PerStep::Sum), from: None, ..spec.clone() })
}

/// The targets of one step: of those that vary in time its own.
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
