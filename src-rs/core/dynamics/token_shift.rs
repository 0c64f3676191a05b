//! Token shift: each channel mixes the current input with that of the previous step.

use super::definition::{Definition, Fallback, Neuron, ParamDef, StateDef, Stepped};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct TokenShift;

impl Neuron for TokenShift {
    fn definition() -> Definition {
        let state = |name, meaning| StateDef::new(name, "", meaning);
        Definition {
            key: "token-shift",
            title: "token shift",
            equation: "out[t] = mix x[t] + (1 - mix) x[t-1]",
            update: "out[t] = mix x[t] + (1 - mix) last[t-1]; last[t] = x[t]",
            source: "B. Peng et al., RWKV: reinventing RNNs for the transformer era, EMNLP Findings 2023",
            states: vec![state("out", "the output"), state("last", "the input of the step before")],
            params: vec![
                ParamDef::new("mix", "1", Fallback::Value(0.5), "weight of the current input").learnable(),
            ],
            ports: vec!["current"],
            learned: &["mix"],
            ..Definition::default()
        }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        Named::default().with("mix", p.get("mix"))
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let last = states.get("last");
        let out = (ports[0] - last).mul_add(c.get("mix"), last);
        Stepped { states: vec![out, ports[0]], spike: None }
    }
}
