//! Two coupled compartments: a dendrite that receives the input, and a soma that spikes.

use super::definition::{Definition, Fallback, Neuron, ParamDef, StateDef, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct TcLif;

impl Neuron for TcLif {
    fn definition() -> Definition {
        let coupling = |name, meaning| ParamDef::new(name, "1", Fallback::Value(0.0), meaning).learnable();
        let kept = ["compare", "detachReset"];
        Definition {
            key: "tc-lif",
            title: "two-compartment leaky integrate-and-fire",
            equation: "d' = d - sigmoid(c1) v + x; v' = v + sigmoid(c2) d'",
            update: "d = vDendrite[t-1] - sigmoid(c1) v[t-1] + x[t]; u = v[t-1] + sigmoid(c2) d; s[t] = 1 if u > vThreshold \
                     else 0; vDendrite[t] = d - gamma s[t]; v[t] = u - vThreshold s[t]",
            source: "S. Zhang et al., TC-LIF: a two-compartment spiking neuron model for long-term sequential modelling, \
                     AAAI 2024, as in the authors' code: detachReset false and compare \">=\" there",
            states: vec![
                StateDef::new("v", "", "potential of the soma"),
                StateDef::new("vDendrite", "", "potential of the dendrite"),
            ],
            params: vec![
                coupling("c1", "how the soma discharges the dendrite, by sigmoid(c1)"),
                coupling("c2", "how the dendrite charges the soma, by sigmoid(c2)"),
                ParamDef::new("gamma", "", Fallback::Value(0.5), "reduction of the dendrite by a spike"),
                membrane::threshold(),
                membrane::grade(),
            ],
            options: membrane::options().into_iter().filter(|option| kept.contains(&option.name)).collect(),
            ..Definition::spiking()
        }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        Named::default()
            .with("fromSoma", p.get("c1").sigmoid())
            .with("fromDendrite", p.get("c2").sigmoid())
            .with("gamma", p.get("gamma"))
            .with("vThreshold", p.get("vThreshold"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (soma, threshold) = (states.get("v"), c.get("vThreshold"));
        let dendrite = states.get("vDendrite") - soma * c.get("fromSoma") + ports[0];
        let charged = dendrite.mul_add(c.get("fromDendrite"), soma);
        let fires = (charged - threshold).spike(s.is("compare", ">"));
        let reset_spike = if s.flag("detachReset") { fires.detach() } else { fires };
        Stepped {
            states: vec![charged - reset_spike * threshold, dendrite - reset_spike * c.get("gamma")],
            spike: Some(fires * c.get("gradedSpikes")),
        }
    }
}
