//! Izhikevich's neuron of 2003.

use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Preset, Range, StateDef, Stepped};
use super::integration;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Izhikevich;

impl Neuron for Izhikevich {
    fn definition() -> Definition {
        use Fallback::{Computed, Value};
        let params = vec![
            ParamDef::new("a", "1/ms", Value(0.02), "rate at which u recovers").learnable(),
            ParamDef::new("b", "1/ms", Value(0.2), "coupling of u to v").learnable(),
            ParamDef::new("c", "mV", Value(-65.0), "v after a spike").learnable(),
            ParamDef::new("d", "mV/ms", Value(8.0), "increment of u at a spike").learnable(),
            ParamDef::new("k2", "1/(mV ms)", Value(0.04), "factor on v^2"),
            ParamDef::new("k1", "1/ms", Value(5.0), "factor on v"),
            ParamDef::new("k0", "mV/ms", Value(140.0), "constant part of dv/dt"),
            ParamDef::new("uLeak", "1", Value(1.0), "factor on u in du/dt").neutral(1.0),
            ParamDef::new("uOffset", "mV", Value(0.0), "added to v in du/dt").neutral(0.0),
            cutoff::peak("mV", 30.0),
            membrane::floor("mV"),
            ParamDef::new("vInit", "mV", Value(-65.0), "v at the start"),
            ParamDef::new("uInit", "mV/ms", Computed("b vInit"), "u at the start"),
            ParamDef::new("timeScale", "1", Value(1.0), "ms of the equations in a ms of the network")
                .range(Range::Positive),
            membrane::grade(),
            integration::sub_steps(),
        ];
        let options = vec![
            integration::method(&["half-steps", "sequential", "simultaneous", "rk4"]),
            cutoff::timing(),
            cutoff::compare(&[">=", ">"]),
            cutoff::detach(),
        ];
        Definition {
            key: "izhikevich",
            title: "Izhikevich's simple model",
            equation: "dv/dt = k2 v^2 + k1 v + k0 - u + x; du/dt = a (b (v + uOffset) - uLeak u)",
            update: "h = v[t-1] + dt/2 (k2 v[t-1]^2 + k1 v[t-1] + k0 - u[t-1] + x[t]); v = h + dt/2 (k2 h^2 + k1 h + \
                     k0 - u[t-1] + x[t]); u = u[t-1] + dt a (b v - u[t-1]); s[t] = 1 if v >= vPeak else 0; v[t] = c \
                     if s[t] else v; u[t] = u + d s[t]",
            source: "E. M. Izhikevich, Simple model of spiking neurons, IEEE Trans. Neural Networks 14, 2003; which \
                     model to use, 15, 2004. Its network of 2003 is half-steps with >= at dt 1 ms, its figure of \
                     2004 sequential with > at 0.1 to 0.5 ms",
            states: vec![cutoff::state("mV"), StateDef::new("u", "mV/ms", "recovery").init("uInit")],
            params,
            presets: vec![
                libraries::among(
                    &options,
                    libraries::norse(
                        &[("method", "simultaneous"), ("compare", ">")],
                        &[("timeScale", Value(0.25))],
                        "IzhikevichCell: sq is k2, mn k1, bias k0; tau_inv of 250 per second is timeScale 0.25",
                    ),
                ),
                Preset {
                    name: "nest",
                    options: vec![("method", "simultaneous")],
                    params: vec![],
                    surrogate: None,
                    note: "izhikevich with consistent_integration; without it, half-steps. V_min is vMin",
                },
            ],
            options,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn computed<L: Scalar>(_: &Settings, p: &Named<L>, _: &str) -> L {
        p.get("b") * p.get("vInit")
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = p.get("timeScale") * L::constant(integration::length(s));
        let rate = length * p.get("a");
        let follow = rate * p.get("b");
        let coefs = Named::default()
            .with("length", length)
            .with("k2", length * p.get("k2"))
            .with("k1", length * p.get("k1"))
            .with("k0", length * p.get("k0"))
            .with("follow", follow)
            .with("offset", follow * p.get("uOffset"))
            .with("recover", rate * p.get("uLeak"))
            .with("d", p.get("d"))
            .with("vPeak", p.get("vPeak"))
            .with("vReset", p.get("c"))
            .with("gradedSpikes", p.get("gradedSpikes"));
        membrane::derive_floor(p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let drive = ports[0].mul_add(c.get("length"), c.get("k0"));
        let increment = |[v, u]: [L; 2]| {
            let parabola = v.mul_add(c.get("k2"), c.get("k1")).mul_add(v, drive);
            let recovery = v.mul_add(c.get("follow"), c.get("offset")) - u * c.get("recover");
            [parabola - u * c.get("length"), recovery]
        };
        let jump = |[v, u]: [L; 2], spike: L| [v, spike.mul_add(c.get("d"), u)];
        let spiked = cutoff::run(s, c, None, [states.get("v"), states.get("u")], increment, jump);
        Stepped { states: spiked.states([]), spike: Some(spiked.spike) }
    }
}
