//! Hodgkin and Huxley's neuron of 1952 with alpha-shaped synaptic currents of two kinds.

use super::channel_rates::{self, Rates, STEADY};
use super::decay::clamp;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct HhPscAlpha;

/// Weights of v, m, h and n in the error of a step: v has a range of about 100 mV, a gate of 1.
const WEIGHTS: [f64; 4] = [1.0, 100.0, 100.0, 100.0];

impl Neuron for HhPscAlpha {
    fn definition() -> Definition {
        use Fallback::{Computed, Value};
        let conductance =
            |name, value, meaning| ParamDef::new(name, "nS", Value(value), meaning).range(Range::NotNegative);
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let gate = |name, meaning| ParamDef::new(name, "1", Computed(STEADY), meaning).range(Range::Unit);
        let params = vec![
            ParamDef::new("c", "pF", Value(100.0), "membrane capacitance").range(Range::Positive),
            conductance("gNa", 12_000.0, "largest conductance of the sodium channels"),
            conductance("gK", 3_600.0, "largest conductance of the potassium channels"),
            conductance("gL", 30.0, "leak conductance"),
            potential("vNa", 50.0, "reversal potential of sodium"),
            potential("vK", -77.0, "reversal potential of potassium"),
            potential("vLeak", -54.402, "reversal potential of the leak"),
            exact::synaptic_time("tauE", 0.2, "time to the peak of an excitatory current"),
            exact::synaptic_time("tauI", 2.0, "time to the peak of an inhibitory current"),
            potential("vThreshold", 0.0, "a spike is a peak of v at or above it"),
            ParamDef::new(
                "tauRef",
                "ms",
                Value(2.0),
                "time after a spike without another one, rounded to whole steps",
            )
            .range(Range::NotNegative),
            ParamDef::new("iBias", "pA", Value(0.0), "constant current").neutral(0.0),
            potential("vInit", -65.0, "potential at the start"),
            gate("mInit", "m at the start"),
            gate("hInit", "h at the start"),
            gate("nInit", "n at the start"),
        ];
        let params = params.into_iter().chain(integration::adaptive()).collect();
        let state = |name, unit, init, meaning| StateDef { init, ..StateDef::new(name, unit, meaning) };
        Definition {
            key: "hh-psc-alpha",
            title: "Hodgkin-Huxley with alpha-shaped currents",
            equation: "c dv/dt = -gNa m^3 h (v - vNa) - gK n^4 (v - vK) - gL (v - vLeak) + iE + iI + iBias + x; dy/dt = \
                       alpha_y(v) (1 - y) - beta_y(v) y for y = m, h, n; a spike of weight w, s ms ago, is a current w (e \
                       / tau) s exp(-s / tau), which peaks at w after tau",
            update: "iE and iI exactly; v, m, h and n by 1, 2, 5 or 10 steps (tolerance), or subSteps, of the Runge-Kutta method of order 4; then dE[t] = \
                     dE + (e / tauE) excitatory[t], dI[t] = dI - (e / tauI) inhibitory[t]; s[t] = 1 if v[t] >= \
                     vThreshold and v[t] < v[t-1] and no spike was in the last tauRef, else 0",
            source: "A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 1952; NEST 3 hh_psc_alpha, which integrates by \
                     Runge-Kutta-Fehlberg. For large networks (simulate): it has more than one port",
            states: vec![
                StateDef { unit: "mV", ..membrane::state() },
                state("m", "1", Some("mInit"), "activation of sodium"),
                state("h", "1", Some("hInit"), "inactivation of sodium"),
                state("n", "1", Some("nInit"), "activation of potassium"),
                state("iE", "pA", None, "excitatory synaptic current"),
                state("iI", "pA", None, "inhibitory synaptic current, 0 or below"),
                state("dE", "pA/ms", None, "rise of the excitatory current"),
                state("dI", "pA/ms", None, "rise of the inhibitory current"),
                StateDef { meaning: "steps for which no spike is emitted", ..exact::refractory() },
            ],
            params,
            alternatives: vec![integration::ALTERNATIVES],
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        integration::check(s)
    }

    fn signs() -> Signs {
        exact::CURRENTS
    }

    fn computed<L: Scalar>(_: &Settings, p: &Named<L>, name: &str) -> L {
        channel_rates::steady(channel_rates::squid(p.get("vInit")), name)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = p.get("dt") / L::constant(integration::count(s) as f64);
        let halved = length * L::constant(0.5);
        let half = |tau: L| (-(halved / tau)).exp();
        let jump = |tau: L| L::constant(std::f64::consts::E) / tau;
        let [excitation, inhibition] = [p.get("tauE"), p.get("tauI")];
        ["gNa", "gK", "gL", "vNa", "vK", "vThreshold"]
            .into_iter()
            .map(|name| (name, p.get(name)))
            .chain([
                ("rest", p.get("gL") * p.get("vLeak") + p.get("iBias")),
                ("perC", length / p.get("c")),
                ("length", length),
                ("half", halved),
                ("halfE", half(excitation)),
                ("halfI", half(inhibition)),
                ("jumpE", jump(excitation)),
                ("jumpI", jump(inhibition)),
                ("refractorySteps", exact::steps(s, p)),
            ])
            .collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let half = c.get("half");
        // The two variables of an alpha function after half a step, exactly.
        let later = |[i, d]: [L; 2], left: &'static str| [d.mul_add(half, i) * c.get(left), d * c.get(left)];
        let rest = c.get("rest") + ports[2];
        let increment = |x: [L; 4], synaptic: L| increment(c, x, rest + synaptic);
        let old = ["v", "m", "h", "n"].map(|name| states.get(name));
        let [e, rise_e, i, rise_i] = ["iE", "dE", "iI", "dI"].map(|name| states.get(name));
        let synaptic = [e, rise_e, i, rise_i, L::zero()];
        let sub_step = |x: [L; 4], [e, rise_e, i, rise_i, _]: [L; 5]| {
            let (e, i) = ([e, rise_e], [i, rise_i]);
            let middle = [later(e, "halfE"), later(i, "halfI")];
            let end = [later(middle[0], "halfE"), later(middle[1], "halfI")];
            let at_middle = middle[0][0] + middle[1][0];
            let synaptic = [e[0] + i[0], at_middle, at_middle, end[0][0] + end[1][0]];
            let (x, error) = integration::runge_kutta(x, WEIGHTS, |stage, x| increment(x, synaptic[stage]));
            let [[e, rise_e], [i, rise_i]] = end;
            (x, [e, rise_e, i, rise_i, error])
        };
        let (x, [e, rise_e, i, rise_i, _]) = L::repeat(integration::count(s), (old, synaptic), sub_step);
        let left = states.get("refractory").detach();
        let refractory_now = left.greater(L::zero());
        let falls = old[0].greater(x[0]);
        let spike = refractory_now.select(L::zero(), falls * (x[0] - c.get("vThreshold")).spike(false));
        let counted = (left - refractory_now).max(L::zero());
        let refractory = spike.detach().select(c.get("refractorySteps"), counted).detach();
        let [v, m, h, n] = x;
        let excitation = ports[0].mul_add(c.get("jumpE"), rise_e);
        let inhibition = rise_i - ports[1] * c.get("jumpI");
        Stepped { states: vec![v, m, h, n, e, i, excitation, inhibition, refractory], spike: Some(spike) }
    }
}

/// The step length times the derivatives of v, m, h and n, for a given current.
fn increment<L: Scalar>(c: &Named<L>, [v, m, h, n]: [L; 4], current: L) -> [L; 4] {
    let sodium = c.get("gNa") * (m * m * m * h);
    let potassium = c.get("gK") * n.square().square();
    let current = sodium.mul_add(c.get("vNa"), potassium.mul_add(c.get("vK"), current));
    let conductance = sodium + potassium + c.get("gL");
    // In this range no exponential of the rates overflows, whatever the input does to v.
    let [of_m, of_h, of_n] = channel_rates::squid(clamp(v, -200.0, 200.0));
    let gate =
        |rates: Rates<L>, y: L| (rates.opening - (rates.opening + rates.closing) * y) * c.get("length");
    [(current - conductance * v) * c.get("perC"), gate(of_m, m), gate(of_h, h), gate(of_n, n)]
}
