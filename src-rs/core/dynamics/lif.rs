//! Leaky integrate-and-fire.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, Preset, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Lif;

impl Neuron for Lif {
    fn definition() -> Definition {
        let mut options = vec![method(), current::input_scale()];
        options.extend(membrane::options());
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([current::resistance(), current::leak(), membrane::floor("")]);
        params.extend(membrane::params(Fallback::Same("vLeak")));
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
            presets: presets(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        membrane::derive_floor(p, membrane::derive(s, p, beta, current::derive(s, p, beta)))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fired = membrane::fire(s, c, states, current::drive(c, ports[0]));
        Stepped { states: fired.states([]), spike: Some(fired.spike) }
    }
}

fn presets() -> Vec<Preset> {
    use Fallback::{Same, Value};
    const EULER: [(&str, &str); 2] = [("method", "euler"), ("inputScale", "dt-over-tau")];
    vec![
        libraries::snntorch(
            &[],
            &[],
            "Leaky. reset_delay=False is resetTiming \"snntorch-no-delay\". RLeaky with \
             reset_mechanism=\"zero\" drops the input of the step: zeroKeepsInput false. \
             StateLeaky, which decays by exp(-(1 - beta)), is tauMem 1 / (1 - beta) with reset none",
        ),
        libraries::spikingjelly(
            &EULER,
            &[("tauMem", Value(2.0)), ("vLeak", Same("vReset"))],
            "LIFNode. decay_input=False is inputScale \"weight\", v_reset=None is reset \"subtract\"; v \
             decays towards vReset",
        ),
        libraries::norse(&EULER, &[("tauMem", Value(10.0))], "LIFBoxCell"),
        libraries::nir(&EULER, &[], "LIF"),
        libraries::nest(
            &[],
            &[("tauMem", Value(10.0))],
            "iaf_psc_delta: an input is a jump of v in mV; V_min is vMin",
        ),
    ]
}
