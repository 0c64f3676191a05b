//! What one element has come to over the steps of a sequence so far: its sum, mean or largest value.

use crate::simd::registers::Element;

/// How steps are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    Sum,
    Mean,
    /// Of equal values the first is taken.
    Max,
}

impl Running {
    /// Takes in what enters at one step; `state` is the sum or the largest value so far, then the number of steps
    /// it has seen, `[2][element]`.
    pub fn take<F: Element>(self, x: &[F], state: &mut [F], out: &mut [F]) {
        let (so_far, seen) = state.split_at_mut(x.len());
        for (((&x, so_far), seen), out) in x.iter().zip(so_far).zip(seen).zip(out) {
            match self {
                Running::Max if *seen == F::ZERO || x > *so_far => *so_far = x,
                Running::Max => {}
                Running::Sum | Running::Mean => *so_far += x,
            }
            *seen += F::ONE;
            *out = if self == Running::Mean { *so_far / *seen } else { *so_far };
        }
    }

    /// The gradient of what entered at one step, `dx`, which on entry is that of what left, with the `state` before
    /// the step. `carry` is the gradient of the sum or largest value after the step, and then before it.
    pub fn back<F: Element>(self, x: &[F], state: &[F], carry: &mut [F], dx: &mut [F]) {
        let (so_far, seen) = state.split_at(x.len());
        for ((((&x, &so_far), &seen), carry), dx) in x.iter().zip(so_far).zip(seen).zip(carry).zip(dx) {
            *carry += if self == Running::Mean { *dx / (seen + F::ONE) } else { *dx };
            *dx = *carry;
            if self == Running::Max {
                match seen == F::ZERO || x > so_far {
                    true => *carry = F::ZERO,
                    false => *dx = F::ZERO,
                }
            }
        }
    }
}
