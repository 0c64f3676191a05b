//! Adaptive exponential integrate-and-fire.

use super::aeif;
use super::current;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, Preset, StateDef, Stepped};
use super::integration;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Adex;

impl Neuron for Adex {
    fn definition() -> Definition {
        let mut params = aeif::membrane_params(aeif::BRETTE_GERSTNER)
            .map(|param| match param.name {
                "gL" | "vT" | "a" | "b" | "tauW" => param.learnable(),
                _ => param,
            })
            .to_vec();
        params.extend([aeif::initial_adaptation(), current::optional_synapse()]);
        params.extend(cutoff::params("mV", 0.0, -70.6, Fallback::Same("vLeak")));
        params.push(integration::sub_steps());
        let mut options = vec![integration::method(&["euler", "rk4"]), current::order()];
        options.extend(cutoff::options());
        Definition {
            key: "adex",
            title: "adaptive exponential integrate-and-fire",
            equation: "c dv/dt = gL (vLeak - v) + gL deltaT exp((v - vT) / deltaT) - w + x; tauW dw/dt = a (v - \
                       vLeak) - w",
            update: "v = v[t-1] + dt / c (gL (vLeak - v[t-1]) + gL deltaT exp((v[t-1] - vT) / deltaT) - w[t-1] + \
                     x[t]); w = w[t-1] + dt / tauW (a (v[t-1] - vLeak) - w[t-1]), v[t-1] at most vPeak in both; \
                     s[t] = 1 if v >= vPeak else 0; v[t] = vReset if s[t] else v; w[t] = w + b s[t]",
            source: "R. Brette, W. Gerstner, J. Neurophysiol. 94, 2005; patterns: R. Naud et al., Biol. Cybern. \
                     99, 2008",
            states: vec![
                cutoff::state("mV"),
                StateDef { unit: "pA", ..current::optional_state() },
                StateDef::new("w", "pA", "adaptation current").init("wInit"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            presets: presets().into_iter().map(|preset| libraries::among(&options, preset)).collect(),
            options,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        let per_c = length / p.get("c");
        // Learned parameters stay in their range.
        let leak = per_c * p.get("gL").max(L::zero());
        let per_tau = length / p.get("tauW").max(L::constant(s.dt * 1e-6));
        let coefs = Named::default()
            .with("perC", per_c)
            .with("leak", leak)
            .with("upstroke", leak * p.get("deltaT"))
            .with("perDeltaT", L::one() / p.get("deltaT"))
            .with("vT", p.get("vT"))
            .with("vLeak", p.get("vLeak"))
            .with("perTauW", per_tau)
            .with("followW", per_tau * p.get("a"))
            .with("b", p.get("b"));
        current::derive_optional(s, p, cutoff::derive(s, p, coefs))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (used, kept) = current::driving(s, c, states, ports[0]);
        let increment = |[v, w]: [L; 2]| {
            // v is limited to the peak, because a stage of rk4 could overflow above it.
            let v = v.min(c.get("vPeak"));
            let above = v - c.get("vLeak");
            let upstroke = ((v - c.get("vT")) * c.get("perDeltaT")).exp() * c.get("upstroke");
            let charge = (used - w).mul_add(c.get("perC"), upstroke) - above * c.get("leak");
            [charge, above * c.get("followW") - w * c.get("perTauW")]
        };
        let jump = |[v, w]: [L; 2], spike: L| [v, spike.mul_add(c.get("b"), w)];
        let old = [states.get("v"), states.get("w")];
        let spiked = cutoff::run(s, c, states.find("refractory"), old, increment, jump);
        Stepped { states: spiked.states(kept), spike: Some(spiked.spike) }
    }
}

fn presets() -> Vec<Preset> {
    use Fallback::Value;
    vec![
        libraries::norse(
            &[("method", "euler"), ("currentOrder", "add-use-decay"), ("compare", ">")],
            &[
                ("c", Value(10.0)),
                ("gL", Value(1.0)),
                ("vLeak", Value(0.0)),
                ("vT", Value(1.0)),
                ("vPeak", Value(1.0)),
                ("vReset", Value(0.0)),
                ("deltaT", Value(0.5)),
                ("a", Value(4.0)),
                ("b", Value(0.02)),
                ("tauW", Value(500.0)),
                ("tauSyn", Value(5.0)),
            ],
            "LIFAdExCell, without dimensions: c is the membrane time constant, gL 1, v_th both vT and vPeak, \
             adaptation_current a, adaptation_spike b",
        ),
        Preset {
            name: "nest",
            options: vec![("method", "rk4")],
            params: vec![("vReset", Value(-60.0))],
            surrogate: None,
            note: "aeif_cond_exp and its like without synapses: V_th is vT. NEST's steps adapt to the error; take \
                   10 subSteps or more for each 0.1 ms",
        },
    ]
}
