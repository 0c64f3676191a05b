//! Leaky integrate-and-fire.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, Preset, StateDef, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use crate::error::Result;
use crate::expr::Lane;

pub struct Lif;

impl Neuron for Lif {
    fn definition() -> Definition {
        let mut options = vec![method(), current::input_scale()];
        options.extend(membrane::options());
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([current::resistance(), current::leak()]);
        params.extend(membrane::params());
        for param in params.iter_mut().filter(|param| param.name == "vInit") {
            param.fallback = Fallback::Same("vLeak");
        }
        Definition {
            key: "lif",
            title: "leaky integrate-and-fire",
            equation: "tauMem dv/dt = (vLeak - v) + r x",
            update: "v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak - s[t-1] vThreshold; \
                     s[t] = 1 if v[t] > vThreshold else 0",
            source: "L. Lapicque 1907; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II",
            states: vec![membrane::state(), membrane::refractory_state()],
            params,
            alternatives: vec![&["beta", "tauMem"], membrane::REFRACTORY_ALTERNATIVES],
            options,
            ports: vec!["current"],
            spiking: true,
            learned: &[],
            presets: presets(),
        }
    }

    fn states(s: &Settings) -> Vec<StateDef> {
        membrane::states(s, Self::definition().states)
    }

    fn check(s: &Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        membrane::check(s)
    }

    fn derive<L: Lane>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        membrane::derive(s, p, beta, current::derive(s, p, beta))
    }

    fn step<L: Lane>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fired = membrane::fire(s, c, states, current::drive(c, ports[0]));
        Stepped { states: fired.states([]), spike: Some(fired.spike) }
    }
}

fn presets() -> Vec<Preset> {
    vec![
        Preset {
            name: "snntorch",
            options: vec![],
            params: vec![],
            surrogate: Some(("atan", &[("alpha", 2.0)])),
            note: "Leaky. reset_delay=False is resetTiming \"snntorch-no-delay\". RLeaky with \
                   reset_mechanism \"zero\" drops the input of the step: zeroKeepsInput false",
        },
        Preset {
            name: "spikingjelly",
            options: vec![
                ("method", "euler"),
                ("inputScale", "dt-over-tau"),
                ("reset", "value"),
                ("resetTiming", "same-step"),
                ("compare", ">="),
                ("detachReset", "false"),
            ],
            params: vec![("tauMem", Fallback::Value(2.0)), ("vLeak", Fallback::Same("vReset"))],
            surrogate: Some(("sigmoid", &[("slope", 4.0)])),
            note: "LIFNode. decay_input=False is inputScale \"weight\", v_reset=None is reset \
                   \"subtract\"; v decays towards vReset",
        },
        Preset {
            name: "norse",
            options: vec![
                ("method", "euler"),
                ("inputScale", "dt-over-tau"),
                ("reset", "value"),
                ("resetTiming", "same-step"),
                ("detachReset", "false"),
            ],
            params: vec![("tauMem", Fallback::Value(10.0))],
            surrogate: Some(("fast-sigmoid", &[("slope", 1.0)])),
            note: "LIFBoxCell. Norse 1.1 ignores the alpha of its default surrogate and uses 1",
        },
        Preset {
            name: "nir",
            options: vec![
                ("method", "euler"),
                ("inputScale", "dt-over-tau"),
                ("reset", "value"),
                ("resetTiming", "same-step"),
            ],
            params: vec![],
            surrogate: None,
            note: "NIR states equations in continuous time and no discretisation; this is the one on \
                   which most of its importers agree",
        },
        Preset {
            name: "nest",
            options: vec![("reset", "value"), ("resetTiming", "same-step"), ("compare", ">=")],
            params: vec![
                ("tauMem", Fallback::Value(10.0)),
                ("vLeak", Fallback::Value(-70.0)),
                ("vReset", Fallback::Value(-70.0)),
                ("vThreshold", Fallback::Value(-55.0)),
                ("refractorySteps", Fallback::Absent),
                ("tauRef", Fallback::Value(2.0)),
            ],
            surrogate: None,
            note: "iaf_psc_delta: an input is a jump of v in mV",
        },
    ]
}
