//! One step of a differential equation, by a method that is an option of the model.

use super::definition::{Fallback, OptionDef, ParamDef, Range};
use super::settings::{Param, Settings};
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

/// The choice among `values`, the default first.
pub fn method(values: &'static [&'static str]) -> OptionDef {
    OptionDef {
        name: "method",
        values,
        meaning: "how a step integrates the equations. euler, simultaneous: all variables from the old values \
                  by Euler's method; sequential: v first, the others from the new v; half-steps: v in two halves \
                  of a step, then the others from the new v; exponential-euler: each variable's linear equation \
                  solved exactly with the others held; rk4: the classical Runge-Kutta method of order 4",
    }
}

pub fn sub_steps() -> ParamDef {
    let meaning = "steps of the method within one step of the network; one number for all neurons";
    ParamDef::new("subSteps", "1", Fallback::Value(1.0), meaning).range(Range::Count)
}

/// Steps of the method where their number follows from an error, ascending: the last where no fewer keep the tolerance.
const COUNTS: [usize; 6] = [1, 2, 5, 10, 20, 50];
/// A tolerance from here on, in mV, takes at most 10 steps.
const COARSE: f64 = 1e-4;

/// The numbers of steps among which an error of at most `tolerance` chooses.
fn counts(tolerance: f64) -> &'static [usize] {
    if tolerance >= COARSE { &COUNTS[..4] } else { &COUNTS }
}

/// A neuron says either how many steps of the method there are or how far these may be off.
pub const ALTERNATIVES: &[&str] = &["tolerance", "subSteps"];

/// The parameters of which a neuron has one, the first where it says nothing.
pub fn adaptive() -> [ParamDef; 2] {
    let meaning = "in large networks: how far what a step of the method of order 4 gives may be from what its stages give at \
                   order 2, in v. Each neuron takes 1, 2 or 5 steps of the method within one of the network where that is kept, \
                   else 10; 20 and 50 below a tolerance of 1e-4. In trained networks always the most";
    let tolerance = ParamDef::new("tolerance", "mV", Fallback::Value(1e-3), meaning).range(Range::Positive);
    [tolerance, ParamDef { fallback: Fallback::Absent, ..sub_steps() }]
}

/// How many steps of the method make one of the network, at the most.
pub fn count(s: &Settings) -> usize {
    let of_tolerance = |param: &Param| counts(param.values[0]).iter().copied().max().unwrap_or(1);
    let otherwise = s.param("tolerance").map_or(1, of_tolerance);
    s.param("subSteps").map_or(otherwise, |param| param.values[0] as usize)
}

/// The numbers of steps that are tried before the most.
pub fn tried(s: &Settings) -> impl Iterator<Item = usize> {
    let most = count(s);
    COUNTS.into_iter().filter(move |&count| count < most)
}

/// What decides how many steps of the method are taken, if anything does: the method must tell its error.
pub fn tolerance(s: &Settings) -> Option<f64> {
    let tells = !s.is("method", "euler");
    s.param("tolerance").filter(|_| tells).map(|param| param.values[0])
}

/// The length of a step of the method in ms.
pub fn length(s: &Settings) -> f64 {
    s.dt / count(s) as f64
}

/// The number of steps decides what is computed: it cannot differ between neurons.
pub fn check(s: &Settings) -> Result<()> {
    for param in ALTERNATIVES.iter().filter_map(|name| s.param(name)) {
        if let Some(x) = param.values.iter().find(|&&x| x != param.values[0]) {
            return Err(Error::invalid(param.name, x, format!("{}, as for the others", param.values[0])));
        }
    }
    Ok(())
}

/// The variables after one step. `increment` gives the length of the step times the derivative.
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

/// A step of the classical method of order 4, and by how much it may be off: the sum over the variables, each times its
/// weight. `increment` gives the length of the step times the derivative at the stages 0 to 3; 1 and 2 lie in its middle.
pub fn runge_kutta<L: Scalar, const N: usize>(
    x: [L; N],
    weights: [f64; N],
    increment: impl Fn(usize, [L; N]) -> [L; N],
) -> ([L; N], L) {
    let (after, error, _) = runge_kutta_with_slopes(x, weights, increment);
    (after, error)
}

/// The same with the derivatives at the beginning and at the end of the step, times its length.
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
    // Two combinations of the stages that vanish up to order 2. Either crosses 0 during an upstroke; both do not. What is
    // no number stays none in the sum.
    let weighted = weights.into_iter().enumerate().filter(|&(_, weight)| weight != 0.0);
    let error = weighted.fold(L::zero(), |sum, (i, weight)| {
        let inner = (third[i] - second[i]).abs();
        let outer = ((first[i] - second[i]) + (fourth[i] - third[i])).abs();
        outer.max(inner).mul_add(L::constant(weight), sum)
    });
    (after, error, [first, fourth])
}
