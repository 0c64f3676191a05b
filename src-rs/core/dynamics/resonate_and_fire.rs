//! Resonate-and-fire: a damped oscillator that spikes at the crest.

use super::current;
use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Range, StateDef, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct ResonateAndFire;

impl Neuron for ResonateAndFire {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let shared = ["compare", "detachReset"];
        let mut options = vec![
            OptionDef {
                name: "inputScale",
                values: &["weight", "dt"],
                meaning: "coefficient on the input: r alone, or r dt",
            },
            OptionDef {
                name: "reset",
                values: &["value", "none"],
                meaning: "the effect of a spike: set v to vReset and u to 0, or none",
            },
        ];
        options.extend(membrane::options().into_iter().filter(|option| shared.contains(&option.name)));
        let params = vec![
            ParamDef::new("tauMem", "ms", Value(10.0), "time constant of the oscillation's decay")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new("frequency", "Hz", Value(50.0), "frequency of the oscillation").learnable(),
            current::resistance(),
            membrane::threshold(),
            ParamDef::new("vReset", "", Same("vThreshold"), "v after a reset"),
            ParamDef::new("vInit", "", Value(0.0), "v at the start"),
            membrane::grade(),
        ];
        Definition {
            key: "resonate-and-fire",
            title: "resonate-and-fire",
            equation: "dz/dt = (-1 / tauMem + i omega) z + r x, omega = 2 pi frequency; z = u + i v",
            update: "u = lambda (cos(omega dt) u[t-1] - sin(omega dt) v[t-1]) + gain x[t]; v = lambda (sin(omega dt) \
                     u[t-1] + cos(omega dt) v[t-1]), lambda = exp(-dt / tauMem); s[t] = 1 if v > vThreshold else 0; \
                     v[t] = vReset if s[t] else v; u[t] = 0 if s[t] else u",
            source: "E. M. Izhikevich, Resonate-and-fire neurons, Neural Networks 14, 2001",
            states: vec![
                membrane::state(),
                StateDef::new("u", "", "current-like variable, which the input drives"),
            ],
            params,
            options,
            ..Definition::spiking()
        }
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let tau = p.get("tauMem").max(L::constant(s.dt * 1e-6));
        let left = (-(L::constant(s.dt) / tau)).exp();
        // Converts Hz to radians per step.
        let angle = p.get("frequency") * L::constant(std::f64::consts::TAU * s.dt * 1e-3);
        let scale = if s.is("inputScale", "dt") { L::constant(s.dt) } else { L::one() };
        Named::default()
            .with("cosine", left * angle.cos())
            .with("sine", left * angle.sin())
            .with("gain", p.get("r") * scale)
            .with("vThreshold", p.get("vThreshold"))
            .with("vReset", p.get("vReset"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (v, u) = (states.get("v"), states.get("u"));
        let (cosine, sine) = (c.get("cosine"), c.get("sine"));
        let rotated_u = u * cosine - v * sine + ports[0] * c.get("gain");
        let rotated_v = u * sine + v * cosine;
        let spike = (rotated_v - c.get("vThreshold")).spike(s.is("compare", ">"));
        let reset_spike = if s.flag("detachReset") { spike.detach() } else { spike };
        let (v, u) = match s.option("reset") {
            "value" => {
                (reset_spike.select(c.get("vReset"), rotated_v), reset_spike.select(L::zero(), rotated_u))
            }
            _ => (rotated_v, rotated_u),
        };
        Stepped { states: vec![v, u], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
