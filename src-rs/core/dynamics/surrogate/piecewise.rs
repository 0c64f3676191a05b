//! Surrogates in pieces: triangles, boxes, ramps and tails.

use super::row::Row;
use super::vocabulary::{c, logistic_slope};
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;
use libm::{exp, log};

pub static ROWS: &[Row] = &[
    surrogate!(
        "triangular", "height max(0, 1 - |x| / width)",
        "S. Esser et al. 2016; G. Bellec et al. 2018 (height 0.3); Norse 1.1.0 triangle (height alpha); spyx \
         (width 0.5)",
        [height: Positive = 1.0, width: Positive = 1.0],
        // The default alpha of Norse's parameters, for all of its methods.
        like "norse" [height = 100.0],
        |x| height * (c(1.0) - x.abs() / width).max(c(0.0)),
        vanishes true
    ),
    surrogate!(
        "piecewise-quadratic", "max(0, alpha - alpha^2 |x|)", "SpikingJelly 2.0.0 PiecewiseQuadratic",
        [alpha: Positive = 1.0],
        |x| (alpha - alpha.square() * x.abs()).max(c(0.0)),
        vanishes true,
        primitive |x| {
            if x > 1.0 / alpha {
                1.0
            } else if x.abs() <= 1.0 / alpha {
                -alpha * alpha / 2.0 * x * x.abs() + alpha * x + 0.5
            } else {
                0.0
            }
        }
    ),
    surrogate!(
        "rect", "alpha where |x| < 1 / (2 alpha), else 0", "SpikingJelly 2.0.0 Rect",
        [alpha: Positive = 1.0],
        |x| (c(0.5) / alpha).greater(x.abs()) * alpha,
        vanishes true,
        primitive |x| (alpha * x + 0.5).clamp(0.0, 1.0)
    ),
    surrogate!(
        "boxcar", "height where |x| < width / 2, else 0", "spyx boxcar; sinabs 3.1.3 Heaviside (width 2)",
        [width: Positive = 2.0, height: Positive = 0.5],
        |x| (width * c(0.5)).greater(x.abs()) * height,
        vanishes true
    ),
    surrogate!(
        "step-pwl", "1 / threshold where x >= -window, else 0", "rockpool StepPWL",
        [window: NotNegative = 0.5, threshold: Positive = 1.0],
        |x| x.at_least(-window) / threshold,
        vanishes true
    ),
    surrogate!(
        "piecewise-leaky-relu", "1 / (2 w) where |x| < w, else c", "SpikingJelly 2.0.0 PiecewiseLeakyReLU",
        [w: Positive = 1.0, c: Any = 0.01],
        |x| w.greater(x.abs()).select(Sym::constant(0.5) / w, c),
        vanishes c == 0.0,
        primitive |x| {
            if x < -w {
                c * x + c * w
            } else if x > w {
                c * x - c * w + 1.0
            } else {
                x / (2.0 * w) + 0.5
            }
        }
    ),
    surrogate!(
        "leaky-k-relu", "k where x >= 0, else leak", "SpikingJelly 2.0.0 LeakyKReLU",
        [leak: Any = 0.0, k: Any = 1.0],
        |x| x.at_least(c(0.0)).select(k, leak),
        vanishes leak == 0.0,
        primitive |x| if x >= 0.0 { k * x } else { leak * x }
    ),
    surrogate!(
        "log-tailed-relu", "1 / x where x > 1, 1 where 0 < x <= 1, else alpha",
        "SpikingJelly 2.0.0 LogTailedReLU; Z. Cai et al. 2017",
        [alpha: Any = 0.0],
        |x| {
            let above = x.greater(c(1.0)).select(c(1.0) / x, c(1.0));
            x.greater(c(0.0)).select(above, alpha)
        },
        vanishes alpha == 0.0,
        primitive |x| {
            if x > 1.0 {
                log(x) + 1.0
            } else if x > 0.0 {
                x
            } else {
                alpha * x
            }
        }
    ),
    surrogate!(
        "s2nn", "alpha s (1 - s) where x < 0, s = 1 / (1 + exp(-alpha x)), else beta / (x + 1)",
        "SpikingJelly 2.0.0 S2NN; K. Suetake et al. 2022",
        [alpha: Positive = 4.0, beta: Positive = 1.0],
        |x| c(0.0).greater(x).select(alpha * logistic_slope(alpha * x), beta / (x + c(1.0))),
        primitive |x| {
            if x < 0.0 {
                1.0 / (1.0 + exp(-alpha * x))
            } else {
                beta * log((x + 1.0).abs() + 1e-5) + 0.5
            }
        }
    ),
    surrogate!(
        "fake-numerical-gradient", "min(1 / |x|, alpha)", "SpikingJelly 2.0.0 FakeNumericalGradient",
        [alpha: Positive = 0.3],
        |x| (c(1.0) / x.abs()).min(alpha)
    ),
];
