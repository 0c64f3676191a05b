//! Adam.

use super::definition::{At, Definition, Optimizer};
use super::elements::{Rule, Step, elements};
use lapicque_base::SimdLevel;
use lapicque_exec::MOMENTS;
use lapicque_options::{Range, options};
use lapicque_projection::Element;

pub struct Adam;

options! {
    pub struct AdamOptions {
        /// Learning rate.
        lr: f64 [Range::LEARNING_RATE] = 1e-3,
        /// Decay factors of the first and the second moment.
        betas: [f64; 2] [Range::BelowOne] = [0.9, 0.999],
        /// Added to the root of the second moment.
        eps: f64 [Range::NotNegative] = 1e-8,
        /// As torch's `weight_decay`: the decay is added to the gradient.
        weight_decay: f64 [Range::NotNegative] = 0.0,
    }
}

impl Optimizer for Adam {
    type Options = AdamOptions;
    type Step = AdamStep;

    fn definition() -> Definition {
        Definition {
            kind: "adam",
            title: "Adam",
            update: "g += weightDecay w; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²; w -= lr (m / (1 - beta1^t)) / \
                     (sqrt(v / (1 - beta2^t)) + eps)",
            source: "D. P. Kingma, J. Ba, ICLR 2015; defaults and order of operations are torch's",
        }
    }

    fn common(options: &AdamOptions) -> (f64, f64) {
        (options.lr, options.weight_decay)
    }

    fn step(options: &AdamOptions, at: At) -> AdamStep {
        AdamStep::new(options.betas, options.eps, false, at)
    }
}

/// The scalars of a step; each is rounded to the precision of the weights where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamStep {
    pub lr: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    pub weight_decay: f64,
    /// AdamW: the decay shrinks the weights directly instead of joining the gradient.
    pub decoupled: bool,
    /// `1 - beta1^step`, the first step being 1.
    pub bias_correction1: f64,
    /// `1 - beta2^step`.
    pub bias_correction2: f64,
    pub grad_scale: f64,
}

impl AdamStep {
    pub fn new([beta1, beta2]: [f64; 2], eps: f64, decoupled: bool, at: At) -> Self {
        let At { lr, weight_decay, step, grad_scale, .. } = at;
        let corrected = |beta: f64| 1.0 - libm::pow(beta, step.max(1) as f64);
        let (bias_correction1, bias_correction2) = (corrected(beta1), corrected(beta2));
        AdamStep {
            lr,
            beta1,
            beta2,
            eps,
            weight_decay,
            decoupled,
            bias_correction1,
            bias_correction2,
            grad_scale,
        }
    }
}

impl Step for AdamStep {
    fn moments(&self) -> [bool; MOMENTS] {
        [true, true, false]
    }

    fn is_moderate(&self) -> bool {
        let &AdamStep { lr, eps, weight_decay, bias_correction1, grad_scale, .. } = self;
        lr <= 1e3 && eps >= 1e-12 && weight_decay <= 1e3 && bias_correction1 >= 1e-6 && grad_scale <= 1e3
    }

    fn run<F: Element>(&self, level: SimdLevel, w: &mut [F], [m, v, _]: [&mut [F]; MOMENTS], g: &[F]) {
        elements(level, w, [m, v], g, AdamRule::new(self));
    }
}

/// In the order of torch's arithmetic:
///
/// ```text
/// g = g * grad_scale
/// w = w * (1 - lr * weight_decay)  (decoupled)    g = fma(w, weight_decay, g)  (else)
/// m = fma(1 - beta1, g - m, m)  (1 - beta1 < 1/2)    m = fma(-beta1, g - m, g)  (else)
/// v = v * beta2 + ((1 - beta2) * g) * g
/// w = w + (-(lr / bias_correction1) * m) / (sqrt(v) / sqrt(bias_correction2) + eps)
/// ```
#[derive(Clone, Copy)]
struct AdamRule<F> {
    shrink: F,
    decay: F,
    scale: F,
    towards: F,
    /// torch's `lerp` starts from the nearer end.
    near: bool,
    beta2: F,
    rest2: F,
    root: F,
    eps: F,
    rate: F,
}

impl<F: Element> AdamRule<F> {
    fn new(s: &AdamStep) -> Self {
        let towards = F::from_f64(1.0 - s.beta1);
        let near = towards < F::from_f64(0.5);
        AdamRule {
            shrink: F::from_f64(if s.decoupled { 1.0 - s.lr * s.weight_decay } else { 1.0 }),
            decay: F::from_f64(if s.decoupled { 0.0 } else { s.weight_decay }),
            scale: F::from_f64(s.grad_scale),
            towards: if near { towards } else { towards - F::ONE },
            near,
            beta2: F::from_f64(s.beta2),
            rest2: F::from_f64(1.0 - s.beta2),
            root: F::from_f64(s.bias_correction2.sqrt()),
            eps: F::from_f64(s.eps),
            rate: -F::from_f64(s.lr / s.bias_correction1),
        }
    }
}

impl<F: Element> Rule<F, 2> for AdamRule<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        // Shrinking by 1 and a decay of 0 change no value, so both kinds share one loop.
        let shrunk = w * self.shrink;
        let grad = shrunk.mul_add(self.decay, g * self.scale);
        let mean = self.towards.mul_add(grad - m, if self.near { m } else { grad });
        let square = v * self.beta2 + (self.rest2 * grad) * grad;
        let denominator = square.sqrt() / self.root + self.eps;
        (shrunk + (self.rate * mean) / denominator, [mean, square])
    }
}
