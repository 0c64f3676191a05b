//! Spike and reset of neurons with an upstroke of their own: integrated over a step, cut off at a peak potential and reset,
//! together with all other effects of a spike.

use super::definition::{Fallback, OptionDef, ParamDef, StateDef};
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub fn options() -> [OptionDef; 4] {
    [
        OptionDef {
            name: "reset",
            values: &["value", "subtract"],
            meaning: "the effect of a spike on v: set it to vReset, or subtract vPeak",
        },
        timing(),
        compare(&[">=", ">"]),
        detach(),
    ]
}

pub fn timing() -> OptionDef {
    OptionDef {
        name: "resetTiming",
        values: &["same-step", "next-step"],
        meaning: "when the reset takes place. With next-step it is at the start of the next step, and the recorded v \
                  is the value before the reset",
    }
}

pub fn compare(values: &'static [&'static str]) -> OptionDef {
    OptionDef { name: "compare", values, meaning: "how v must compare to vPeak to spike" }
}

pub fn detach() -> OptionDef {
    OptionDef {
        name: "detachReset",
        values: &["true", "false"],
        meaning: "whether the reset of v is a constant for the gradient; other effects of a spike are not",
    }
}

pub fn peak(unit: &'static str, value: f64) -> ParamDef {
    let meaning = "potential at which the upstroke is cut off and a spike emitted";
    ParamDef::new("vPeak", unit, Fallback::Value(value), meaning).learnable()
}

/// Potentials of spike and reset, and the refractory period. `init`: the default initial v.
pub fn params(unit: &'static str, peak_at: f64, reset: f64, init: Fallback) -> Vec<ParamDef> {
    let [steps, period] = membrane::refractory_params();
    vec![
        peak(unit, peak_at),
        ParamDef::new("vReset", unit, Fallback::Value(reset), "potential after a reset to a value")
            .below("vPeak"),
        ParamDef::new("vInit", unit, init, "potential at the start"),
        steps,
        period,
        membrane::grade(),
    ]
}

pub fn state(unit: &'static str) -> StateDef {
    StateDef { unit, ..membrane::state() }
}

pub fn check(s: &Settings) -> Result<()> {
    integration::check(s)?;
    if membrane::is_refractory(s) && s.is("resetTiming", "next-step") {
        return Err(Error::invalid("resetTiming", "\"next-step\"", "same-step with a refractory period"));
    }
    Ok(())
}

/// Adds the coefficients of spike and reset.
pub fn derive<L: Scalar>(s: &Settings, p: &Named<L>, coefs: Named<L>) -> Named<L> {
    let coefs = coefs
        .with("vPeak", p.get("vPeak"))
        .with("vReset", p.get("vReset"))
        .with("gradedSpikes", p.get("gradedSpikes"));
    membrane::derive_refractory(s, p, coefs)
}

/// An error above every tolerance.
const FAR: f64 = 1e30;

/// The variables after a step, v first.
pub struct Spiked<L, const N: usize> {
    pub variables: [L; N],
    /// The spike, with the value that it has outside of the neuron.
    pub spike: L,
    pub refractory: Option<L>,
}

impl<L: Scalar, const N: usize> Spiked<L, N> {
    /// The states in declared order, with `between` after v.
    pub fn states(&self, between: impl IntoIterator<Item = L>) -> Vec<L> {
        let [v, others @ ..] = &self.variables[..] else { unreachable!("v is there") };
        std::iter::once(*v).chain(between).chain(others.iter().copied()).chain(self.refractory).collect()
    }
}

/// Integrates `old`, v first, over one time step; a spike occurs when v reaches the peak. `increment`: the length of a
/// sub-step times the derivative. `jump`: the variables after a spike, except for the reset of v.
pub fn run<L: Scalar, const N: usize>(
    s: &Settings,
    c: &Named<L>,
    refractory: Option<L>,
    old: [L; N],
    increment: impl Fn([L; N]) -> [L; N],
    jump: impl Fn([L; N], L) -> [L; N],
) -> Spiked<L, N> {
    run_at(s, c, refractory, old, |x| x[0] - c.get("vPeak"), increment, jump)
}

/// As `run`, with another spike condition: `gap` reaches 0.
pub fn run_at<L: Scalar, const N: usize>(
    s: &Settings,
    c: &Named<L>,
    refractory: Option<L>,
    old: [L; N],
    gap: impl Fn([L; N]) -> L,
    increment: impl Fn([L; N]) -> [L; N],
    jump: impl Fn([L; N], L) -> [L; N],
) -> Spiked<L, N> {
    let advance = |x: [L; N], asleep: Option<L>| {
        let after = integration::advance(s, x, |x| {
            let mut by = increment(x);
            if let Some(asleep) = asleep {
                by[0] = asleep.select(L::zero(), by[0]);
            }
            by
        });
        (after, L::zero(), ())
    };
    run_by(s, c, refractory, old, gap, (advance, |_, (), _, _| None), jump)
}

/// The effect of a spike on the variables.
pub type Reset<'a, L, const N: usize> = &'a dyn Fn([L; N]) -> [L; N];

/// As `run`, with any method. `advance`: the variables after a sub-step (v does not change while the neuron is refractory),
/// their error estimate, and the data that `resume` needs. `resume`: if the condition holds, the variables at the end of a
/// sub-step in which the peak is reached, after the reset and the rest of the sub-step. `None`: a sub-step ends with its
/// spike.
pub fn run_by<L: Scalar, T, const N: usize>(
    s: &Settings,
    c: &Named<L>,
    refractory: Option<L>,
    old: [L; N],
    gap: impl Fn([L; N]) -> L,
    (advance, resume): (
        impl Fn([L; N], Option<L>) -> ([L; N], L, T),
        impl Fn([L; N], T, L, Reset<L, N>) -> Option<[L; N]>,
    ),
    jump: impl Fn([L; N], L) -> [L; N],
) -> Spiked<L, N> {
    let left = refractory.map(|left| left.detach());
    let resting = left.map(|left| left.greater(L::zero()));
    let crosses = |x: [L; N]| gap(x).spike(s.is("compare", ">"));
    let reset = |x: [L; N], spike: L| {
        let reset_spike = if s.flag("detachReset") { spike.detach() } else { spike };
        let mut new = jump(x, spike);
        new[0] = match s.is("reset", "subtract") {
            true => x[0] - reset_spike * c.get("vPeak"),
            false => reset_spike.select(c.get("vReset"), x[0]),
        };
        new
    };
    let count = integration::count(s);
    let (x, [fires, _]) = L::repeat(count, (old, [L::zero(); 2]), |mut x, [fires, _]| {
        // A neuron that fires is refractory from then on, also in the rest of the step.
        let rests = |resting: L| match count {
            1 => resting,
            _ => resting.max(membrane::rests(c).select(fires.detach(), L::zero())),
        };
        let asleep = resting.map(rests);
        let advance = |x: [L; N]| {
            let (mut new, error, course) = advance(x, asleep);
            new[0] = membrane::floored(c, new[0]);
            (new, error, course)
        };
        let (mut spike, error);
        if s.is("resetTiming", "next-step") {
            (x, error, _) = advance(reset(x, crosses(x)));
            spike = crosses(x);
        } else {
            let (before, course);
            before = x;
            (x, error, course) = advance(x);
            spike = crosses(x);
            if let Some(asleep) = asleep {
                spike = asleep.select(L::zero(), spike);
            }
            x = match resume(before, course, spike.detach(), &|x| reset(x, spike)) {
                Some(resumed) => std::array::from_fn(|i| {
                    let reset_spike = if i == 0 && s.flag("detachReset") { spike.detach() } else { spike };
                    reset_spike.select(resumed[i], x[i])
                }),
                None => reset(x, spike),
            };
        }
        // One spike per step: further spikes are possible only with several sub-steps. Only the shortest sub-steps resolve the
        // end of an upstroke.
        let error = spike.detach().select(L::constant(FAR), error);
        (x, [if count == 1 { spike } else { (fires.not() * spike.not()).not() }, error])
    });
    let refractory = match (left, resting) {
        (Some(left), Some(resting)) => Some(membrane::counted_down(c, left, resting, fires)),
        _ => None,
    };
    Spiked { variables: x, spike: fires * c.get("gradedSpikes"), refractory }
}
