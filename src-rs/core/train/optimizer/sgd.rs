//! Stochastic gradient descent.

use super::definition::{At, Definition, Optimizer};
use super::elements::{Rule, Step, elements};
use lapicque_base::SimdLevel;
use lapicque_base::error::{Error, Result};
use lapicque_exec::MOMENTS;
use lapicque_options::{Range, options};
use lapicque_projection::Element;

pub struct Sgd;

options! {
    pub struct SgdOptions {
        /// Learning rate.
        lr: f64 [Range::LEARNING_RATE],
        /// Factor of the momentum at each step.
        momentum: f64 [Range::NotNegative] = 0.0,
        /// Share of the gradient that is not added to the momentum.
        dampening: f64 [Range::NotNegative] = 0.0,
        /// Whether a step looks ahead by its momentum; needs a momentum, and no dampening.
        nesterov: bool = false,
        /// As torch's `weight_decay`: the decay is added to the gradient.
        weight_decay: f64 [Range::NotNegative] = 0.0,
    }
}

impl Optimizer for Sgd {
    type Options = SgdOptions;
    type Step = SgdStep;

    fn definition() -> Definition {
        Definition {
            kind: "sgd",
            title: "Stochastic gradient descent with optional (Nesterov) momentum",
            update: "g += weightDecay w; b = momentum b + (1 - dampening) g, at the first step g; w -= lr b, or with `nesterov` \
                     w -= lr (g + momentum b)",
            source: "I. Sutskever et al., ICML 2013; defaults and order of operations are torch's",
        }
    }

    fn common(options: &SgdOptions) -> (f64, f64) {
        (options.lr, options.weight_decay)
    }

    fn check(options: &SgdOptions) -> Result<()> {
        if options.nesterov && !(options.momentum > 0.0 && options.dampening == 0.0) {
            let expected = "a momentum and no dampening beside it";
            return Err(Error::invalid("optimizer.nesterov", true, expected));
        }
        Ok(())
    }

    fn step(options: &SgdOptions, at: At) -> SgdStep {
        let &SgdOptions { momentum, dampening, nesterov, .. } = options;
        let At { lr, weight_decay, fresh: first, grad_scale, .. } = at;
        SgdStep { lr, momentum, dampening, weight_decay, nesterov, first, grad_scale }
    }
}

/// The scalars of a step; each is rounded to the precision of the weights where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdStep {
    pub lr: f64,
    pub momentum: f64,
    pub dampening: f64,
    pub weight_decay: f64,
    pub nesterov: bool,
    /// The first step: the momentum becomes the gradient, undamped.
    pub first: bool,
    pub grad_scale: f64,
}

impl Step for SgdStep {
    fn moments(&self) -> [bool; MOMENTS] {
        [self.momentum != 0.0, false, false]
    }

    fn is_moderate(&self) -> bool {
        let factors = [self.lr, self.momentum, self.dampening, self.weight_decay, self.grad_scale];
        factors.into_iter().all(|factor| factor.abs() <= 1e3)
    }

    fn run<F: Element>(&self, level: SimdLevel, w: &mut [F], [b, ..]: [&mut [F]; MOMENTS], g: &[F]) {
        let [scale, decay, rate, momentum, damped] =
            [self.grad_scale, self.weight_decay, -self.lr, self.momentum, 1.0 - self.dampening]
                .map(F::from_f64);
        let plain = Plain { scale, decay, rate };
        if self.momentum == 0.0 {
            return elements(level, w, [], g, plain);
        }
        let (nesterov, first) = (self.nesterov, self.first);
        elements(level, w, [b], g, Momentum { plain, momentum, damped, nesterov, first });
    }
}

/// In the order of torch's arithmetic:
///
/// ```text
/// g = fma(w, weight_decay, g * grad_scale)
/// b = g  (first)    b = fma(g, 1 - dampening, b * momentum)  (else)
/// g = fma(b, momentum, g)  (nesterov)    g = b  (else)
/// w = fma(g, -lr, w)
/// ```
#[derive(Clone, Copy)]
struct Plain<F> {
    scale: F,
    decay: F,
    rate: F,
}

impl<F: Element> Rule<F, 0> for Plain<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, _: [F; 0]) -> (F, [F; 0]) {
        let grad = w.mul_add(self.decay, g * self.scale);
        (grad.mul_add(self.rate, w), [])
    }
}

#[derive(Clone, Copy)]
struct Momentum<F> {
    plain: Plain<F>,
    momentum: F,
    damped: F,
    nesterov: bool,
    first: bool,
}

impl<F: Element> Rule<F, 1> for Momentum<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [b]: [F; 1]) -> (F, [F; 1]) {
        let Plain { scale, decay, rate } = self.plain;
        let grad = w.mul_add(decay, g * scale);
        let moved = if self.first { grad } else { grad.mul_add(self.damped, b * self.momentum) };
        let direction = if self.nesterov { moved.mul_add(self.momentum, grad) } else { moved };
        (direction.mul_add(rate, w), [moved])
    }
}
