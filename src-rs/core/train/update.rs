//! An optimizer's step over all parameters: clipping, then the elements, then the coefficients of the neurons.

use super::moderate::{Before, values_are_moderate};
use super::optimizer::{OptimizerKind, OptimizerSpec, OptimizerStep, ParameterSettings};
use super::step::{Training, non_finite};
use lapicque_base::error::{Error, Result};
use lapicque_exec::{MOMENTS, Parameter, parallel};
use lapicque_projection::{Aligned, Element, first_non_finite, sum_of_squares};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

/// Number of elements of one parameter per task.
pub(super) const CHUNK: usize = 1 << 15;

/// Number of elements that stay in L1 while an optimizer steps, tests the results and clears the gradient.
const PART: usize = 1 << 11;

/// The options of optimizer steps, as passed over the boundary.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateOptions {
    /// As [`OptimizerSpec::from_json`] reads it.
    pub optimizer: Value,
    /// Multiplies the gradients first, for example 1 / accumulated batches.
    #[serde(default = "one")]
    pub scale: f64,
    /// Maximum magnitude of each gradient.
    #[serde(default)]
    pub clip_value: Option<f64>,
    /// Whether the gradients of a step stay readable until the next ones are computed.
    #[serde(default)]
    pub keep_gradients: bool,
}

fn one() -> f64 {
    1.0
}

fn positive(name: &str, value: f64) -> Result<()> {
    match value.is_finite() && value > 0.0 {
        true => Ok(()),
        false => Err(Error::invalid(name, value, "a positive number")),
    }
}

/// Checked options of optimizer steps on the parameters of one network.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    pub(super) spec: OptimizerSpec,
    /// One per parameter, in their order.
    pub(super) settings: Vec<ParameterSettings>,
    scale: f64,
    clip_value: Option<f64>,
    keep_gradients: bool,
}

impl Update {
    /// `parameters`: the names of all parameters of the network.
    ///
    /// # Errors
    /// `invalid-parameter` and `unknown-name` for wrong options.
    pub fn new(options: &UpdateOptions, parameters: &[&str]) -> Result<Self> {
        let &UpdateOptions { scale, clip_value, keep_gradients, .. } = options;
        let spec = OptimizerSpec::from_json(&options.optimizer)?;
        positive("scale", scale)?;
        if let Some(most) = clip_value {
            positive("clipValue", most)?;
        }
        let settings = spec.settings(parameters)?;
        Ok(Update { spec, settings, scale, clip_value, keep_gradients })
    }
}

/// Refuses a factor of the learning rate, before the gradients of its step are computed.
///
/// # Errors
/// `invalid-parameter`
pub fn check_lr_factor(factor: f64) -> Result<()> {
    match factor.is_finite() && factor >= 0.0 {
        true => Ok(()),
        false => Err(Error::invalid("lrFactor", factor, "a finite number of at least 0")),
    }
}

impl<F: Element> Training<F> {
    /// Whether the existing moments were made by another kind of optimizer.
    fn moments_are_foreign(&self, kind: OptimizerKind) -> bool {
        // A checkpoint of an older version does not state the optimizer: two moments are Adam's, one is the momentum of
        // SGD.
        let older = |p: &Parameter<F>| match p.moments.each_ref().map(|moment| !moment.is_empty()) {
            [true, true, ..] => !["adam", "adamw"].contains(&kind.name()),
            [true, ..] => kind.name() != "sgd",
            _ => false,
        };
        match self.moments_of {
            Some(owner) => owner != kind,
            None => self.network.parameters.iter().any(older),
        }
    }

    /// Applies the gradients and clears them. Moments of another kind of optimizer are discarded first. Returns the
    /// norm of the gradients before clipping, if the optimizer clips by norm. `lr_factor` is that of the schedule.
    ///
    /// # Errors
    /// `invalid-parameter` for the factor; `non-finite` if a weight or moment would become NaN or infinite: all are then
    /// unchanged, and the gradients zero.
    #[inline(never)]
    pub fn update(&mut self, update: &Update, lr_factor: f64) -> Result<Option<f64>> {
        check_lr_factor(lr_factor)?;
        let Update { spec, settings, .. } = update;
        // The parameters of a loss may have been declared since the optimizer was checked.
        let names = self.network.parameters.iter().map(|p| p.name.as_str()).collect::<Vec<_>>();
        let all = match settings.len() == names.len() {
            true => Cow::Borrowed(&settings[..]),
            false => Cow::Owned(spec.settings(&names)?),
        };
        let settings: &[ParameterSettings] = &all;
        self.clear_applied_gradients();
        self.pending = None;
        let foreign = self.moments_are_foreign(spec.kind);
        let level = self.network.level;
        let parameters = &mut self.network.parameters;
        let live = |p: &Parameter<F>, s: &ParameterSettings| p.trainable && !p.grad.is_empty() && !s.frozen;
        parameters.iter_mut().for_each(Parameter::gather_shared);
        if let Some(most) = update.clip_value {
            let most = F::from_f64(most / update.scale);
            for (parameter, _) in parameters.iter_mut().zip(settings).filter(|(p, s)| live(p, s)) {
                for x in parameter.grad.iter_mut() {
                    *x = if *x > most {
                        most
                    } else if *x < -most {
                        -most
                    } else {
                        *x
                    };
                }
            }
        }
        let mut scale = update.scale;
        let norm = spec.max_norm.map(|_| {
            let of =
                |(p, s): (&Parameter<F>, _)| if live(p, s) { sum_of_squares(level, &p.grad) } else { 0.0 };
            let norm = parameters.iter().zip(settings).map(of).sum::<f64>().sqrt() * update.scale;
            scale *= spec.clip_scale(norm);
            norm
        });
        // Each parameter counts its own steps, because its moments begin when it is first trained.
        let next = |p: &Parameter<F>| match foreign || p.moments[0].is_empty() {
            true => (1, true),
            false => (p.steps.saturating_add(1), false),
        };
        let own_steps: Vec<_> = parameters
            .iter()
            .zip(settings)
            .map(|(p, s)| (next(p).0, spec.step(next(p), s, lr_factor, scale)))
            .collect();
        if !self.moderate.values {
            let moderate = |p: &Parameter<F>| values_are_moderate(level, p.values_and_moments());
            self.moderate.values = parameters.iter().all(moderate);
        }
        let was_moderate =
            self.moderate.values && self.moderate.gradients && own_steps.iter().all(|(_, s)| s.is_moderate());
        let before = (!was_moderate).then(|| Before::of(parameters));
        let owner = self.moments_of.replace(spec.kind);
        if foreign {
            parameters.iter_mut().for_each(Parameter::forget_moments);
        }
        let mut moderate = true;
        for ((parameter, settings), (step, own)) in parameters.iter_mut().zip(settings).zip(own_steps) {
            if live(parameter, settings) {
                moderate &= apply(parameter, own, level, update.keep_gradients)?;
                parameter.steps = if parameter.moments[0].is_empty() { 0 } else { step };
                continue;
            }
            if !was_moderate {
                moderate &= values_are_moderate(level, parameter.values_and_moments());
            }
            parameter.clear_grad();
        }
        self.applied = update.keep_gradients;
        self.moderate.values = moderate;
        if let Some(before) = before.filter(|_| !moderate) {
            let bad = |p: &&Parameter<F>| {
                p.values_and_moments().iter().any(|values| first_non_finite(level, values).is_some())
            };
            if let Some(name) = parameters.iter().find(bad).map(|p| p.name.clone()) {
                before.restore(parameters);
                self.clear_gradients();
                self.moments_of = owner;
                return Err(non_finite(&name, "the optimizer's step of "));
            }
        }
        self.network.parameters.iter_mut().for_each(Parameter::spread_shared);
        self.network.bound_delays();
        self.network.derive_coefficients();
        Ok(norm)
    }
}

/// Applies the step to one parameter and clears its gradient unless it is to be kept. Returns whether all elements are of moderate size
/// afterwards.
fn apply<F: Element>(
    parameter: &mut Parameter<F>,
    step: OptimizerStep,
    level: lapicque_base::SimdLevel,
    keep_gradients: bool,
) -> Result<bool> {
    let Parameter { name, data, grad, moments, .. } = parameter;
    for (moment, read) in moments.iter_mut().zip(step.moments()) {
        if read && moment.is_empty() {
            *moment = Aligned::zeroed(name, data.len())?;
        }
    }
    let read = step.moments();
    // Moments that the step does not read are left unchanged.
    let mut rest = moments.each_mut().map(|moment| &mut moment[..]);
    rest.iter_mut().zip(read).filter(|(_, read)| !read).for_each(|(moment, _)| *moment = &mut []);
    let mut work = Vec::new();
    for (w, g) in data.chunks_mut(CHUNK).zip(grad.chunks_mut(CHUNK)) {
        work.push((w, g, take(&mut rest, CHUNK)));
    }
    let moderate = parallel::map(work, |(w, g, mut moments)| {
        w.chunks_mut(PART).zip(g.chunks_mut(PART)).fold(true, |moderate, (w, g)| {
            let [a, b, c] = take(&mut moments, PART);
            step.run(level, w, [&mut a[..], &mut b[..], &mut c[..]], g);
            if !keep_gradients {
                g.fill(F::ZERO);
            }
            moderate & values_are_moderate(level, [w, a, b, c])
        })
    });
    Ok(moderate.into_iter().all(|moderate| moderate))
}

/// The next elements of each moment; none of an empty one.
fn take<'a, F>(rest: &mut [&'a mut [F]; MOMENTS], count: usize) -> [&'a mut [F]; MOMENTS] {
    rest.each_mut().map(|moment| {
        let whole = std::mem::take(moment);
        let (taken, left) = whole.split_at_mut(count.min(whole.len()));
        *moment = left;
        taken
    })
}
