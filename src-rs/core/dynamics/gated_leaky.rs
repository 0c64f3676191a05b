//! A leaky membrane whose leak is computed at every step: a linear recurrence with a gate.

use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use super::slstm::gate_state;
use lapicque_expr::Scalar;

pub struct GatedLeaky;

impl Neuron for GatedLeaky {
    fn definition() -> Definition {
        Definition {
            key: "gated-leaky",
            title: "leaky membrane with a gate for its leak",
            equation: "v = sigmoid(gate) v + x",
            update: "v[t] = sigmoid(gate[t]) v[t-1] + x[t]; s[t] = 1 if v[t] > vThreshold else 0; the membrane is not reset",
            source: "snnTorch 1.0.0 AssociativeLeaky, one element of its matrix",
            states: vec![gate_state("v", "membrane")],
            params: vec![
                ParamDef::new("vThreshold", "", Fallback::Value(1.0), "membrane at which a spike is emitted")
                    .learnable(),
                membrane::grade(),
            ],
            options: membrane::options()
                .into_iter()
                .filter(|option: &OptionDef| option.name == "compare")
                .collect(),
            ports: vec!["current", "gate"],
            ..Definition::spiking()
        }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        ["vThreshold", "gradedSpikes"].map(|name| (name, p.get(name))).into_iter().collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let v = states.get("v").mul_add(ports[1].sigmoid(), ports[0]);
        let spike = (v - c.get("vThreshold")).spike(s.is("compare", ">"));
        Stepped { states: vec![v], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
