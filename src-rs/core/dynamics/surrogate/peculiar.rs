//! Surrogates that are not bumps around the threshold: straight-through ones, and snnTorch's own.

use std::f64::consts::PI;

use super::row::{Row, SurrogateParam};
use super::vocabulary::{c, inverse_square};
use crate::definition::Range;
use lapicque_expr::Scalar;
use lapicque_expr::graph::Sym;

pub static ROWS: &[Row] = &[
    surrogate!(
        "straight-through",
        "1",
        "Y. Bengio et al. 2013; snnTorch 1.0.0 straight_through_estimator",
        [],
        |x| c(1.0)
    ),
    surrogate!("deterministic-pass", "1", "SpikingJelly 2.0.0 DeterministicPass", [], |x| c(1.0)),
    surrogate!("heaviside", "1 where x > 0, else 0", "snnTorch 1.0.0 heaviside", [], |x| x.greater(c(0.0)), vanishes true),
    surrogate!(
        "lso", "1 where x > 0, else slope",
        "snnTorch LSO as documented; 1.0.0 raises an error",
        [slope: Any = 0.1],
        |x| x.greater(c(0.0)).select(c(1.0), slope),
        vanishes slope == 0.0
    ),
    surrogate!(
        "sso", "1 where x > 0, else mean variance",
        "snnTorch 1.0.0 SSO without its noise, (u - 0.5 + mean) variance, u uniform in [0, 1), whose expectation this is",
        [mean: Any = 0.0, variance: NotNegative = 0.2],
        |x| x.greater(c(0.0)).select(c(1.0), mean * variance),
        vanishes mean * variance == 0.0
    ),
    surrogate!(
        "sfs", "1 / (1 + slope |x|)^2 where x > B, else 0", "snnTorch 1.0.0 SFS",
        [slope: NotNegative = 25.0, B: Any = 1.0],
        |x| x.greater(B).select(inverse_square(x.abs().mul_add(slope, c(1.0))), c(0.0)),
        vanishes true
    ),
    surrogate!(
        "spike-rate-escape", "slope exp(-beta |x - 1|)",
        "snnTorch 1.0.0 spike_rate_escape, centered at x = 1 although x is v - vThreshold already",
        [beta: Positive = 1.0, slope: Positive = 25.0],
        |x| slope * (-(beta * (x - c(1.0)).abs())).exp()
    ),
    surrogate!(
        "snntorch-triangular", "threshold where x < 0, else -threshold",
        "snnTorch 1.0.0 triangular, which does not have the shape of a triangle",
        [threshold: Any = 1.0],
        |x| c(0.0).greater(x).select(threshold, -threshold)
    ),
    Row {
        name: "squarewave-fourier",
        formula: "4 / T sum_{i=1}^{n-1} cos((2 i - 1) w x), w = 2 pi / T",
        source: "SpikingJelly 2.0.0 SquarewaveFourierSeries, which sums n - 1 terms",
        params: &[
            SurrogateParam { name: "n", default: 2.0, range: Range::Positive, count: Some(64) },
            SurrogateParam { name: "T", default: 8.0, range: Range::Positive, count: None },
        ],
        libraries: &[],
        vanishes: None,
        derivative: |x, params, values| {
            let base = x * (c(2.0 * PI) / params[1]);
            let terms = (1..values[0] as u32).map(|i| (base * c((2 * i - 1) as f64)).cos());
            c(4.0) / params[1] * terms.reduce(|sum, term| sum + term).unwrap_or(c(0.0))
        },
        primitive: Some(|x, values| {
            let base = 2.0 * PI / values[1] * x;
            let term = |i: u32| libm::sin((2 * i - 1) as f64 * base) / (2 * i - 1) as f64;
            0.5 + 2.0 / PI * (1..values[0] as u32).map(term).sum::<f64>()
        }),
    },
];
