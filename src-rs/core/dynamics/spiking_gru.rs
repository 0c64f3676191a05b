//! Gated recurrent unit whose gates spike.

use super::definition::{Definition, Neuron, Stepped, Wiring};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use super::sgru::{FEEDBACK_PORTS, INPUT_PORTS};
use super::slstm::gate_state;
use lapicque_expr::Scalar;

pub struct SpikingGru;

impl Neuron for SpikingGru {
    fn definition() -> Definition {
        Definition {
            key: "spiking-gru",
            title: "gated recurrent unit with spiking gates",
            equation: "h = (1 - z) n + z h; r, z and n are 1 or 0",
            update: "n = H(n[t] + H(r[t]) m[t]); h[t] = (1 - H(z[t])) n + H(z[t]) h[t-1]; s[t] = h[t]; H(x) = 1 if x > 0 \
                     else 0; the input feeds r, z and n, the feedback r, z and m",
            source: "SpikingJelly 2.0.0 SpikingGRU; gates in the order of torch.nn.GRUCell",
            states: vec![gate_state("h", "hidden value, 0 or 1")],
            params: vec![membrane::grade()],
            options: membrane::options().into_iter().filter(|option| option.name == "compare").collect(),
            ports: vec!["r", "z", "n", "m"],
            ..Definition::spiking()
        }
    }

    fn wiring() -> Wiring {
        Wiring { input_ports: INPUT_PORTS, feedback_ports: FEEDBACK_PORTS, feedback_state: None }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        Named::default().with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fires = |x: L| x.spike(s.is("compare", ">"));
        let [r, z] = [fires(ports[0]), fires(ports[1])];
        let n = fires(r.mul_add(ports[3], ports[2]));
        let h = z.mul_add(states.get("h"), (L::one() - z) * n);
        Stepped { states: vec![h], spike: Some(h * c.get("gradedSpikes")) }
    }
}
