//! A gate: the input, multiplied by the logistic function of a second input.

use super::definition::{Definition, Neuron, StateDef, Stepped};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct SigmoidGate;

impl Neuron for SigmoidGate {
    fn definition() -> Definition {
        Definition {
            key: "sigmoid-gate",
            title: "sigmoid gate",
            equation: "out = value / (1 + exp(-gate))",
            update: "out[t] = value[t] / (1 + exp(-gate[t])); nothing is carried from step to step",
            source: "Y. N. Dauphin et al., Language modeling with gated convolutional networks, ICML 2017; the \
                     receptance of RWKV and SpikeGPT",
            states: vec![StateDef::new("out", "", "the output")],
            ports: vec!["gate", "value"],
            ..Definition::default()
        }
    }

    fn derive<L: Scalar>(_: &Settings, _: &Named<L>) -> Named<L> {
        Named::default()
    }

    fn step<L: Scalar>(_: &Settings, _: &Named<L>, _: &Named<L>, ports: &[L]) -> Stepped<L> {
        Stepped { states: vec![ports[0].sigmoid() * ports[1]], spike: None }
    }
}
