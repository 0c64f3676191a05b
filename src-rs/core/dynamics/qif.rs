//! Quadratic integrate-and-fire, with an optional adaptation current.

use super::current;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, StateDef, Stepped};
use super::integration;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub struct Qif;

impl Neuron for Qif {
    fn definition() -> Definition {
        use Fallback::{Absent, Same, Value};
        let mut params = vec![
            ParamDef::new("tauMem", "ms", Value(10.0), "membrane time constant")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new("a0", "1", Value(1.0), "curvature of the upstroke").learnable(),
            ParamDef::new("vCritical", "", Value(0.8), "potential above which v grows without input")
                .learnable(),
            current::leak(),
            current::resistance(),
            ParamDef::new(
                "tauW",
                "ms",
                Absent,
                "time constant of w; only if given there is an adaptation current",
            )
            .range(Range::Positive)
            .learnable(),
            ParamDef::new("a", "1", Value(0.0), "coupling of w to v").learnable(),
            ParamDef::new("b", "", Value(0.0), "increment of w at a spike").learnable(),
            ParamDef::new("wInit", "", Value(0.0), "adaptation current at the start"),
        ];
        params.extend(cutoff::params("", 1.0, 0.0, Same("vLeak")));
        let mut options = vec![integration::method(&["simultaneous", "sequential", "rk4"])];
        options.extend(cutoff::options());
        params.push(integration::sub_steps());
        Definition {
            key: "qif",
            title: "quadratic integrate-and-fire",
            equation: "tauMem dv/dt = a0 (v - vLeak) (v - vCritical) - w + r x; tauW dw/dt = a (v - vLeak) - w",
            update: "v = v[t-1] + dt / tauMem (a0 (v[t-1] - vLeak) (v[t-1] - vCritical) - w[t-1] + r x[t]); w = \
                     w[t-1] + dt / tauW (a (v[t-1] - vLeak) - w[t-1]); s[t] = 1 if v >= vPeak else 0; v[t] = \
                     vReset if s[t] else v; w[t] = w + b s[t]",
            source: "G. B. Ermentrout, N. Kopell, SIAM J. Appl. Math. 46, 1986; P. E. Latham et al., J. \
                     Neurophysiol. 83, 2000",
            states: vec![
                cutoff::state(""),
                StateDef::new("w", "", "adaptation current; only with tauW")
                    .init("wInit")
                    .only_if(|s| s.param("tauW").is_some()),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            presets: vec![libraries::among(
                &options,
                libraries::spikingjelly(
                    &[("method", "sequential")],
                    &[("tauMem", Value(2.0)), ("vReset", Value(-0.1)), ("vInit", Same("vReset"))],
                    "QIFNode; with tauW 2, vLeak -0.1 and vReset 0 IzhikevichNode with its defaults, a normalized \
                     adaptive quadratic neuron, not the model of 2003. v starts at vReset; v_reset=None is reset \
                     \"subtract\" with vReset 0",
                ),
            )],
            options,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        for name in ["a", "b", "wInit"] {
            if s.param("tauW").is_none() && s.has_nonzero(name) {
                return Err(Error::invalid(
                    "tauW",
                    "nothing",
                    format!("a time constant, because {name} is given"),
                ));
            }
        }
        cutoff::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        // Learned time constants stay above 0.
        let bounded = |tau: L| tau.max(L::constant(s.dt * 1e-6));
        let ratio = length / bounded(p.get("tauMem"));
        let coefs = Named::default()
            .with("ratio", ratio)
            .with("curvature", p.get("a0") * ratio)
            .with("gain", p.get("r") * ratio)
            .with("vCritical", p.get("vCritical"))
            .with("vLeak", p.get("vLeak"));
        let coefs = match p.find("tauW") {
            Some(tau) => {
                let ratio = length / bounded(tau);
                coefs.with("ratioW", ratio).with("followW", ratio * p.get("a")).with("b", p.get("b"))
            }
            None => coefs,
        };
        cutoff::derive(s, p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let drive = ports[0] * c.get("gain");
        let above = |v: L| v - c.get("vLeak");
        let charge = |v: L| (above(v) * (v - c.get("vCritical"))).mul_add(c.get("curvature"), drive);
        let (v, refractory) = (states.get("v"), states.find("refractory"));
        match states.find("w") {
            None => {
                let spiked = cutoff::run(s, c, refractory, [v], |[v]| [charge(v)], |x, _| x);
                Stepped { states: spiked.states([]), spike: Some(spiked.spike) }
            }
            Some(w) => {
                let spiked = cutoff::run(
                    s,
                    c,
                    refractory,
                    [v, w],
                    |[v, w]| {
                        let slow = above(v) * c.get("followW") - w * c.get("ratioW");
                        [charge(v) - w * c.get("ratio"), slow]
                    },
                    |[v, w], spike| [v, spike.mul_add(c.get("b"), w)],
                );
                Stepped { states: spiked.states([]), spike: Some(spiked.spike) }
            }
        }
    }
}
