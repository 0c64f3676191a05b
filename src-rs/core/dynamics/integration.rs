//! One step of a differential equation, by a method that is an option of the model.

use super::definition::{Fallback, OptionDef, ParamDef, Range};
use super::settings::{Param, Settings};
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

/// The option that selects a method among `values`, the default first.
pub fn method(values: &'static [&'static str]) -> OptionDef {
    OptionDef {
        name: "method",
        values,
        meaning: "how a step integrates the equations. euler, simultaneous: all variables from the old values \
                  by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves \
                  of a step, then the others from the new v; exponential-euler: each variable's linear equation \
                  solved exactly with the others constant; rk4: the classical Runge-Kutta method of order 4",
    }
}

pub fn sub_steps() -> ParamDef {
    let meaning = "steps of the method within one step of the network; one number for all neurons";
    ParamDef::new("subSteps", "1", Fallback::Value(1.0), meaning).range(Range::Count)
}

/// Candidate numbers of sub-steps for error control, ascending; the last is used if no smaller number satisfies the tolerance.
const COUNTS: [usize; 6] = [1, 2, 5, 10, 20, 50];
/// Tolerances from here on, in mV, use at most 10 sub-steps.
const COARSE: f64 = 1e-4;

/// The candidate numbers of sub-steps for an error of at most `tolerance`.
fn counts(tolerance: f64) -> &'static [usize] {
    if tolerance >= COARSE { &COUNTS[..4] } else { &COUNTS }
}

/// A neuron has either a fixed number of sub-steps or a tolerance.
pub const ALTERNATIVES: &[&str] = &["tolerance", "subSteps"];

/// The alternative parameters; the default is the first.
pub fn adaptive() -> [ParamDef; 2] {
    let meaning = "in large networks: the largest difference in v between the results of the method at order 4 and \
                   at order 2. Within a step of the network, each neuron takes 1, 2 or 5 steps of the method if they \
                   meet this tolerance, otherwise 10; below a tolerance of 1e-4 also 20 and 50. Trained networks \
                   always take the largest number";
    let tolerance = ParamDef::new("tolerance", "mV", Fallback::Value(1e-3), meaning).range(Range::Positive);
    [tolerance, ParamDef { fallback: Fallback::Absent, ..sub_steps() }]
}

/// The maximum number of sub-steps per step.
pub fn count(s: &Settings) -> usize {
    let of_tolerance = |param: &Param| counts(param.values[0]).iter().copied().max().unwrap_or(1);
    let otherwise = s.param("tolerance").map_or(1, of_tolerance);
    s.param("subSteps").map_or(otherwise, |param| param.values[0] as usize)
}

/// The candidate numbers of sub-steps below the maximum.
pub fn candidates(s: &Settings) -> impl Iterator<Item = usize> {
    let most = count(s);
    COUNTS.into_iter().filter(move |&count| count < most)
}

/// The tolerance, if it determines the number of sub-steps; the method must provide an error estimate.
pub fn tolerance(s: &Settings) -> Option<f64> {
    let estimates_error = !s.is("method", "euler");
    s.param("tolerance").filter(|_| estimates_error).map(|param| param.values[0])
}

/// The length of a sub-step in ms.
pub fn length(s: &Settings) -> f64 {
    s.dt / count(s) as f64
}

/// The number of sub-steps changes the program, so it cannot differ between neurons.
pub fn check(s: &Settings) -> Result<()> {
    for param in ALTERNATIVES.iter().filter_map(|name| s.param(name)) {
        if let Some(x) = param.values.iter().find(|&&x| x != param.values[0]) {
            return Err(Error::invalid(param.name, x, format!("{}, as for the others", param.values[0])));
        }
    }
    Ok(())
}

/// The variables after one sub-step. `increment` returns the length of the sub-step times the derivative.
pub fn advance<L: Scalar, const N: usize>(
    s: &Settings,
    x: [L; N],
    increment: impl Fn([L; N]) -> [L; N],
) -> [L; N] {
    let others = |first: L| {
        let mut new = x;
        new[0] = first;
        let by = increment(new);
        std::array::from_fn(|i| if i == 0 { first } else { x[i] + by[i] })
    };
    match s.option("method") {
        "sequential" => others(x[0] + increment(x)[0]),
        "half-steps" => {
            let half = |first: L| {
                let mut at = x;
                at[0] = first;
                increment(at)[0].mul_add(L::constant(0.5), first)
            };
            others(half(half(x[0])))
        }
        "rk4" => runge_kutta(x, [0.0; N], |_, x| increment(x)).0,
        _ => {
            let by = increment(x);
            std::array::from_fn(|i| by[i].mul_add(L::constant(1.0), x[i]))
        }
    }
}

/// A step of the classical Runge-Kutta method of order 4, and its error estimate: the weighted sum over the variables.
/// `increment` returns the length of the step times the derivative at the stages 0 to 3; 1 and 2 are in the middle of the
/// step.
pub fn runge_kutta<L: Scalar, const N: usize>(
    x: [L; N],
    weights: [f64; N],
    increment: impl Fn(usize, [L; N]) -> [L; N],
) -> ([L; N], L) {
    let (after, error, _) = runge_kutta_with_slopes(x, weights, increment);
    (after, error)
}

/// As `runge_kutta`; also returns the derivatives at the beginning and at the end of the step, times its length.
pub fn runge_kutta_with_slopes<L: Scalar, const N: usize>(
    x: [L; N],
    weights: [f64; N],
    increment: impl Fn(usize, [L; N]) -> [L; N],
) -> ([L; N], L, [[L; N]; 2]) {
    let moved = |share: f64, by: [L; N]| std::array::from_fn(|i| by[i].mul_add(L::constant(share), x[i]));
    let first = increment(0, x);
    let second = increment(1, moved(0.5, first));
    let third = increment(2, moved(0.5, second));
    let fourth = increment(3, moved(1.0, third));
    let after = std::array::from_fn(|i| {
        let sum = (second[i] + third[i]).mul_add(L::constant(2.0), first[i] + fourth[i]);
        sum.mul_add(L::constant(1.0 / 6.0), x[i])
    });
    // Two combinations of the stages that vanish up to order 2. Each crosses 0 during an upstroke, but never both at the same
    // time. NaN stays NaN in the sum.
    let weighted = weights.into_iter().enumerate().filter(|&(_, weight)| weight != 0.0);
    let error = weighted.fold(L::zero(), |sum, (i, weight)| {
        let inner = (third[i] - second[i]).abs();
        let outer = ((first[i] - second[i]) + (fourth[i] - third[i])).abs();
        outer.max(inner).mul_add(L::constant(weight), sum)
    });
    (after, error, [first, fourth])
}
