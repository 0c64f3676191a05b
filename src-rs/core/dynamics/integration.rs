//! One step of a differential equation, by a method that is an option of the model.

use super::definition::{Fallback, OptionDef, ParamDef, Range};
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Lane;

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

/// How many steps of the method make one of the network.
pub fn count(s: &Settings) -> usize {
    s.param("subSteps").map_or(1, |param| param.values[0] as usize)
}

/// The length of a step of the method in ms.
pub fn length(s: &Settings) -> f64 {
    s.dt / count(s) as f64
}

/// The number of steps decides what is computed: it cannot differ between neurons.
pub fn check(s: &Settings) -> Result<()> {
    let Some(param) = s.param("subSteps") else { return Ok(()) };
    match param.values.iter().find(|&&x| x != param.values[0]) {
        Some(x) => Err(Error::invalid("subSteps", x, format!("{}, as for the others", param.values[0]))),
        None => Ok(()),
    }
}

/// The variables after one step. `increment` gives the length of the step times the derivative.
pub fn advance<L: Lane, const N: usize>(
    s: &Settings,
    x: [L; N],
    increment: impl Fn([L; N]) -> [L; N],
) -> [L; N] {
    let moved = |share: f64, by: [L; N]| std::array::from_fn(|i| by[i].mul_add(L::constant(share), x[i]));
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
        "rk4" => {
            let first = increment(x);
            let second = increment(moved(0.5, first));
            let third = increment(moved(0.5, second));
            let fourth = increment(moved(1.0, third));
            std::array::from_fn(|i| {
                let middle = second[i] + third[i];
                let sum = middle.mul_add(L::constant(2.0), first[i] + fourth[i]);
                sum.mul_add(L::constant(1.0 / 6.0), x[i])
            })
        }
        _ => moved(1.0, increment(x)),
    }
}
