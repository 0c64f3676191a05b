//! Leaky integrator behind a synaptic current: a readout that does not spike.

use super::cuba_lif;
use super::current;
use super::decay::{MEMBRANE, SYNAPSE, method, params as decay_params};
use super::definition::{Definition, Neuron, Stepped};
use super::li::initial;
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct CubaLi;

impl Neuron for CubaLi {
    fn definition() -> Definition {
        let mut options = vec![method()];
        options.extend(current::options());
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend(decay_params(SYNAPSE));
        params.extend([current::weight(), current::resistance(), current::leak(), initial()]);
        Definition {
            key: "cuba-li",
            title: "current-based leaky integrator",
            equation: "tauSyn diSyn/dt = -iSyn + wIn x; tauMem dv/dt = (vLeak - v) + r iSyn",
            update: "iSyn[t] = alpha iSyn[t-1] + gainSyn x[t]; v[t] = beta v[t-1] + gain iSyn[t] + (1 - beta) \
                     vLeak",
            source: "NIR CubaLI",
            states: vec![membrane::state(), current::state()],
            params,
            alternatives: vec![&["beta", "tauMem"], &["alpha", "tauSyn"]],
            options,
            ports: vec!["current"],
            presets: cuba_lif::presets().into_iter().map(libraries::silent).collect(),
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        SYNAPSE.check(s)?;
        current::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        current::derive_synapse(s, p, current::derive(s, p, beta)).with("beta", beta)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (used, kept) = current::synapse(s, c, states.get("iSyn"), ports[0]);
        let v = states.get("v").mul_add(c.get("beta"), current::drive(c, used));
        Stepped { states: vec![v, kept], spike: None }
    }
}
