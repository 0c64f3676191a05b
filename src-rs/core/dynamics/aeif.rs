//! Common parts of the adaptive exponential neurons: parameters of membrane, upstroke and adaptation; for those with two kinds
//! of synapses also states and step.

use super::cutoff;
use super::definition::{Fallback, OptionDef, ParamDef, Range, StateDef};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use super::upstroke;
use lapicque_expr::Scalar;

/// Values of c, gL, vLeak, vT, deltaT, a, b and tauW (R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005).
pub const BRETTE_GERSTNER: [f64; 8] = [281.0, 30.0, -70.6, -50.4, 2.0, 4.0, 80.5, 144.0];

/// Parameters of membrane, upstroke and adaptation, with these default values.
pub fn membrane_params([c, g_l, v_leak, v_t, delta_t, a, b, tau_w]: [f64; 8]) -> [ParamDef; 8] {
    let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
    [
        number("c", "pF", c, "membrane capacitance").range(Range::Positive),
        number("gL", "nS", g_l, "leak conductance").range(Range::Positive),
        number("vLeak", "mV", v_leak, "potential towards which v decays"),
        number("vT", "mV", v_t, "potential at which the upstroke sets in"),
        number("deltaT", "mV", delta_t, "slope factor: how sharp the upstroke is").range(Range::Positive),
        number("a", "nS", a, "coupling of w to v"),
        number("b", "pA", b, "increment of w at a spike"),
        number("tauW", "ms", tau_w, "time constant of w").range(Range::Positive),
    ]
}

/// The initial adaptation.
pub fn initial_adaptation() -> ParamDef {
    ParamDef::new("wInit", "pA", Fallback::Value(0.0), "adaptation current at the start")
}

/// All parameters except those of the synapses.
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

/// The constant input current.
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
        StateDef::new("w", "pA", "adaptation current").init("wInit"),
        excitatory,
        inhibitory,
        membrane::refractory_state(),
    ]
}

pub fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
    let length = p.get("dt") / L::constant(integration::count(s) as f64);
    let per_c = length / p.get("c");
    let per_tau = length / p.get("tauW");
    let coefs = Named::default()
        .with("perC", per_c)
        .with("leak", per_c * p.get("gL"))
        .with("upstroke", per_c * p.get("gL") * p.get("deltaT"))
        .with("perDeltaT", L::one() / p.get("deltaT"))
        .with("vT", p.get("vT"))
        .with("vLeak", p.get("vLeak"))
        .with("iBias", p.get("iBias"))
        .with("perTauW", per_tau)
        .with("followW", per_tau * p.get("a"))
        .with("b", p.get("b"));
    let coefs = if s.is("method", "euler") {
        coefs.with("rateE", length / p.get("tauE")).with("rateI", length / p.get("tauI"))
    } else {
        upstroke::derive(p, coefs, length)
    };
    cutoff::derive(s, p, coefs)
}

/// The states and the spike after a step. `synaptic`: the synaptic current at a potential, from the two synaptic variables.
pub fn step<L: Scalar>(
    s: &Settings,
    c: &Named<L>,
    states: &Named<L>,
    names: [&'static str; 2],
    ports: &[L],
    synaptic: impl Fn(L, [L; 2]) -> L,
) -> (Vec<L>, L) {
    let input = c.get("iBias") + ports[2];
    let jump = |[v, w, e, i]: [L; 4], spike: L| [v, spike.mul_add(c.get("b"), w), e, i];
    let [e, i] = names.map(|name| states.get(name));
    let old = [states.get("v"), states.get("w"), e, i];
    let refractory = states.find("refractory");
    let spiked = if s.is("method", "euler") {
        let increment = |[v, w, excitation, inhibition]: [L; 4]| {
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
        cutoff::run(s, c, refractory, old, increment, jump)
    } else {
        let neuron = upstroke::Upstroke {
            c,
            rests: refractory.map(|_| membrane::rests(c)),
            current: |v, g| synaptic(v, g) + input,
        };
        let advance = |x, asleep| neuron.advance(x, asleep);
        let resume =
            |x, course, fires, reset: cutoff::Reset<L, 4>| Some(neuron.resume(x, course, fires, reset));
        cutoff::run_by(s, c, refractory, old, |x| x[0] - c.get("vPeak"), (advance, resume), jump)
    };
    let [v, w, e, i] = spiked.variables;
    let mut new = vec![v, w, e + ports[0], i + ports[1]];
    new.extend(spiked.refractory);
    (new, spiked.spike)
}
