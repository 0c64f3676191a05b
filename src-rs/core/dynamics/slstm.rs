//! Spiking long short-term memory with real gates: the hidden value is a membrane with a threshold.

use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, StateDef, Stepped, Wiring};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct Slstm;

/// The effect of a spike of the previous step on the hidden value.
pub fn reset() -> OptionDef {
    OptionDef {
        name: "reset",
        values: &["none", "subtract", "value"],
        meaning: "the effect of a spike of the previous step on v: none, subtract vThreshold, or set it to 0",
    }
}

pub fn options() -> Vec<OptionDef> {
    let shared =
        membrane::options().into_iter().filter(|option| ["compare", "detachReset"].contains(&option.name));
    std::iter::once(reset()).chain(shared).collect()
}

/// The hidden value `v` after the reset by the spike of the previous step, and whether it spikes.
pub fn fire<L: Scalar>(s: &Settings, c: &Named<L>, old: L, v: L) -> (L, L) {
    let strict = s.is("compare", ">");
    let crosses = |v: L| (v - c.get("vThreshold")).spike(strict);
    let reset_spike = |spike: L| if s.flag("detachReset") { spike.detach() } else { spike };
    let v = match s.option("reset") {
        "subtract" => v - reset_spike(crosses(old)) * c.get("vThreshold"),
        "value" => v - reset_spike(crosses(old)) * v,
        _ => v,
    };
    (v, crosses(v))
}

/// Initial states are 0, as in torch.
pub fn gate_state(name: &'static str, meaning: &'static str) -> StateDef {
    StateDef::new(name, "", meaning)
}

pub fn params() -> Vec<ParamDef> {
    vec![
        ParamDef::new("vThreshold", "", Fallback::Value(1.0), "hidden value at which a spike is emitted")
            .learnable(),
        membrane::grade(),
    ]
}

impl Neuron for Slstm {
    fn definition() -> Definition {
        let options = options();
        let note = "SLSTM; its state is kept where 1.0.0 forgets it (input_size other than hidden_size)";
        Definition {
            key: "slstm",
            title: "spiking long short-term memory, real gates",
            equation: "c = sigmoid(f) c + sigmoid(i) tanh(g); v = sigmoid(o) tanh(c)",
            update: "c[t] = sigmoid(f[t]) c[t-1] + sigmoid(i[t]) tanh(g[t]); v[t] = sigmoid(o[t]) tanh(c[t]); s[t] = \
                     1 if v[t] > vThreshold else 0; if recurrent, v[t-1] is fed back to the ports, not s[t-1]",
            source: "S. Hochreiter, J. Schmidhuber, Neural Comput. 9, 1997; snnTorch 1.0.0 SLSTM; gates in the order of \
                     torch.nn.LSTMCell",
            states: vec![gate_state("v", "hidden value, the membrane"), gate_state("c", "cell")],
            params: params(),
            presets: vec![libraries::among(&options, libraries::snntorch(&[("reset", "none")], &[], note))],
            options,
            ports: vec!["i", "f", "g", "o"],
            ..Definition::spiking()
        }
    }

    fn wiring() -> Wiring {
        Wiring { feedback_state: Some("v"), ..Wiring::default() }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        ["vThreshold", "gradedSpikes"].map(|name| (name, p.get(name))).into_iter().collect()
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let [i, f, g, o] = [ports[0].sigmoid(), ports[1].sigmoid(), ports[2].tanh(), ports[3].sigmoid()];
        let cell = states.get("c").mul_add(f, i * g);
        let (v, spike) = fire(s, c, states.get("v"), o * cell.tanh());
        Stepped { states: vec![v, cell], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
