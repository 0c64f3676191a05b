//! Adaptive exponential integrate-and-fire with exponential conductances of two kinds.

use super::aeif;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct AeifCondExp;

impl Neuron for AeifCondExp {
    fn definition() -> Definition {
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Fallback::Value(value), meaning);
        let mut params = aeif::params();
        params.extend([
            potential("vE", 0.0, "reversal potential of excitation"),
            potential("vI", -85.0, "reversal potential of inhibition"),
        ]);
        let state = |name, meaning| StateDef::new(name, "nS", meaning);
        Definition {
            key: "aeif-cond-exp",
            title: "adaptive exponential integrate-and-fire with exponential conductances",
            equation: "c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + gE (vE - v) + gI (vI - v) + iBias + x; tauW dw/dt = \
                       a (v - vLeak) - w; tauE dgE/dt = -gE; tauI dgI/dt = -gI; a spike adds its weight to \
                       gE or gI",
            update: "1, 2, 5 or 10 steps (tolerance; down to a fiftieth below 1e-4), or subSteps, of the Runge-Kutta method of order 4, synaptic \
                     variables exactly: in v, or from vT + 2 deltaT on in q = exp((vT - v) / deltaT), dq/dt = -(q f + gL deltaT / c) / \
                     deltaT, f being dv/dt without the exponential; a spike where q comes to exp((vT - vPeak) / deltaT): from there v = \
                     vReset, w = w + b, by Heun's method to the end of the sub-step; at the end of the step gE = gE + excitatory[t], \
                     gI = gI + inhibitory[t]",
            source: "R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; NEST 3 aeif_cond_exp, whose steps adapt to the error. \
                     For large networks (simulate): it has more than one port",
            states: aeif::states([
                state("gE", "excitatory conductance"),
                state("gI", "inhibitory conductance, 0 or above"),
            ]),
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES, integration::ALTERNATIVES],
            options: aeif::options(),
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn signs() -> Signs {
        exact::CONDUCTANCES
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        aeif::derive(s, p).with("vE", p.get("vE")).with("vI", p.get("vI"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let current = |v: L, [e, i]: [L; 2]| e * (c.get("vE") - v) + i * (c.get("vI") - v);
        let (states, spike) = aeif::step(s, c, states, ["gE", "gI"], ports, current);
        Stepped { states, spike: Some(spike) }
    }
}
