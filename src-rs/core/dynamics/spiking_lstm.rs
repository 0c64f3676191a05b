//! Long short-term memory whose gates spike: all values between its parts are 0 or 1.

use super::definition::{Definition, Neuron, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use super::slstm::gate_state;
use lapicque_expr::Scalar;

pub struct SpikingLstm;

impl Neuron for SpikingLstm {
    fn definition() -> Definition {
        Definition {
            key: "spiking-lstm",
            title: "long short-term memory with spiking gates",
            equation: "c = min(f c + i g, 1); s = o c; i, f, g and o are 1 or 0",
            update: "c[t] = min(H(f[t]) c[t-1] + H(i[t]) H(g[t]), 1); s[t] = H(o[t]) c[t]; H(x) = 1 if x > 0 \
                     else 0; for the gradient min(x, 1) is x",
            source: "A. Lotfi Rezaabad, S. Vishwanath, ICONS 2020; SpikingJelly 2.0.0 SpikingLSTM; gates in the order of \
                     torch.nn.LSTMCell",
            states: vec![gate_state("c", "cell, 0 or 1")],
            params: vec![membrane::grade()],
            options: membrane::options().into_iter().filter(|option| option.name == "compare").collect(),
            ports: vec!["i", "f", "g", "o"],
            ..Definition::spiking()
        }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        Named::default().with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let strict = s.is("compare", ">");
        let gate = |port: usize| ports[port].spike(strict);
        let sum = states.get("c").mul_add(gate(1), gate(0) * gate(2));
        // SpikingJelly's gradient ignores the clamp.
        let cell = sum - (sum - sum.min(L::one())).detach();
        Stepped { states: vec![cell], spike: Some(gate(3) * cell * c.get("gradedSpikes")) }
    }
}
