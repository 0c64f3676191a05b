//! A training step forward in time: the loss of each step is known at that step and reaches the weights
//! through eligibility traces, so that memory does not grow with the length of the sequence.

use super::batch::{Batch, BatchReport, Objective};
use super::leaving;
use super::loss::{LossKind, LossPlan, LossSpec, PerStep, Targets};
use super::step::{Training, predict};
use lapicque_base::control::Control;
use lapicque_base::error::{Error, Result, try_vec};
use lapicque_exec::geometry::Geometry;
use lapicque_exec::input::Signal;
use lapicque_exec::map::Mode;
use lapicque_exec::online::{Online, OnlineRule};
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
        let tile = Geometry::tile_of(size);
        let bytes = Online::bytes(&self.network, rule).saturating_mul(tile as u64);
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
            let pass = Pass { input, samples, tile, segment: 1, mode: Mode::Evaluate };
            let g = Geometry::new(first, count, tile, 1);
            let mut online = Online::new(&self.network, rule, &g)?;
            let window = Window { neurons, batch: count, first_sample: 0, first_step: 0 };
            let mut spikes = try_vec("output spikes", if spiking { count * neurons } else { 0 }, F::ZERO)?;
            let mut membrane = try_vec("output membrane", count * neurons, F::ZERO)?;
            let (mut grad_spikes, mut grad_membrane) = (spikes.clone(), membrane.clone());
            let mut sums = [vec![0.0; spikes.len()], vec![0.0; membrane.len()]];
            let mut values = vec![0.0; count];
            let (mut injected_spikes, mut injected_membrane) = (vec![], vec![]);
            self.begin();
            let mut gradients: Vec<_> =
                self.network.parameters.iter_mut().map(|p| std::mem::take(&mut p.grad)).collect();
            let network = &self.network;
            let report = &mut report;
            let result = pass.forward(network, &mut self.workspace, &keep, false, None, |shown| {
                control.check()?;
                let (step, tape) = (shown.range.start, &shown.tapes[output]);
                if spiking {
                    leaving::collect(&window, &g, tape, &network.plan.layers[output], &mut spikes);
                }
                window.collect_state(&g, tape, 0, &mut membrane);
                let length = |s: usize| batch.lengths.map_or(steps, |l| l[first + s] as usize);
                let counted = |s: usize| from <= step && step < length(s);
                let targets = targets_at(batch.targets, step, [steps, size]);
                LossPlan::new(&of_a_step, targets, None, 1, size, neurons)?
                    .with_simd(network.level)
                    .evaluate(
                        first,
                        count,
                        spiking.then_some(&spikes[..]),
                        Some(&membrane),
                        spiking.then_some(&mut grad_spikes[..]),
                        Some(&mut grad_membrane),
                        &mut values,
                    )?;
                for s in 0..count {
                    let own = s * neurons..(s + 1) * neurons;
                    let share = match objective.loss.per_step.unwrap_or_default() {
                        _ if !counted(s) => 0.0,
                        PerStep::Mean => 1.0 / (length(s) - from) as f64,
                        PerStep::Sum => 1.0,
                    };
                    per_sample[first + s] += share * values[s];
                    for grad in [&mut grad_spikes, &mut grad_membrane].into_iter().filter(|g| !g.is_empty()) {
                        grad[own.clone()].iter_mut().for_each(|x| *x = *x * F::from_f64(share));
                    }
                    for (sum, now) in sums.iter_mut().zip([&spikes, &membrane]) {
                        if counted(s) && !now.is_empty() {
                            let now = now[own.clone()].iter();
                            sum[own.clone()].iter_mut().zip(now).for_each(|(sum, x)| *sum += x.to_f64());
                        }
                    }
                }
                window.inject(&g, &grad_spikes, spiking, &mut injected_spikes);
                window.inject(&g, &grad_membrane, true, &mut injected_membrane);
                let signal = spiking.then_some(&injected_spikes[..]);
                online.step(network, &shown, signal, Some(&injected_membrane), &mut gradients);
                report.spikes.iter_mut().zip(shown.tapes).for_each(|(n, tape)| *n += tape.spikes.count(&g));
                report.input_events += match shown.signal {
                    Signal::Spikes(s) => s.count(&g),
                    Signal::Values(values, _) => values.nonzero(&g, shown.range.clone()),
                };
                Ok(())
            });
            for (parameter, grad) in self.network.parameters.iter_mut().zip(gradients) {
                parameter.grad = grad;
            }
            result?;
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
