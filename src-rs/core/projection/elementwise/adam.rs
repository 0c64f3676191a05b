//! One step of Adam or AdamW, element by element, in the order of torch's arithmetic.

use crate::simd::dispatch::{Kernel, dispatch};
use crate::simd::registers::{Element, Lanes};
use lapicque_base::SimdLevel;

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
    /// Multiplies the gradient first: 1, or the factor of a clipped norm.
    pub grad_scale: f64,
}

/// Kingma & Ba 2015, Loshchilov & Hutter 2019, as torch's `adam` and `adamw` compute them:
///
/// ```text
/// g = g * grad_scale
/// w = w * (1 - lr * weight_decay)  (decoupled)    g = fma(w, weight_decay, g)  (else)
/// m = fma(1 - beta1, g - m, m)  (1 - beta1 < 1/2)    m = fma(-beta1, g - m, g)  (else)
/// v = v * beta2 + ((1 - beta2) * g) * g
/// w = w + (-(lr / bias_correction1) * m) / (sqrt(v) / sqrt(bias_correction2) + eps)
/// ```
///
/// Panics unless all four slices have the same length.
pub fn adam<F: Element>(level: SimdLevel, w: &mut [F], m: &mut [F], v: &mut [F], g: &[F], step: &AdamStep) {
    assert!(w.len() == m.len() && w.len() == v.len() && w.len() == g.len(), "slices of one length");
    dispatch(level, Adam { w, m, v, g, step });
}

pub struct Adam<'a, F> {
    w: &'a mut [F],
    m: &'a mut [F],
    v: &'a mut [F],
    g: &'a [F],
    step: &'a AdamStep,
}

impl<F: Element> Kernel<F> for Adam<'_, F> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<F = F>>(self) {
        let s = self.step;
        let shrink = F::from_f64(if s.decoupled { 1.0 - s.lr * s.weight_decay } else { 1.0 });
        let decay = F::from_f64(if s.decoupled { 0.0 } else { s.weight_decay });
        let scale = F::from_f64(s.grad_scale);
        // torch's `lerp` starts from the nearer end.
        let towards = F::from_f64(1.0 - s.beta1);
        let near = towards < F::from_f64(0.5);
        let towards = if near { towards } else { towards - F::ONE };
        let beta2 = F::from_f64(s.beta2);
        let rest2 = F::from_f64(1.0 - s.beta2);
        let root = F::from_f64(s.bias_correction2.sqrt());
        let eps = F::from_f64(s.eps);
        let rate = -F::from_f64(s.lr / s.bias_correction1);
        let state = self.m.iter_mut().zip(self.v.iter_mut());
        for ((w, (m, v)), g) in self.w.iter_mut().zip(state).zip(self.g) {
            // Shrinking by 1 and a decay of 0 change no value, so both variants share one loop.
            let shrunk = *w * shrink;
            let grad = shrunk.mul_add(decay, *g * scale);
            let mean = towards.mul_add(grad - *m, if near { *m } else { grad });
            let square = *v * beta2 + (rest2 * grad) * grad;
            let denominator = square.sqrt() / root + eps;
            *m = mean;
            *v = square;
            *w = shrunk + (rate * mean) / denominator;
        }
    }
}
