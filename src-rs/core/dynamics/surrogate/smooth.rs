//! Bell-shaped surrogates.

use std::f64::consts::{FRAC_2_SQRT_PI, FRAC_PI_2, PI, SQRT_2};

use super::row::Row;
use super::vocabulary::{c, inverse_square, logistic_slope, normal};
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use libm::{atan, erfc, exp, tanh};

pub static ROWS: &[Row] = &[
    surrogate!(
        "atan", "(alpha / 2) / (1 + (pi alpha x / 2)^2)", "snnTorch 1.0.0 atan; SpikingJelly 2.0.0 ATan",
        [alpha: Positive = 2.0],
        |x| alpha * c(0.5) / ((x * (alpha * c(FRAC_PI_2))).square() + c(1.0)),
        primitive |x| atan(FRAC_PI_2 * alpha * x) / PI + 0.5
    ),
    surrogate!(
        "spyx-atan", "1 / (pi (1 + k pi x^2))", "spyx arctan, whose square is of x alone",
        [k: NotNegative = 2.0],
        |x| c(1.0) / (c(PI) * (x.square() * (k * c(PI)) + c(1.0)))
    ),
    surrogate!(
        "fast-sigmoid", "1 / (1 + slope |x|)^2", "F. Zenke, S. Ganguli 2018; snnTorch 1.0.0 fast_sigmoid",
        [slope: NotNegative = 25.0],
        // Norse's `super` accepts an alpha but computes with 1.
        like "norse" [slope = 1.0],
        |x| inverse_square(x.abs().mul_add(slope, c(1.0))),
        primitive |x| x / (1.0 + slope * x.abs())
    ),
    surrogate!(
        "super-spike", "alpha / (1 + |x|)^2", "SpikingJelly 2.0.0 SuperSpike",
        [alpha: Positive = 1.0],
        |x| alpha * inverse_square(x.abs() + c(1.0)),
        primitive |x| alpha * x / (1.0 + x.abs())
    ),
    surrogate!(
        "soft-sign", "1 / (2 alpha (1 / alpha + |x|)^2)", "SpikingJelly 2.0.0 SoftSign",
        [alpha: Positive = 2.0],
        |x| c(0.5) / alpha * inverse_square(x.abs() + c(1.0) / alpha),
        primitive |x| (alpha * x / (1.0 + (alpha * x).abs()) + 1.0) / 2.0
    ),
    surrogate!(
        "sigmoid", "slope s (1 - s), s = 1 / (1 + exp(-slope x))",
        "snnTorch 1.0.0 sigmoid, here without its overflow; SpikingJelly 2.0.0 Sigmoid (slope alpha)",
        [slope: Positive = 25.0],
        like "spikingjelly" [slope = 4.0],
        |x| slope * logistic_slope(slope * x),
        primitive |x| 1.0 / (1.0 + exp(-slope * x))
    ),
    surrogate!(
        "tanh", "1 - tanh(alpha x)^2", "Norse 1.1.0 tanh",
        [alpha: Positive = 100.0],
        |x| (alpha * x).tanh().square().not(),
        primitive |x| tanh(alpha * x) / alpha
    ),
    surrogate!(
        "circ", "alpha (1 / sqrt(alpha^2 + x^2) - x^2 / (alpha^2 + x^2)^1.5)", "Norse 1.1.0 circ",
        [alpha: Positive = 100.0],
        |x| {
            let r2 = alpha.square() + x.square();
            let r = r2.sqrt();
            alpha * (alpha.square() / (r2 * r))
        },
        primitive |x| alpha * x / (alpha * alpha + x * x).sqrt()
    ),
    surrogate!(
        "erf", "alpha / sqrt(pi) exp(-(alpha x)^2)", "SpikingJelly 2.0.0 Erf",
        [alpha: Positive = 2.0],
        |x| alpha * c(FRAC_2_SQRT_PI / 2.0) * (-(alpha * x).square()).exp(),
        primitive |x| erfc(-alpha * x) / 2.0
    ),
    surrogate!(
        "heavi-erfc", "2 / sqrt(pi) exp(-(alpha x)^2)", "Norse 1.1.0 heavi_erfc",
        [alpha: Positive = 100.0],
        |x| c(FRAC_2_SQRT_PI) * (-(alpha * x).square()).exp()
    ),
    surrogate!(
        "gaussian", "N(x; 0, sigma)", "sinabs 3.1.3 Gaussian",
        [sigma: Positive = 0.5],
        |x| normal(x, sigma),
        primitive |x| erfc(-x / (sigma * SQRT_2)) / 2.0
    ),
    surrogate!(
        "multi-gaussian", "(1 + h) N(x; 0, sigma) - h N(x; sigma, s sigma) - h N(x; -sigma, s sigma)",
        "B. Yin, F. Corradi, S. Bohté, Nature Machine Intelligence 2021; sinabs 3.1.3 MultiGaussian",
        [sigma: Positive = 0.5, h: Any = 0.15, s: Positive = 6.0],
        |x| {
            let wide = sigma * s;
            let sides = normal(x - sigma, wide) + normal(x + sigma, wide);
            (h + c(1.0)) * normal(x, sigma) - h * sides
        }
    ),
    surrogate!(
        "piecewise-exp", "(alpha / 2) exp(-alpha |x|)", "SpikingJelly 2.0.0 PiecewiseExp",
        [alpha: Positive = 1.0],
        |x| alpha * c(0.5) * (-(alpha * x.abs())).exp(),
        primitive |x| {
            let tail = exp(-alpha * x.abs()) / 2.0;
            if x >= 0.0 { 1.0 - tail } else { tail }
        }
    ),
    surrogate!(
        "single-exponential", "height exp(-|x| / width)",
        "S. Shrestha, G. Orchard, SLAYER, 2018; sinabs 3.1.3 SingleExponential; lava-dl with height scale / (2 tau)",
        [height: Positive = 1.0, width: Positive = 0.5],
        |x| height * (-(x.abs() / width)).exp()
    ),
    surrogate!(
        "periodic-exponential", "height / period exp(-d / width), d the distance of x to 0 below and to the \
         nearest multiple of period above",
        "sinabs 3.1.3 PeriodicExponential, for several spikes per step",
        [height: Positive = 1.0, width: Positive = 0.5, period: Positive = 1.0],
        |x| {
            let nearest = period * (x / period + c(0.5)).floor();
            let distance = (x - x.at_least(c(0.0)).select(nearest, c(0.0))).abs();
            height / period * (-(distance / width)).exp()
        }
    ),
    surrogate!(
        "q-pseudo-spike", "(1 + 2 |x| / (alpha - 1))^-alpha",
        "SpikingJelly 2.0.0 QPseudoSpike; J. Herranz-Celotti, J. Rouat 2022",
        [alpha: AboveOne = 2.0],
        |x| (-(alpha * (x.abs() * (c(2.0) / (alpha - c(1.0))) + c(1.0)).ln())).exp(),
        primitive |x| {
            let tail = 0.5 * libm::pow(1.0 + 2.0 / (alpha - 1.0) * x.abs(), 1.0 - alpha);
            if x >= 0.0 { 1.0 - tail } else { tail }
        }
    ),
    surrogate!(
        "nonzero-sign-log-abs", "1 / (1 / alpha + |x|)", "SpikingJelly 2.0.0 NonzeroSignLogAbs",
        [alpha: Positive = 1.0],
        |x| c(1.0) / (x.abs() + c(1.0) / alpha),
        primitive |x| libm::log(alpha * x.abs() + 1.0).copysign(x)
    ),
];
