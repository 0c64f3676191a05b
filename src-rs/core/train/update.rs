//! An optimiser's step over all parameters: clipping, then the elements, then the neurons'
//! coefficients anew.

use super::optimizer::{OptimizerSpec, ParameterSettings, StepScalars};
use super::step::Training;
use crate::error::{Error, Result};
use crate::exec::{Parameter, parallel};
use crate::projection::{AdamStep, Aligned, Element, SgdStep, adam, sgd, sum_of_squares};
use serde::Deserialize;
use serde_json::Value;

/// Elements of one parameter that a thread takes at a time.
const CHUNK: usize = 1 << 15;

/// One step, as it crosses the boundary.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// As [`OptimizerSpec::from_json`] reads it.
    pub optimizer: Value,
    /// Counts from 1 and decides Adam's bias corrections.
    pub step: u64,
    /// Of the learning-rate schedule.
    #[serde(default = "one")]
    pub lr_factor: f64,
    /// Multiplies the gradients first, for example 1 / accumulated batches.
    #[serde(default = "one")]
    pub scale: f64,
    /// Largest magnitude of each gradient.
    #[serde(default)]
    pub clip_value: Option<f64>,
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

impl<F: Element> Training<F> {
    /// Applies the gradients and clears them. Returns their norm before clipping where the
    /// optimiser clips by norm.
    pub fn update(&mut self, update: &Update) -> Result<Option<f64>> {
        let spec = OptimizerSpec::from_json(&update.optimizer)?;
        if update.step == 0 {
            return Err(Error::invalid("step", 0, "a whole number from 1"));
        }
        positive("scale", update.scale)?;
        if !(update.lr_factor.is_finite() && update.lr_factor >= 0.0) {
            return Err(Error::invalid("lrFactor", update.lr_factor, "a finite number of at least 0"));
        }
        let level = self.network.level;
        let parameters = &mut self.network.parameters;
        let names: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
        let settings = spec.settings(&names)?;
        let live = |p: &Parameter<F>, s: &ParameterSettings| p.trainable && !p.grad.is_empty() && !s.frozen;
        if let Some(most) = update.clip_value {
            positive("clipValue", most)?;
            let most = F::from_f64(most / update.scale);
            for (parameter, _) in parameters.iter_mut().zip(&settings).filter(|(p, s)| live(p, s)) {
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
            let norm = parameters.iter().zip(&settings).map(of).sum::<f64>().sqrt() * update.scale;
            scale *= spec.clip_scale(norm);
            norm
        });
        for (parameter, settings) in parameters.iter_mut().zip(&settings) {
            if live(parameter, settings) {
                let scalars = spec.scalars(update.step, settings, update.lr_factor, scale);
                apply(parameter, scalars, level)?;
            }
            parameter.clear_grad();
        }
        self.network.derive_coefficients();
        Ok(norm)
    }
}

/// One parameter's elements.
fn apply<F: Element>(
    parameter: &mut Parameter<F>,
    scalars: StepScalars,
    level: crate::SimdLevel,
) -> Result<()> {
    let Parameter { name, data, grad, moments: [first, second], .. } = parameter;
    let len = data.len();
    let room = |moment: &mut Aligned<F>| -> Result<bool> {
        let fresh = moment.is_empty();
        if fresh {
            *moment = Aligned::zeroed(name, len)?;
        }
        Ok(fresh)
    };
    match scalars {
        StepScalars::Adam {
            lr,
            beta1,
            beta2,
            eps,
            weight_decay,
            decoupled,
            bias_correction1,
            bias_correction2,
            grad_scale,
        } => {
            room(first)?;
            room(second)?;
            let step = AdamStep {
                lr,
                beta1,
                beta2,
                eps,
                weight_decay,
                decoupled,
                bias_correction1,
                bias_correction2,
                grad_scale,
            };
            let chunks = data.chunks_mut(CHUNK).zip(first.chunks_mut(CHUNK)).zip(second.chunks_mut(CHUNK));
            let work: Vec<_> = chunks.zip(grad.chunks(CHUNK)).collect();
            parallel::for_each(work, |(((w, m), v), g)| adam(level, w, m, v, g, &step));
        }
        StepScalars::Sgd { lr, momentum, dampening, weight_decay, nesterov, grad_scale, .. } => {
            let fresh = momentum != 0.0 && room(first)?;
            let step = SgdStep { lr, momentum, dampening, weight_decay, nesterov, first: fresh, grad_scale };
            sgd(level, data, if momentum == 0.0 { &mut [] } else { first }, grad, &step);
        }
    }
    Ok(())
}
