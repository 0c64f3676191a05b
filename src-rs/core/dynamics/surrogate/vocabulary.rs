//! Expressions that several surrogates share.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;

pub fn c(x: f64) -> Sym {
    Sym::constant(x)
}

/// 1 / x^2, the tail of many surrogates.
pub fn inverse_square(x: Sym) -> Sym {
    c(1.0) / x.square()
}

/// s (1 - s) of the logistic function s(x), without overflow.
pub fn logistic_slope(x: Sym) -> Sym {
    let e = (-x.abs()).exp();
    e / (e + c(1.0)).square()
}

/// The density at `x` of a normal distribution with mean 0 and standard deviation `sigma`.
pub fn normal(x: Sym, sigma: Sym) -> Sym {
    let peak = c(FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / 2.0) / sigma;
    peak * (-(x * (c(FRAC_1_SQRT_2) / sigma)).square()).exp()
}
