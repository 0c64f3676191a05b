//! Leaky integrator: a readout that does not spike.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, ParamDef, Stepped};
use super::libraries;
use super::lif::Lif;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Li;

/// The initial v.
pub fn initial() -> ParamDef {
    ParamDef::new("vInit", "", Fallback::Same("vLeak"), "potential at the start")
}

impl Neuron for Li {
    fn definition() -> Definition {
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([current::resistance(), current::leak(), initial()]);
        Definition {
            key: "li",
            title: "leaky integrator",
            equation: "tauMem dv/dt = (vLeak - v) + r x",
            update: "v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak",
            source: "J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II; NIR LI",
            states: vec![membrane::state()],
            params,
            alternatives: vec![&["beta", "tauMem"]],
            options: vec![method(), current::input_scale()],
            ports: vec!["current"],
            presets: Lif::definition().presets.into_iter().map(libraries::silent).collect(),
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        current::derive(s, p, beta).with("beta", beta)
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let v = states.get("v").mul_add(c.get("beta"), current::drive(c, ports[0]));
        Stepped { states: vec![v], spike: None }
    }
}
