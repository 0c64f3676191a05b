//! The sum, mean or maximum of each element over all steps so far.

use crate::simd::registers::Element;

/// The kind of reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Running {
    Sum,
    Mean,
    /// The first of several equal maxima counts.
    Max,
}

impl Running {
    /// Adds the input of one step; `state` is the sum or maximum so far, then the number of steps, `[2][element]`.
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

    /// The input gradient at one step: `dx` contains the output gradient on entry. `state` is that before the step.
    /// `carry` is the gradient of the sum or maximum after the step, on return that before it.
    pub fn backward<F: Element>(self, x: &[F], state: &[F], carry: &mut [F], dx: &mut [F]) {
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
