//! What the adaptive exponential neurons share: parameters of membrane, upstroke and adaptation; and those with
//! synapses of two kinds also states and step.

use super::cutoff;
use super::definition::{Fallback, OptionDef, ParamDef, Range, StateDef};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Lane;

/// Values of c, gL, vLeak, vT, deltaT, a, b and tauW (R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005).
pub const BRETTE_GERSTNER: [f64; 8] = [281.0, 30.0, -70.6, -50.4, 2.0, 4.0, 80.5, 144.0];

/// Parameters of the membrane, its upstroke and its adaptation, with these values.
pub fn membrane_params([c, g_l, v_leak, v_t, delta_t, a, b, tau_w]: [f64; 8]) -> [ParamDef; 8] {
    let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
    [
        number("c", "pF", c, "membrane capacitance").range(Range::Positive),
        number("gL", "nS", g_l, "leak conductance").range(Range::Positive),
        number("vLeak", "mV", v_leak, "potential towards which v decays"),
        number("vT", "mV", v_t, "potential at which the upstroke sets in"),
        number("deltaT", "mV", delta_t, "slope factor: how sharp the upstroke is").range(Range::Positive),
        number("a", "nS", a, "by how much w follows v"),
        number("b", "pA", b, "by how much a spike raises w"),
        number("tauW", "ms", tau_w, "time constant of w").range(Range::Positive),
    ]
}

/// Adaptation at the start.
pub fn initial_adaptation() -> ParamDef {
    ParamDef::new("wInit", "pA", Fallback::Value(0.0), "adaptation current at the start")
}

/// Parameters beside those of the synapses.
pub fn params() -> Vec<ParamDef> {
    let mut params = membrane_params(BRETTE_GERSTNER).to_vec();
    params.extend([
        initial_adaptation(),
        bias("constant current"),
        exact::synaptic_time("tauE", 0.2, "time constant of excitation"),
        exact::synaptic_time("tauI", 2.0, "time constant of inhibition"),
    ]);
    params.extend(cutoff::params("mV", 0.0, -60.0, Fallback::Same("vLeak")));
    params.extend(integration::adaptive());
    params
}

/// The constant current.
pub fn bias(meaning: &'static str) -> ParamDef {
    ParamDef::new("iBias", "pA", Fallback::Value(0.0), meaning).neutral(0.0)
}

pub fn options() -> Vec<OptionDef> {
    vec![integration::method(&["rk4", "euler"])]
}

/// `[excitatory, inhibitory]` are the synaptic variables.
pub fn states(synaptic: [StateDef; 2]) -> Vec<StateDef> {
    let [excitatory, inhibitory] = synaptic;
    vec![
        cutoff::state("mV"),
        StateDef { name: "w", unit: "pA", init: Some("wInit"), meaning: "adaptation current" },
        excitatory,
        inhibitory,
        membrane::refractory_state(),
    ]
}

pub fn derive<L: Lane>(s: &Settings, p: &Named<L>) -> Named<L> {
    let length = p.get("dt") / L::constant(integration::count(s) as f64);
    let per_c = length / p.get("c");
    let per_tau = length / p.get("tauW");
    let coefs = Named::default()
        .with("perC", per_c)
        .with("leak", per_c * p.get("gL"))
        .with("upstroke", per_c * p.get("gL") * p.get("deltaT"))
        .with("perDeltaT", L::one() / p.get("deltaT"))
        .with("qPeak", ((p.get("vT") - p.get("vPeak")) / p.get("deltaT")).exp())
        .with("vT", p.get("vT"))
        .with("vLeak", p.get("vLeak"))
        .with("iBias", p.get("iBias"))
        .with("perTauW", per_tau)
        .with("followW", per_tau * p.get("a"))
        .with("b", p.get("b"))
        .with("rateE", length / p.get("tauE"))
        .with("rateI", length / p.get("tauI"));
    cutoff::derive(s, p, coefs)
}

/// The states after a step and the spike. `synaptic`: the current of the synapses at a potential, from
/// their two variables.
pub fn step<L: Lane>(
    s: &Settings,
    c: &Named<L>,
    states: &Named<L>,
    names: [&'static str; 2],
    ports: &[L],
    synaptic: impl Fn(L, [L; 2]) -> L,
) -> (Vec<L>, L) {
    let input = c.get("iBias") + ports[2];
    let gap = |[v, ..]: [L; 4]| v - c.get("vPeak");
    // Where the upstroke ends within a step of the method, in closed form: but for its exponential, dv/dt hardly
    // changes in so short a time. Without this a spike would be late by half of such a step.
    let share = |[v, w, excitation, inhibition]: [L; 4], spike: L| {
        if s.is("method", "euler") {
            return None;
        }
        let fires = spike.detach();
        let v = fires.select(v, c.get("vT"));
        let others = (synaptic(v, [excitation, inhibition]) + input - w) * c.get("perC");
        let others = fires.select(others - (v - c.get("vLeak")) * c.get("leak"), L::zero());
        Some(upstroke_share(c, v, others))
    };
    let increment = |[v, w, excitation, inhibition]: [L; 4]| {
        // Above the peak there is no neuron any more: without this a stage of rk4 would overflow.
        let v = v.min(c.get("vPeak"));
        let above = v - c.get("vLeak");
        let upstroke = ((v - c.get("vT")) * c.get("perDeltaT")).exp() * c.get("upstroke");
        let current = synaptic(v, [excitation, inhibition]) + input;
        [
            (current - w).mul_add(c.get("perC"), upstroke) - above * c.get("leak"),
            above * c.get("followW") - w * c.get("perTauW"),
            -(excitation * c.get("rateE")),
            -(inhibition * c.get("rateI")),
        ]
    };
    let jump = |[v, w, e, i]: [L; 4], spike: L| [v, spike.mul_add(c.get("b"), w), e, i];
    let [e, i] = names.map(|name| states.get(name));
    let old = [states.get("v"), states.get("w"), e, i];
    // What the others are off by moves v within the step.
    let weights = [1.0, 0.0, 0.0, 0.0];
    let spiked = cutoff::run_to(s, c, states.find("refractory"), old, weights, (gap, share), increment, jump);
    let [v, w, e, i] = spiked.variables;
    let mut new = vec![v, w, e + ports[0], i + ports[1]];
    new.extend(spiked.refractory);
    (new, spiked.spike)
}

/// After which part of a step of the method v reaches its peak, if all that moves it beside the exponential is
/// `others` a step: dq/ds = -(others q + upstroke) / deltaT with q = exp((vT - v) / deltaT).
fn upstroke_share<L: Lane>(c: &Named<L>, v: L, others: L) -> L {
    let (start, peak) = (((c.get("vT") - v) * c.get("perDeltaT")).exp(), c.get("qPeak"));
    let end = others.mul_add(peak, c.get("upstroke"));
    let y = others * (start - peak) / end;
    // ln(1 + y) / y, by its series where both vanish.
    let near = L::constant(0.01).greater(y.abs());
    let series = [1.0 / 5.0, -1.0 / 4.0, 1.0 / 3.0, -1.0 / 2.0, 1.0]
        .into_iter()
        .fold(L::zero(), |sum, term| sum.mul_add(y, L::constant(term)));
    let apart = near.select(L::one(), y);
    let mean = near.select(series, (apart + L::one()).max(L::constant(1e-30)).ln() / apart);
    ((start - peak) / (end * c.get("perDeltaT")) * mean).max(L::zero()).min(L::one())
}
