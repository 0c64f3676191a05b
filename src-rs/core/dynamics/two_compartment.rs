//! Adaptive exponential soma with a passive dendrite, each with separate conductances.

use super::aeif;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Sign, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct TwoCompartment;

impl Neuron for TwoCompartment {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let number = |name, unit, value, meaning| ParamDef::new(name, unit, Value(value), meaning);
        let of_soma = aeif::membrane_params([150.0, 10.0, -70.0, -50.0, 2.0, 0.0, 0.0, 100.0]);
        let mut params: Vec<ParamDef> = (of_soma.into_iter())
            .map(|param| match param.name {
                "c" => ParamDef { meaning: "capacitance of the soma", ..param },
                "gL" => ParamDef { meaning: "leak conductance of the soma", range: Range::Any, ..param },
                "vLeak" => ParamDef { meaning: "potential towards which both decay", ..param },
                _ => param,
            })
            .collect();
        params.extend([
            aeif::bias("constant current into the soma"),
            number("cD", "pF", 100.0, "capacitance of the dendrite").range(Range::Positive),
            number("gLD", "nS", 8.0, "leak conductance of the dendrite"),
            number("gC", "nS", 15.0, "conductance between soma and dendrite").range(Range::NotNegative),
            number("vE", "mV", 0.0, "reversal potential of excitation"),
            number("vI", "mV", -80.0, "reversal potential of inhibition"),
            exact::synaptic_time("tauE", 5.0, "time constant of excitation"),
            exact::synaptic_time("tauI", 10.0, "time constant of inhibition"),
        ]);
        params.extend(cutoff::params("mV", 0.0, -60.0, Same("vLeak")));
        params.push(ParamDef { fallback: Value(4.0), ..integration::sub_steps() });
        let state = |name, unit, init, meaning| StateDef { init, ..StateDef::new(name, unit, meaning) };
        Definition {
            key: "two-compartment",
            title: "two compartments: adaptive exponential soma and passive dendrite",
            equation: "c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + gC (d - v) + gE (vE - v) + gI (vI - v) + \
                       iBias + x; cD dd/dt = gLD (vLeak - d) + gC (v - d) + gED (vE - d) + gID (vI - d) + xD; tauW dw/dt = a (v \
                       - vLeak) - w; tauE dgE/dt = -gE; tauI dgI/dt = -gI; gED and gID likewise; a spike adds its weight to \
                       the conductance of its port",
            update: "subSteps steps of the Runge-Kutta method of order 4, v at most vPeak within; after each a spike \
                     if v >= vPeak: v = vReset, w = w + b; at the end of the step the input is added to the conductances. \
                     The dendrite has no reset",
            source: "conductance-coupled compartments as in J. Rinzel, P. F. Pinsky, J. Comput. Neurosci. 1, 1994; soma: R. \
                     Brette, W. Gerstner, J. Neurophysiol. 94, 2005",
            states: vec![
                cutoff::state("mV"),
                state("w", "pA", None, "adaptation current"),
                state("gE", "nS", None, "excitatory conductance of the soma"),
                state("gI", "nS", None, "inhibitory conductance of the soma"),
                state("d", "mV", Some("vInit"), "potential of the dendrite"),
                state("gED", "nS", None, "excitatory conductance of the dendrite"),
                state("gID", "nS", None, "inhibitory conductance of the dendrite"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            options: vec![integration::method(&["rk4", "euler"])],
            ports: vec![
                "excitatory",
                "inhibitory",
                "current",
                "dendriteExcitatory",
                "dendriteInhibitory",
                "dendriteCurrent",
            ],
            ..Definition::spiking()
        }
    }

    fn signs() -> Signs {
        &[
            ("excitatory", Sign::Conductance),
            ("inhibitory", Sign::Conductance),
            ("dendriteExcitatory", Sign::Conductance),
            ("dendriteInhibitory", Sign::Conductance),
        ]
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        let (soma, dendrite) = (length / p.get("c"), length / p.get("cD"));
        let per_tau = length / p.get("tauW");
        let coefs = Named::default()
            .with("perC", soma)
            .with("perCD", dendrite)
            .with("leak", soma * p.get("gL"))
            .with("leakD", dendrite * p.get("gLD"))
            .with("coupling", soma * p.get("gC"))
            .with("couplingD", dendrite * p.get("gC"))
            .with("upstroke", soma * p.get("gL") * p.get("deltaT"))
            .with("perDeltaT", L::one() / p.get("deltaT"))
            .with("perTauW", per_tau)
            .with("followW", per_tau * p.get("a"))
            .with("rateE", length / p.get("tauE"))
            .with("rateI", length / p.get("tauI"));
        let names = ["vT", "vLeak", "iBias", "b", "vE", "vI"];
        let coefs = names.into_iter().fold(coefs, |coefs, name| coefs.with(name, p.get(name)));
        cutoff::derive(s, p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let [input, dendritic] = [c.get("iBias") + ports[2], ports[5]];
        let synaptic = |v: L, e: L, i: L| e * (c.get("vE") - v) + i * (c.get("vI") - v);
        let increment = |[v, w, e, i, d, e_d, i_d]: [L; 7]| {
            // v is limited to the peak, because a stage of rk4 could overflow above it.
            let v = v.min(c.get("vPeak"));
            let above = v - c.get("vLeak");
            let upstroke = ((v - c.get("vT")) * c.get("perDeltaT")).exp() * c.get("upstroke");
            let soma = (synaptic(v, e, i) + input - w).mul_add(c.get("perC"), upstroke);
            let dendrite = (synaptic(d, e_d, i_d) + dendritic) * c.get("perCD");
            [
                (d - v).mul_add(c.get("coupling"), soma) - above * c.get("leak"),
                above * c.get("followW") - w * c.get("perTauW"),
                -(e * c.get("rateE")),
                -(i * c.get("rateI")),
                (v - d).mul_add(c.get("couplingD"), dendrite) - (d - c.get("vLeak")) * c.get("leakD"),
                -(e_d * c.get("rateE")),
                -(i_d * c.get("rateI")),
            ]
        };
        let jump = |x: [L; 7], spike: L| {
            let mut new = x;
            new[1] = spike.mul_add(c.get("b"), x[1]);
            new
        };
        let old = ["v", "w", "gE", "gI", "d", "gED", "gID"].map(|name| states.get(name));
        let spiked = cutoff::run(s, c, states.find("refractory"), old, increment, jump);
        let [v, w, e, i, d, e_d, i_d] = spiked.variables;
        let mut new = vec![v, w, e + ports[0], i + ports[1], d, e_d + ports[3], i_d + ports[4]];
        new.extend(spiked.refractory);
        Stepped { states: new, spike: Some(spiked.spike) }
    }
}
