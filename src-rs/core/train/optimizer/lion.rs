//! Lion: evolved sign momentum.

use super::definition::{At, Definition, Optimizer};
use super::elements::{Rule, Step, elements};
use lapicque_base::SimdLevel;
use lapicque_exec::MOMENTS;
use lapicque_options::{Range, options};
use lapicque_projection::Element;

pub struct Lion;

options! {
    pub struct LionOptions {
        /// Learning rate: the size of every step.
        lr: f64 [Range::LEARNING_RATE] = 1e-4,
        /// Share of the momentum in the direction of a step, and decay factor of the momentum.
        betas: [f64; 2] [Range::BelowOne] = [0.9, 0.99],
        /// Decoupled: the decay shrinks the weights themselves.
        weight_decay: f64 [Range::NotNegative] = 0.0,
    }
}

impl Optimizer for Lion {
    type Options = LionOptions;
    type Step = LionStep;

    fn definition() -> Definition {
        Definition {
            kind: "lion",
            title: "Lion (evolved sign momentum)",
            update: "w *= 1 - lr weightDecay; w -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g",
            source: "X. Chen et al., NeurIPS 2023, algorithm 2",
        }
    }

    fn common(options: &LionOptions) -> (f64, f64) {
        (options.lr, options.weight_decay)
    }

    fn step(options: &LionOptions, at: At) -> LionStep {
        let [beta1, beta2] = options.betas;
        let At { lr, weight_decay, grad_scale, .. } = at;
        LionStep { lr, beta1, beta2, weight_decay, grad_scale }
    }
}

/// The scalars of a step; each is rounded to the precision of the weights where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LionStep {
    pub lr: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub weight_decay: f64,
    pub grad_scale: f64,
}

impl Step for LionStep {
    fn moments(&self) -> [bool; MOMENTS] {
        [true, false, false]
    }

    fn is_moderate(&self) -> bool {
        [self.lr, self.weight_decay, self.grad_scale].into_iter().all(|factor| factor <= 1e3)
    }

    fn run<F: Element>(&self, level: SimdLevel, w: &mut [F], [m, ..]: [&mut [F]; MOMENTS], g: &[F]) {
        let shrink = 1.0 - self.lr * self.weight_decay;
        let scalars =
            [self.grad_scale, shrink, self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.lr];
        let [scale, shrink, beta1, rest1, beta2, rest2, lr] = scalars.map(F::from_f64);
        elements(level, w, [m], g, LionRule { scale, shrink, beta1, rest1, beta2, rest2, lr });
    }
}

#[derive(Clone, Copy)]
struct LionRule<F> {
    scale: F,
    shrink: F,
    beta1: F,
    rest1: F,
    beta2: F,
    rest2: F,
    lr: F,
}

impl<F: Element> Rule<F, 1> for LionRule<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [m]: [F; 1]) -> (F, [F; 1]) {
        let grad = g * self.scale;
        let direction = m * self.beta1 + grad * self.rest1;
        // NaN stays NaN, so that the step is refused.
        let sign = match (direction > F::ZERO, direction < F::ZERO) {
            (true, _) => F::ONE,
            (_, true) => -F::ONE,
            _ => direction,
        };
        (w * self.shrink - sign * self.lr, [m * self.beta2 + grad * self.rest2])
    }
}
