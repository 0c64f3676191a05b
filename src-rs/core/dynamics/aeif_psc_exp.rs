//! Adaptive exponential integrate-and-fire with exponential currents of two kinds.

use super::aeif;
use super::cutoff;
use super::definition::{Definition, Neuron, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct AeifPscExp;

impl Neuron for AeifPscExp {
    fn definition() -> Definition {
        let state = |name, meaning| StateDef::new(name, "pA", meaning);
        Definition {
            key: "aeif-psc-exp",
            title: "adaptive exponential integrate-and-fire with exponential currents",
            equation: "c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + iE - iI + iBias + x; tauW dw/dt = \
                       a (v - vLeak) - w; tauE diE/dt = -iE; tauI diI/dt = -iI; a spike adds its weight to \
                       iE or iI",
            update: "1, 2, 5 or 10 steps (tolerance; down to a fiftieth below 1e-4), or subSteps, of the Runge-Kutta method of order 4, synaptic \
                     variables exactly: in v, or from vT + 2 deltaT on in q = exp((vT - v) / deltaT), dq/dt = -(q f + gL deltaT / c) / \
                     deltaT, f being dv/dt without the exponential; a spike where q comes to exp((vT - vPeak) / deltaT): from there v = \
                     vReset, w = w + b, by Heun's method to the end of the sub-step; at the end of the step iE = iE + excitatory[t], \
                     iI = iI + inhibitory[t]",
            source: "R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; NEST 3 aeif_psc_exp, whose steps adapt to the error. \
                     For large networks (simulate): it has more than one port",
            states: aeif::states([
                state("iE", "excitatory current"),
                state("iI", "inhibitory current, 0 or above"),
            ]),
            params: aeif::params(),
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
        exact::CURRENTS
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        aeif::derive(s, p)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let current = |_: L, [e, i]: [L; 2]| e - i;
        let (states, spike) = aeif::step(s, c, states, ["iE", "iI"], ports, current);
        Stepped { states, spike: Some(spike) }
    }
}
