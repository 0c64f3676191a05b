//! Spike and reset of all leaky models: how a charged membrane crosses the threshold, when and how the spike resets it, and
//! the refractory period.

use super::definition::{Fallback, OptionDef, ParamDef, Range, StateDef};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub fn options() -> Vec<OptionDef> {
    const SWITCH: &[&str] = &["false", "true"];
    vec![
        OptionDef {
            name: "reset",
            values: &["subtract", "value", "none"],
            meaning: "the effect of a spike on v: subtract vThreshold, set it to vReset, or none",
        },
        OptionDef {
            name: "resetTiming",
            values: &["next-step", "same-step", "snntorch-no-delay"],
            meaning: "when the reset takes place. With next-step the recorded v is the value before the reset. \
                      snntorch-no-delay applies the delayed reset and then the difference between this step's spike \
                      and this reset, so that a reset can be undone",
        },
        OptionDef {
            name: "resetScale",
            values: &["threshold", "beta-threshold"],
            meaning: "for next-step with subtract: whether the subtracted amount has also decayed",
        },
        OptionDef {
            name: "zeroKeepsInput",
            values: &["true", "false"],
            meaning: "for next-step with value: whether the step of the reset keeps its input",
        },
        OptionDef {
            name: "thresholdBefore",
            values: SWITCH,
            meaning: "whether v is compared before the update: one step from input to spike",
        },
        OptionDef {
            name: "compare",
            values: &[">", ">="],
            meaning: "how v must compare to vThreshold to spike",
        },
        OptionDef {
            name: "detachReset",
            values: &["true", "false"],
            meaning: "whether the reset is a constant for the gradient. The spike in the second part of \
                      snntorch-no-delay always carries its gradient",
        },
    ]
}

/// `init`: the default initial v.
pub fn params(init: Fallback) -> Vec<ParamDef> {
    let [steps, period] = refractory_params();
    vec![
        threshold(),
        reset_value(),
        ParamDef::new("vInit", "", init, "potential at the start"),
        steps,
        period,
        grade(),
    ]
}

pub fn threshold() -> ParamDef {
    ParamDef::new("vThreshold", "", Fallback::Value(1.0), "potential at which a spike is emitted")
        .nir("v_threshold")
        .learnable()
}

pub fn reset_value() -> ParamDef {
    ParamDef::new("vReset", "", Fallback::Value(0.0), "potential after a reset to a value")
        .nir("v_reset")
        .neutral(0.0)
}

/// A lower bound of v.
pub fn floor(unit: &'static str) -> ParamDef {
    let meaning = "lower bound of v; omitted: none";
    ParamDef::new("vMin", unit, Fallback::Absent, meaning)
}

/// Adds the lower bound to the coefficients if there is one.
pub fn derive_floor<L: Scalar>(p: &Named<L>, coefs: Named<L>) -> Named<L> {
    match p.find("vMin") {
        Some(lowest) => coefs.with("vMin", lowest),
        None => coefs,
    }
}

/// `v`, limited to its lower bound.
pub fn floored<L: Scalar>(c: &Named<L>, v: L) -> L {
    c.find("vMin").map_or(v, |lowest| v.max(lowest))
}

pub fn refractory_params() -> [ParamDef; 2] {
    [
        ParamDef::new(
            "refractorySteps",
            "steps",
            Fallback::Value(0.0),
            "steps for which v rests after a spike",
        )
        .range(Range::NotNegative)
        .neutral(0.0),
        ParamDef::new("tauRef", "ms", Fallback::Absent, "refractory period, rounded to whole steps")
            .range(Range::NotNegative),
    ]
}

pub fn grade() -> ParamDef {
    ParamDef::new("gradedSpikes", "1", Fallback::Value(1.0), "value of an output spike").neutral(1.0)
}

pub const REFRACTORY_ALTERNATIVES: &[&str] = &["refractorySteps", "tauRef"];

pub fn state() -> StateDef {
    StateDef::new("v", "", "membrane potential").init("vInit")
}

pub fn refractory_state() -> StateDef {
    StateDef::new("refractory", "steps", "steps until input changes v again; only with a refractory period")
        .only_if(is_refractory)
}

/// Whether the refractory state is used.
pub fn is_refractory(s: &Settings) -> bool {
    REFRACTORY_ALTERNATIVES.iter().any(|name| s.has_nonzero(name))
}

pub fn check(s: &Settings) -> Result<()> {
    let no = |name: &str, expected: &str| {
        Err(Error::invalid(name, format!("\"{}\"", s.option(name)), expected.to_string()))
    };
    if s.flag("thresholdBefore") && s.is("resetTiming", "snntorch-no-delay") {
        return no("resetTiming", "next-step or same-step with thresholdBefore");
    }
    let delayed_subtraction = s.is("resetTiming", "next-step") && s.is("reset", "subtract");
    if s.is("resetScale", "beta-threshold") && !delayed_subtraction {
        return no("resetScale", "threshold, unless reset is subtract and resetTiming next-step");
    }
    Ok(())
}

/// Adds the coefficients of spike and reset to those of the charge.
pub fn derive<L: Scalar>(s: &Settings, p: &Named<L>, beta: L, charge: Named<L>) -> Named<L> {
    let coefs = charge
        .with("beta", beta)
        .with("vThreshold", p.get("vThreshold"))
        .with("vReset", p.get("vReset"))
        .with("gradedSpikes", p.get("gradedSpikes"));
    derive_refractory(s, p, coefs)
}

/// Adds the length of the refractory period.
pub fn derive_refractory<L: Scalar>(s: &Settings, p: &Named<L>, coefs: Named<L>) -> Named<L> {
    match p.find("tauRef") {
        _ if !is_refractory(s) => coefs,
        // Rounded to steps: 2 ms in steps of 0.1 ms are 20, whatever the rounding of the division.
        Some(tau) => coefs.with("refractorySteps", (tau / L::constant(s.dt) + L::constant(0.5)).floor()),
        None => coefs.with("refractorySteps", p.get("refractorySteps")),
    }
}

/// A membrane after its step.
pub struct Fired<L> {
    pub v: L,
    /// 1 where the neuron fires.
    pub fires: L,
    /// The spike, with the value that it has outside of the neuron.
    pub spike: L,
    pub refractory: Option<L>,
}

impl<L: Scalar> Fired<L> {
    /// The states in declared order, with `between` after v.
    pub fn states(&self, between: impl IntoIterator<Item = L>) -> Vec<L> {
        std::iter::once(self.v).chain(between).chain(self.refractory).collect()
    }
}

/// A membrane in one step.
pub struct Membrane<'a, L> {
    pub s: &'a Settings,
    pub c: &'a Named<L>,
    /// v after the step, without spike and reset.
    pub charge: &'a dyn Fn(L) -> L,
    /// The thresholds of the previous step and of this step; equal unless the threshold adapts.
    pub thresholds: [L; 2],
}

/// Charges the membrane with `drive`, detects the spike and applies the reset.
pub fn fire<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, drive: L) -> Fired<L> {
    let charge = |v: L| floored(c, v.mul_add(c.get("beta"), drive));
    let thresholds = [c.get("vThreshold"); 2];
    Membrane { s, c, charge: &charge, thresholds }.fire(states)
}

/// Whether a spike is followed by a refractory period; neurons of one population may differ in that.
pub fn rests<L: Scalar>(c: &Named<L>) -> L {
    c.get("refractorySteps").greater(L::zero())
}

/// The remaining refractory steps, from the remaining steps before and whether the neuron fires now.
pub fn counted_down<L: Scalar>(c: &Named<L>, left: L, resting: L, fires: L) -> L {
    let counted = (left - resting).max(L::zero());
    fires.detach().select(c.get("refractorySteps"), counted).detach()
}

impl<L: Scalar> Membrane<'_, L> {
    pub fn fire(&self, states: &Named<L>) -> Fired<L> {
        let old = states.get("v");
        let (v, fires) = if self.s.flag("thresholdBefore") {
            self.before(old)
        } else {
            match self.s.option("resetTiming") {
                "same-step" => self.same_step(old),
                "snntorch-no-delay" => self.no_delay(old),
                _ => self.next_step(old),
            }
        };
        let grade = self.c.get("gradedSpikes");
        match states.find("refractory") {
            None => Fired { v, fires, spike: fires * grade, refractory: None },
            Some(left) => {
                let left = left.detach();
                let resting = left.greater(L::zero());
                let v = resting.select(self.at_rest(old), v);
                let fires = resting.select(L::zero(), fires);
                let refractory = Some(counted_down(self.c, left, resting, fires));
                Fired { v, fires, spike: fires * grade, refractory }
            }
        }
    }

    fn crosses(&self, v: L) -> L {
        (v - self.thresholds[1]).spike(self.s.is("compare", ">"))
    }

    /// Whether the neuron fired in the previous step.
    pub fn crossed(&self, old: L) -> L {
        (old - self.thresholds[0]).spike(self.s.is("compare", ">"))
    }

    /// The spike as the reset uses it: detached or not.
    pub fn for_reset(&self, spike: L) -> L {
        if self.s.flag("detachReset") { spike.detach() } else { spike }
    }

    fn charge(&self, v: L) -> L {
        (self.charge)(v)
    }

    /// `v` after the reset that `spike` causes.
    pub fn reset(&self, v: L, spike: L) -> L {
        match self.s.option("reset") {
            "subtract" => v - spike * self.c.get("vThreshold"),
            "value" => spike.select(self.c.get("vReset"), v),
            _ => v,
        }
    }

    /// Charges `v`, with the reset of a spike in the previous step.
    fn charge_with_reset(&self, v: L, spike: L) -> L {
        let scaled = self.s.is("resetScale", "beta-threshold");
        let old_is_reset = match self.s.option("reset") {
            "subtract" => scaled,
            "value" => !self.s.is("zeroKeepsInput", "false"),
            _ => false,
        };
        if old_is_reset { self.charge(self.reset(v, spike)) } else { self.reset(self.charge(v), spike) }
    }

    fn next_step(&self, old: L) -> (L, L) {
        let v = self.charge_with_reset(old, self.for_reset(self.crossed(old)));
        (v, self.crosses(v))
    }

    fn same_step(&self, old: L) -> (L, L) {
        let charged = self.charge(old);
        let spike = self.crosses(charged);
        (self.reset(charged, self.for_reset(spike)), spike)
    }

    /// snnTorch's `reset_delay=False`: the delayed reset first, then this step's spike minus it, which is -1 if a neuron that
    /// was reset does not fire again.
    fn no_delay(&self, old: L) -> (L, L) {
        let before = self.for_reset(self.crossed(old));
        let v = self.charge_with_reset(old, before);
        let spike = self.crosses(v);
        let difference = spike - before;
        let v = match self.s.option("reset") {
            "subtract" => v - difference * self.c.get("vThreshold"),
            "value" => v - difference * (v - self.c.get("vReset")),
            _ => v,
        };
        (v, spike)
    }

    /// The spike is computed from the old membrane; its reset is applied together with this step's charge.
    fn before(&self, old: L) -> (L, L) {
        let spike = self.crossed(old);
        let reset_spike = self.for_reset(spike);
        let v = match self.s.option("resetTiming") {
            "same-step" => self.charge(self.reset(old, reset_spike)),
            _ => self.charge_with_reset(old, reset_spike),
        };
        (v, spike)
    }

    /// A refractory membrane is neither charged nor leaks; a pending reset is applied.
    fn at_rest(&self, old: L) -> L {
        match self.s.option("resetTiming") {
            "next-step" => self.reset(old, self.for_reset(self.crossed(old))),
            _ => old,
        }
    }
}
