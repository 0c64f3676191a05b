//! RMSprop.

use super::definition::{At, Definition, Optimizer};
use super::elements::{Rule, Step, elements};
use lapicque_base::SimdLevel;
use lapicque_exec::MOMENTS;
use lapicque_options::{Range, options};
use lapicque_projection::Element;

pub struct RmsProp;

options! {
    pub struct RmsPropOptions {
        /// Learning rate.
        lr: f64 [Range::LEARNING_RATE] = 1e-2,
        /// Decay factor of the mean of squares.
        alpha: f64 [Range::BelowOne] = 0.99,
        /// Added to the root of the mean of squares.
        eps: f64 [Range::NotNegative] = 1e-8,
        /// Factor of the momentum at each step.
        momentum: f64 [Range::NotNegative] = 0.0,
        /// Whether the gradient is divided by its standard deviation: the square of its mean is subtracted from the
        /// mean of squares.
        centered: bool = false,
        /// As torch's `weight_decay`: the decay is added to the gradient.
        weight_decay: f64 [Range::NotNegative] = 0.0,
    }
}

impl Optimizer for RmsProp {
    type Options = RmsPropOptions;
    type Step = RmsPropStep;

    fn definition() -> Definition {
        Definition {
            kind: "rmsprop",
            title: "RMSprop",
            update: "g += weightDecay w; s = alpha s + (1 - alpha) g²; d = sqrt(s) + eps, or with `centered` a = alpha a + (1 - alpha) g and \
                     d = sqrt(s - a²) + eps; w -= lr g / d, or with `momentum` b = momentum b + g / d and w -= lr b",
            source: "T. Tieleman, G. Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; A. Graves, arXiv:1308.0850 \
                     (centered); defaults and order of operations are torch's",
        }
    }

    fn common(options: &RmsPropOptions) -> (f64, f64) {
        (options.lr, options.weight_decay)
    }

    fn step(options: &RmsPropOptions, at: At) -> RmsPropStep {
        let &RmsPropOptions { alpha, eps, momentum, centered, .. } = options;
        let At { lr, weight_decay, grad_scale, .. } = at;
        RmsPropStep { lr, alpha, eps, momentum, centered, weight_decay, grad_scale }
    }
}

/// The scalars of a step; each is rounded to the precision of the weights where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RmsPropStep {
    pub lr: f64,
    pub alpha: f64,
    pub eps: f64,
    pub momentum: f64,
    pub centered: bool,
    pub weight_decay: f64,
    pub grad_scale: f64,
}

impl Step for RmsPropStep {
    /// The mean of squares, the momentum, the mean.
    fn moments(&self) -> [bool; MOMENTS] {
        [true, self.momentum != 0.0, self.centered]
    }

    fn is_moderate(&self) -> bool {
        let factors = [self.lr, self.momentum, self.weight_decay, self.grad_scale];
        self.eps >= 1e-12 && factors.into_iter().all(|factor| factor <= 1e3)
    }

    fn run<F: Element>(&self, level: SimdLevel, w: &mut [F], [s, b, a]: [&mut [F]; MOMENTS], g: &[F]) {
        let scalars = [
            self.grad_scale,
            self.weight_decay,
            self.alpha,
            1.0 - self.alpha,
            self.eps,
            -self.lr,
            self.momentum,
        ];
        let [scale, decay, alpha, rest, eps, rate, momentum] = scalars.map(F::from_f64);
        let plain = Plain { scale, decay, alpha, rest, eps, rate };
        match (self.momentum != 0.0, self.centered) {
            (false, false) => elements(level, w, [s], g, plain),
            (true, false) => elements(level, w, [s, b], g, Momentum { plain, momentum }),
            (false, true) => elements(level, w, [s, a], g, Centered(plain)),
            (true, true) => elements(level, w, [s, b, a], g, Both { plain, momentum }),
        }
    }
}

#[derive(Clone, Copy)]
struct Plain<F> {
    scale: F,
    decay: F,
    alpha: F,
    rest: F,
    eps: F,
    rate: F,
}

impl<F: Element> Plain<F> {
    /// Gradient with decay, and the mean of squares.
    #[inline(always)]
    fn squares(self, w: F, g: F, s: F) -> (F, F) {
        let grad = w.mul_add(self.decay, g * self.scale);
        (grad, s * self.alpha + (self.rest * grad) * grad)
    }

    /// The mean of the gradient, and its standard deviation; 0 if rounding makes the variance negative.
    #[inline(always)]
    fn deviation(self, grad: F, square: F, a: F) -> (F, F) {
        let mean = self.rest.mul_add(grad - a, a);
        let variance = square - mean * mean;
        let variance = if variance < F::ZERO { F::ZERO } else { variance };
        (mean, variance.sqrt() + self.eps)
    }
}

impl<F: Element> Rule<F, 1> for Plain<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [s]: [F; 1]) -> (F, [F; 1]) {
        let (grad, square) = self.squares(w, g, s);
        (w + (self.rate * grad) / (square.sqrt() + self.eps), [square])
    }
}

#[derive(Clone, Copy)]
struct Momentum<F> {
    plain: Plain<F>,
    momentum: F,
}

impl<F: Element> Rule<F, 2> for Momentum<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [s, b]: [F; 2]) -> (F, [F; 2]) {
        let (grad, square) = self.plain.squares(w, g, s);
        let moved = b * self.momentum + grad / (square.sqrt() + self.plain.eps);
        (moved.mul_add(self.plain.rate, w), [square, moved])
    }
}

#[derive(Clone, Copy)]
struct Centered<F>(Plain<F>);

impl<F: Element> Rule<F, 2> for Centered<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [s, a]: [F; 2]) -> (F, [F; 2]) {
        let (grad, square) = self.0.squares(w, g, s);
        let (mean, deviation) = self.0.deviation(grad, square, a);
        (w + (self.0.rate * grad) / deviation, [square, mean])
    }
}

#[derive(Clone, Copy)]
struct Both<F> {
    plain: Plain<F>,
    momentum: F,
}

impl<F: Element> Rule<F, 3> for Both<F> {
    #[inline(always)]
    fn element(self, w: F, g: F, [s, b, a]: [F; 3]) -> (F, [F; 3]) {
        let (grad, square) = self.plain.squares(w, g, s);
        let (mean, deviation) = self.plain.deviation(grad, square, a);
        let moved = b * self.momentum + grad / deviation;
        (moved.mul_add(self.plain.rate, w), [square, moved, mean])
    }
}
