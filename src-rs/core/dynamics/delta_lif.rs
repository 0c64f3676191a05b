//! A leaky membrane that spikes when it changes.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, ParamDef, Stepped};
use super::li;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct DeltaLif;

impl Neuron for DeltaLif {
    fn definition() -> Definition {
        let mut options = vec![method(), current::input_scale()];
        options.extend(membrane::options().into_iter().filter(|option| option.name == "compare"));
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([
            current::resistance(),
            current::leak(),
            ParamDef::new(
                "vThreshold",
                "",
                Fallback::Value(1.0),
                "change of v in one step at which a spike is emitted",
            )
            .learnable(),
            li::initial(),
            membrane::grade(),
        ]);
        let note = "DeltaLeaky: delta_threshold is vThreshold";
        let presets = vec![libraries::among(&options, libraries::snntorch(&[], &[], note))];
        Definition {
            key: "delta-lif",
            title: "leaky integrator that spikes at changes",
            equation: "tauMem dv/dt = (vLeak - v) + r x",
            update: "v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak; s[t] = 1 if |v[t] - v[t-1]| > vThreshold \
                     else 0",
            source: "snnTorch 1.0.0 DeltaLeaky",
            states: vec![membrane::state()],
            params,
            alternatives: vec![&["beta", "tauMem"]],
            options,
            presets,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        current::derive(s, p, beta)
            .with("beta", beta)
            .with("vThreshold", p.get("vThreshold"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let old = states.get("v");
        let v = old.mul_add(c.get("beta"), current::drive(c, ports[0]));
        let spike = ((v - old).abs() - c.get("vThreshold")).spike(s.is("compare", ">"));
        Stepped { states: vec![v], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
