//! Exponential integrate-and-fire.

use super::current;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Stepped};
use super::integration;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Eif;

/// The exponent is limited to this value, so that the upstroke stays finite until it is cut off.
const STEEPEST: f64 = 50.0;

impl Neuron for Eif {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let mut params = vec![
            ParamDef::new("tauMem", "ms", Value(10.0), "membrane time constant")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new("deltaT", "", Value(0.2), "slope factor: how sharp the upstroke is")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new("vT", "", Value(0.8), "potential at which the upstroke sets in").learnable(),
            current::leak(),
            current::resistance(),
        ];
        params.extend(cutoff::params("", 1.0, 0.0, Same("vLeak")));
        params.push(integration::sub_steps());
        let mut options = vec![integration::method(&["euler", "rk4"])];
        options.extend(cutoff::options());
        Definition {
            key: "eif",
            title: "exponential integrate-and-fire",
            equation: "tauMem dv/dt = vLeak - v + deltaT exp((v - vT) / deltaT) + r x",
            update: "v = v[t-1] + dt / tauMem (vLeak - v[t-1] + deltaT exp((v[t-1] - vT) / deltaT) + r x[t]), the \
                     exponent at most 50; s[t] = 1 if v >= vPeak else 0; v[t] = vReset if s[t] else v",
            source: "N. Fourcaud-Trocmé, D. Hansel, C. van Vreeswijk, N. Brunel, J. Neurosci. 23, 2003",
            states: vec![cutoff::state(""), membrane::refractory_state()],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            presets: vec![libraries::among(
                &options,
                libraries::spikingjelly(
                    &[],
                    &[
                        ("tauMem", Value(2.0)),
                        ("deltaT", Value(1.0)),
                        ("vReset", Value(-0.1)),
                        ("vInit", Same("vReset")),
                    ],
                    "EIFNode, theta_rh is vT. v starts at vReset; v_reset=None is reset \"subtract\" with vReset 0",
                ),
            )],
            options,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        // Learned slope factors and time constants stay away from 0.
        let bounded = |name: &str, least: f64| p.get(name).max(L::constant(least));
        let ratio = L::constant(integration::length(s)) / bounded("tauMem", s.dt * 1e-6);
        let slope = bounded("deltaT", 1e-6);
        let coefs = Named::default()
            .with("ratio", ratio)
            .with("gain", p.get("r") * ratio)
            .with("upstroke", slope * ratio)
            .with("perDeltaT", L::one() / slope)
            .with("vT", p.get("vT"))
            .with("vLeak", p.get("vLeak"));
        cutoff::derive(s, p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let drive = ports[0] * c.get("gain");
        let increment = |[v]: [L; 1]| {
            let exponent = ((v - c.get("vT")) * c.get("perDeltaT")).min(L::constant(STEEPEST));
            let leak = (c.get("vLeak") - v).mul_add(c.get("ratio"), drive);
            [exponent.exp().mul_add(c.get("upstroke"), leak)]
        };
        let spiked = cutoff::run(s, c, states.find("refractory"), [states.get("v")], increment, |x, _| x);
        Stepped { states: spiked.states([]), spike: Some(spiked.spike) }
    }
}
