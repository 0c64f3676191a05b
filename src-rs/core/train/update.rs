//! An optimiser's step over all parameters: groups, clipping, then the elements.

use super::step::Training;
use crate::error::{Error, Result, try_vec};
use crate::exec::{Parameter, parallel};
use crate::projection::{AdamStep, Element, SgdStep, adam, sgd, sum_of_squares};
use serde::Deserialize;

/// Elements of one parameter that a thread takes at a time.
const CHUNK: usize = 1 << 15;

/// One step. `step` counts from 1 and decides Adam's bias corrections.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    pub optimizer: Rule,
    pub step: u64,
    /// Multiplies the gradients first, for example 1 / accumulated batches.
    #[serde(default = "one")]
    pub scale: f64,
    /// Largest norm of all gradients together.
    #[serde(default)]
    pub clip_norm: Option<f64>,
    /// Largest magnitude of each gradient.
    #[serde(default)]
    pub clip_value: Option<f64>,
    #[serde(default)]
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Rule {
    Sgd {
        lr: f64,
        #[serde(default)]
        momentum: f64,
        #[serde(default)]
        dampening: f64,
        #[serde(default)]
        nesterov: bool,
        #[serde(default)]
        weight_decay: f64,
    },
    Adam {
        lr: f64,
        betas: [f64; 2],
        eps: f64,
        #[serde(default)]
        weight_decay: f64,
        /// AdamW: weight decay apart from the gradient.
        #[serde(default)]
        decoupled: bool,
    },
}

/// Parameters treated differently; the first group that names one decides.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Names of parameters, or of their layers.
    pub parameters: Vec<String>,
    /// Multiplies the learning rate.
    #[serde(default = "one")]
    pub lr_scale: f64,
    #[serde(default)]
    pub weight_decay: Option<f64>,
    #[serde(default)]
    pub frozen: bool,
}

fn one() -> f64 {
    1.0
}

impl Update {
    fn validate(&self) -> Result<()> {
        let at_least = |name: &str, x: f64, least: f64| match x.is_finite() && x >= least {
            true => Ok(()),
            false => Err(Error::invalid(
                format!("optimizer.{name}"),
                x,
                format!("a finite number of at least {least}"),
            )),
        };
        let below_one = |name: &str, x: f64| match (0.0..1.0).contains(&x) {
            true => Ok(()),
            false => Err(Error::invalid(format!("optimizer.{name}"), x, "a number in [0, 1)")),
        };
        match self.optimizer {
            Rule::Sgd { lr, momentum, dampening, nesterov, weight_decay } => {
                at_least("lr", lr, 0.0)?;
                at_least("momentum", momentum, 0.0)?;
                at_least("weightDecay", weight_decay, 0.0)?;
                if nesterov && (momentum <= 0.0 || dampening != 0.0) {
                    return Err(Error::invalid("optimizer.nesterov", true, "a momentum and no dampening"));
                }
            }
            Rule::Adam { lr, betas, eps, weight_decay, .. } => {
                at_least("lr", lr, 0.0)?;
                at_least("eps", eps, 0.0)?;
                at_least("weightDecay", weight_decay, 0.0)?;
                below_one("betas[0]", betas[0])?;
                below_one("betas[1]", betas[1])?;
            }
        }
        if self.step == 0 {
            return Err(Error::invalid("step", 0, "a whole number from 1"));
        }
        if let Some(norm) = self.clip_norm {
            at_least("clipNorm", norm, f64::MIN_POSITIVE)?;
        }
        if let Some(value) = self.clip_value {
            at_least("clipValue", value, f64::MIN_POSITIVE)?;
        }
        at_least("scale", self.scale, f64::MIN_POSITIVE)
    }

    fn group(&self, parameter: &str) -> Option<&Group> {
        let layer = parameter.rsplit_once('.').map_or(parameter, |(layer, _)| layer);
        self.groups.iter().find(|g| g.parameters.iter().any(|p| p == parameter || p == layer))
    }
}

impl<F: Element> Training<F> {
    /// Applies the gradients and clears them. Returns their norm before clipping where a norm was
    /// asked for.
    pub fn update(&mut self, update: &Update) -> Result<Option<f64>> {
        update.validate()?;
        for name in update.groups.iter().flat_map(|g| &g.parameters) {
            let known =
                |p: &Parameter<F>| p.name == *name || p.name.rsplit_once('.').is_some_and(|(l, _)| l == name);
            if !self.network.parameters.iter().any(known) {
                self.network.parameter(name)?;
            }
        }
        let level = self.network.level;
        let live = |p: &Parameter<F>| {
            p.trainable && !p.grad.is_empty() && !update.group(&p.name).is_some_and(|g| g.frozen)
        };
        if let Some(most) = update.clip_value {
            let most = F::from_f64(most / update.scale);
            for x in self.network.parameters.iter_mut().filter(|p| live(p)).flat_map(|p| &mut p.grad) {
                *x = if *x > most {
                    most
                } else if *x < -most {
                    -most
                } else {
                    *x
                };
            }
        }
        let mut scale = update.scale;
        let norm = update.clip_norm.map(|most| {
            let squares: f64 = self
                .network
                .parameters
                .iter()
                .filter(|p| live(p))
                .map(|p| sum_of_squares(level, &p.grad))
                .sum();
            let norm = squares.sqrt() * update.scale;
            // As torch's clip_grad_norm_, which never divides by zero.
            scale *= (most / (norm + 1e-6)).min(1.0);
            norm
        });
        for parameter in &mut self.network.parameters {
            if live(parameter) {
                apply(parameter, update, scale, level)?;
            }
            parameter.clear_grad();
        }
        self.network.derive_coefficients();
        Ok(norm)
    }
}

fn apply<F: Element>(
    parameter: &mut Parameter<F>,
    update: &Update,
    grad_scale: f64,
    level: crate::SimdLevel,
) -> Result<()> {
    let group = update.group(&parameter.name);
    let lr_scale = group.map_or(1.0, |g| g.lr_scale);
    let decay = |own: f64| group.and_then(|g| g.weight_decay).unwrap_or(own);
    let Parameter { name, data, grad, moments: [first, second], .. } = parameter;
    let len = data.len();
    let room = |moment: &mut Vec<F>| -> Result<()> {
        if moment.is_empty() {
            *moment = try_vec(name, len, F::ZERO)?;
        }
        Ok(())
    };
    match update.optimizer {
        Rule::Adam { lr, betas, eps, weight_decay, decoupled } => {
            room(first)?;
            room(second)?;
            let step = AdamStep {
                lr: lr * lr_scale,
                beta1: betas[0],
                beta2: betas[1],
                eps,
                weight_decay: decay(weight_decay),
                decoupled,
                bias_correction1: 1.0 - libm::pow(betas[0], update.step as f64),
                bias_correction2: 1.0 - libm::pow(betas[1], update.step as f64),
                grad_scale,
            };
            let chunks = data.chunks_mut(CHUNK).zip(first.chunks_mut(CHUNK)).zip(second.chunks_mut(CHUNK));
            let work: Vec<_> = chunks.zip(grad.chunks(CHUNK)).collect();
            parallel::for_each(work, |(((w, m), v), g)| adam(level, w, m, v, g, &step));
        }
        Rule::Sgd { lr, momentum, dampening, nesterov, weight_decay } => {
            let fresh = first.is_empty();
            if momentum != 0.0 {
                room(first)?;
            }
            let step = SgdStep {
                lr: lr * lr_scale,
                momentum,
                dampening,
                weight_decay: decay(weight_decay),
                nesterov,
                first: fresh,
                grad_scale,
            };
            sgd(level, data, if momentum == 0.0 { &mut [] } else { first }, grad, &step);
        }
    }
    Ok(())
}
