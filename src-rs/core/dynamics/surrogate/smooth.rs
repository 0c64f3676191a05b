//! Bell-shaped surrogates.

use super::row::Row;
use crate::expr::Lane;
use crate::expr::graph::Sym;
use libm::atan;
use std::f64::consts::{FRAC_PI_2, PI};

fn c(x: f64) -> Sym {
    Sym::constant(x)
}

/// 1 / x^2 for the many surrogates of that tail.
fn inverse_square(x: Sym) -> Sym {
    c(1.0) / x.square()
}

pub static ROWS: &[Row] = &[
    surrogate!(
        "atan", "(alpha / 2) / (1 + (pi alpha x / 2)^2)", "snnTorch 1.0.0 atan; SpikingJelly 2.0.0 ATan",
        [alpha: Any = 2.0],
        |x| alpha * c(0.5) / (x * (alpha * c(FRAC_PI_2))).square().mul_add(c(1.0), c(1.0)),
        primitive |x| atan(FRAC_PI_2 * alpha * x) / PI + 0.5
    ),
    surrogate!(
        "fast-sigmoid", "1 / (1 + slope |x|)^2", "F. Zenke, S. Ganguli 2018; snnTorch 1.0.0 fast_sigmoid",
        [slope: Any = 25.0],
        |x| inverse_square(x.abs().mul_add(slope, c(1.0))),
        primitive |x| x / (1.0 + slope * x.abs())
    ),
];
