//! Powers: products if the exponent is a small integer, otherwise `exp(y ln x)`.

use crate::graph::{Sym, recording};
use crate::scalar::Scalar;

/// Up to twice this exponent, a power with a square root in it is computed by products.
const MAX_PRODUCTS: f64 = 32.0;

/// `x` to an integer power.
pub fn whole(x: Sym, exponent: i32) -> Sym {
    let power = (1..exponent.unsigned_abs()).fold(x, |power, _| power * x);
    let power = if exponent == 0 { Sym::one() } else { power };
    if exponent < 0 { Sym::one() / power } else { power }
}

/// `x` to any power, as `pow` in IEEE 754: for a negative number defined only for integer exponents, otherwise NaN. Its
/// gradient with respect to `x` is 0 at `x = 0`, where that of a power below 1 would be infinite.
pub fn power(x: Sym, y: Sym) -> Sym {
    match recording(|graph| graph.constant_of(y)) {
        Some(n) if n.fract() == 0.0 && n.abs() <= 2.0 * MAX_PRODUCTS => whole(x, n as i32),
        Some(n) if n.fract() != 0.0 => fractional(x, n),
        _ => general(x, y),
    }
}

/// The argument of the logarithm: 1 if `size` is 0, so that the branch that is not taken has a derivative.
fn above_zero(size: Sym) -> (Sym, Sym) {
    let positive = size.greater(Sym::zero());
    (positive, positive.select(size, Sym::one()))
}

fn fractional(x: Sym, y: f64) -> Sym {
    let (positive, base) = above_zero(x);
    let magnitude = match (2.0 * y).fract() == 0.0 && y.abs() <= MAX_PRODUCTS {
        // One rounding per factor.
        true => {
            let size = base.sqrt() * whole(base, (y.abs() - 0.5) as i32);
            if y < 0.0 { Sym::one() / size } else { size }
        }
        false => (Sym::constant(y) * base.ln()).exp(),
    };
    let at_zero = if y > 0.0 { Sym::zero() } else { Sym::one() / x.abs() };
    positive.select(magnitude, edge(x, at_zero))
}

fn general(x: Sym, y: Sym) -> Sym {
    let (zero, one) = (Sym::zero(), Sym::one());
    let size = x.abs();
    let (nonzero, base) = above_zero(size);
    let magnitude = (y * base.ln()).exp();
    let is_whole = |y: Sym| y.floor().at_least(y);
    let is_even = is_whole(y * Sym::constant(0.5));
    let negative = is_whole(y).select(is_even.select(magnitude, -magnitude), edge(x, zero));
    // 0, 1 or infinity, computed from finite numbers, because constants that follow from parameters must be finite.
    let at_zero = y.greater(zero).select(zero, one) / zero.greater(y).select(size, one);
    nonzero.select(x.greater(zero).select(magnitude, negative), edge(x, at_zero))
}

/// `at_zero` at 0, NaN below.
fn edge(x: Sym, at_zero: Sym) -> Sym {
    x.at_least(Sym::zero()).select(at_zero, Sym::constant(f64::NAN)).detach()
}
