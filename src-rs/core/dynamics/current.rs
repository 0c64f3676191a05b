//! The input of the leaky models: how a step's input is added to the membrane, directly or through a synaptic current with a
//! separate decay.

use super::decay::{MEMBRANE, SYNAPSE};
use super::definition::{Fallback, OptionDef, ParamDef, Range, StateDef};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub fn input_scale() -> OptionDef {
    OptionDef {
        name: "inputScale",
        values: &["weight", "one-minus-beta", "dt-over-tau"],
        meaning: "coefficient on the drive of v: r alone, r (1 - beta), or r dt / tauMem",
    }
}

pub fn resistance() -> ParamDef {
    ParamDef::new("r", "1", Fallback::Value(1.0), "resistance: factor on the drive of v")
        .nir("r")
        .neutral(1.0)
}

pub fn leak() -> ParamDef {
    ParamDef::new("vLeak", "", Fallback::Value(0.0), "potential towards which v decays")
        .nir("v_leak")
        .neutral(0.0)
}

pub fn options() -> [OptionDef; 3] {
    [
        OptionDef {
            name: "currentOrder",
            values: &["decay-add-use", "add-use-decay", "use-decay-add"],
            meaning: "when the synaptic current decays, jumps by the input and drives v",
        },
        OptionDef {
            name: "synInputScale",
            values: &["weight", "dt-over-tau"],
            meaning: "coefficient on the input of iSyn: wIn alone, or wIn dt / tauSyn",
        },
        OptionDef {
            name: "inputScale",
            values: &["weight", "one-minus-beta", "dt-over-tau", "propagator"],
            meaning: "coefficient on iSyn as it drives v: r alone, r (1 - beta), r dt / tauMem, or r \
                      tauSyn (alpha - beta) / (tauSyn - tauMem), which is exact when iSyn decays in \
                      continuous time",
        },
    ]
}

pub fn weight() -> ParamDef {
    ParamDef::new("wIn", "1", Fallback::Value(1.0), "factor on the input of iSyn").nir("w_in").neutral(1.0)
}

pub fn state() -> StateDef {
    StateDef::new("iSyn", "", "synaptic current")
}

/// The state of an [`optional_synapse`].
pub fn optional_state() -> StateDef {
    StateDef::new("iSyn", "", "synaptic current; only with tauSyn").only_if(|s| s.param("tauSyn").is_some())
}

/// The coefficients `gain` (input to v) and `drift` (towards vLeak).
pub fn derive<L: Scalar>(s: &Settings, p: &Named<L>, beta: L) -> Named<L> {
    let scale = match s.option("inputScale") {
        "one-minus-beta" => L::one() - beta,
        "dt-over-tau" => MEMBRANE.ratio(s, p),
        "propagator" => propagator(s, p, beta),
        _ => L::one(),
    };
    Named::default().with("gain", p.get("r") * scale).with("drift", (L::one() - beta) * p.get("vLeak"))
}

/// Adds the coefficients `alpha` and `gainSyn`.
pub fn derive_synapse<L: Scalar>(s: &Settings, p: &Named<L>, coefs: Named<L>) -> Named<L> {
    let scale = if s.is("synInputScale", "dt-over-tau") { SYNAPSE.ratio(s, p) } else { L::one() };
    coefs.with("alpha", SYNAPSE.factor(s, p)).with("gainSyn", p.get("wIn") * scale)
}

/// For models in which the synapse is optional: the input drives a synaptic current only if tauSyn is given.
pub fn optional_synapse() -> ParamDef {
    let meaning =
        "synaptic time constant; if given, the input drives a synaptic current, iSyn, which drives v";
    ParamDef::new("tauSyn", "ms", Fallback::Absent, meaning).range(Range::Positive).learnable()
}

/// The order of decay, jump and readout.
pub fn order() -> OptionDef {
    let [order, ..] = options();
    order
}

/// Adds the coefficients of an optional synapse.
pub fn derive_optional<L: Scalar>(s: &Settings, p: &Named<L>, coefs: Named<L>) -> Named<L> {
    match p.find("tauSyn") {
        Some(_) => coefs.with("alpha", SYNAPSE.factor(s, p)).with("gainSyn", L::one()),
        None => coefs,
    }
}

/// The current that drives v, and the new synaptic current if there is one.
pub fn driving<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, input: L) -> (L, Option<L>) {
    match states.find("iSyn") {
        Some(current) => {
            let (used, kept) = synapse(s, c, current, input);
            (used, Some(kept))
        }
        None => (input, None),
    }
}

/// The change of v in one step per unit of a current that decays during the step.
fn propagator<L: Scalar>(s: &Settings, p: &Named<L>, beta: L) -> L {
    let (tau_mem, tau_syn) = (MEMBRANE.tau(s, p), SYNAPSE.tau(s, p));
    let difference = tau_syn - tau_mem;
    // If the time constants are nearly equal the limit is used, without dividing by their difference.
    let close = (tau_mem * L::constant(1e-6)).greater(difference.abs());
    let apart = tau_syn * (SYNAPSE.factor(s, p) - beta) / close.select(L::one(), difference);
    close.select(beta * MEMBRANE.ratio(s, p), apart)
}

/// The contribution of the input to the membrane.
pub fn drive<L: Scalar>(c: &Named<L>, input: L) -> L {
    input.mul_add(c.get("gain"), c.get("drift"))
}

/// The current that drives v in this step, and the new synaptic current.
pub fn synapse<L: Scalar>(s: &Settings, c: &Named<L>, current: L, input: L) -> (L, L) {
    let jump = input * c.get("gainSyn");
    match s.option("currentOrder") {
        "add-use-decay" => {
            let used = current + jump;
            (used, used * c.get("alpha"))
        }
        "use-decay-add" => (current, current.mul_add(c.get("alpha"), jump)),
        _ => {
            let new = current.mul_add(c.get("alpha"), jump);
            (new, new)
        }
    }
}

pub fn check(s: &Settings) -> Result<()> {
    let lossless =
        |name| s.param(name).is_some_and(|param| param.values.iter().any(|&x| x <= 0.0 || x >= 1.0));
    if s.is("inputScale", "propagator") && (lossless("beta") || lossless("alpha")) {
        return Err(Error::invalid(
            "inputScale",
            "\"propagator\"",
            "beta and alpha between 0 and 1, so that they have time constants",
        ));
    }
    Ok(())
}
