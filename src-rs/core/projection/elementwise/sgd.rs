//! One step of stochastic gradient descent, element by element, in the order of torch's arithmetic.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

/// The scalars of a step; each is rounded to the precision of the weights where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdStep {
    pub lr: f64,
    pub momentum: f64,
    pub dampening: f64,
    pub weight_decay: f64,
    pub nesterov: bool,
    /// The first step: the momentum buffer becomes the gradient, undamped.
    pub first: bool,
    /// Multiplies the gradient first: 1, or the factor of a clipped norm.
    pub grad_scale: f64,
}

/// As torch's `sgd` computes it:
///
/// ```text
/// g = fma(w, weight_decay, g * grad_scale)
/// buffer = g  (first)    buffer = fma(g, 1 - dampening, buffer * momentum)  (else)
/// g = fma(buffer, momentum, g)  (nesterov)    g = buffer  (else)
/// w = fma(g, -lr, w)
/// ```
///
/// Without momentum, `buffer` may be empty and is unchanged. Panics if lengths differ.
pub fn sgd<F: Element>(level: SimdLevel, w: &mut [F], buffer: &mut [F], g: &[F], step: &SgdStep) {
    assert_eq!(w.len(), g.len(), "a gradient for each weight");
    if step.momentum == 0.0 {
        dispatch(level, Plain { w, g, step });
    } else {
        assert_eq!(w.len(), buffer.len(), "a momentum for each weight");
        dispatch(level, Momentum { w, buffer, g, step });
    }
}

pub struct Plain<'a, F> {
    w: &'a mut [F],
    g: &'a [F],
    step: &'a SgdStep,
}

impl<F: Element> Kernel<F> for Plain<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let [scale, decay, rate] =
            [self.step.grad_scale, self.step.weight_decay, -self.step.lr].map(F::from_f64);
        for (w, g) in self.w.iter_mut().zip(self.g) {
            let grad = w.mul_add(decay, *g * scale);
            *w = grad.mul_add(rate, *w);
        }
    }
}

pub struct Momentum<'a, F> {
    w: &'a mut [F],
    buffer: &'a mut [F],
    g: &'a [F],
    step: &'a SgdStep,
}

impl<F: Element> Kernel<F> for Momentum<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let s = self.step;
        let [scale, decay, rate, momentum, damped] =
            [s.grad_scale, s.weight_decay, -s.lr, s.momentum, 1.0 - s.dampening].map(F::from_f64);
        for ((w, buffer), g) in self.w.iter_mut().zip(self.buffer.iter_mut()).zip(self.g) {
            let grad = w.mul_add(decay, *g * scale);
            let moved = if s.first { grad } else { grad.mul_add(damped, *buffer * momentum) };
            let direction = if s.nesterov { moved.mul_add(momentum, grad) } else { moved };
            *buffer = moved;
            *w = direction.mul_add(rate, *w);
        }
    }
}
