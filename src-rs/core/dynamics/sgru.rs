//! Gated recurrent unit with real gates: the hidden value is a membrane with a threshold.

use super::definition::{Definition, Neuron, Stepped, Wiring};
use super::names::Named;
use super::settings::Settings;
use super::slstm::{fire, gate_state, options, params};
use lapicque_expr::Scalar;

pub struct Sgru;

/// The input feeds the gates and the candidate; the feedback has a separate port at the candidate, since it is multiplied by a
/// gate first.
pub const INPUT_PORTS: &[&str] = &["r", "z", "n"];
pub const FEEDBACK_PORTS: &[&str] = &["r", "z", "m"];

impl Neuron for Sgru {
    fn definition() -> Definition {
        Definition {
            key: "sgru",
            title: "spiking gated recurrent unit, real gates",
            equation: "n = tanh(n + sigmoid(r) m); v = (1 - sigmoid(z)) n + sigmoid(z) v",
            update: "n = tanh(n[t] + sigmoid(r[t]) m[t]); v[t] = (1 - sigmoid(z[t])) n + sigmoid(z[t]) v[t-1]; s[t] = 1 if \
                     v[t] > vThreshold else 0; the input feeds r, z and n; if recurrent, v[t-1] feeds r, z and m",
            source: "K. Cho et al., EMNLP 2014; gates in the order of torch.nn.GRUCell",
            states: vec![gate_state("v", "hidden value, the membrane")],
            params: params(),
            options: options(),
            ports: vec!["r", "z", "n", "m"],
            ..Definition::spiking()
        }
    }

    fn wiring() -> Wiring {
        Wiring { input_ports: INPUT_PORTS, feedback_ports: FEEDBACK_PORTS, feedback_state: Some("v") }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        ["vThreshold", "gradedSpikes"].map(|name| (name, p.get(name))).into_iter().collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let [r, z] = [ports[0].sigmoid(), ports[1].sigmoid()];
        let n = r.mul_add(ports[3], ports[2]).tanh();
        let old = states.get("v");
        let (v, spike) = fire(s, c, old, z.mul_add(old - n, n));
        Stepped { states: vec![v], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
