//! Current-based leaky integrate-and-fire: the input drives a synaptic current that drives v.

use super::current;
use super::decay::{MEMBRANE, SYNAPSE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, Preset, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct CubaLif;

impl Neuron for CubaLif {
    fn definition() -> Definition {
        let mut options = vec![method()];
        options.extend(current::options());
        options.extend(membrane::options());
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend(decay_params(SYNAPSE));
        params.extend([current::weight(), current::resistance(), current::leak()]);
        params.extend(membrane::params(Fallback::Same("vLeak")));
        Definition {
            key: "cuba-lif",
            title: "current-based leaky integrate-and-fire",
            equation: "tauSyn diSyn/dt = -iSyn + wIn x; tauMem dv/dt = (vLeak - v) + r iSyn",
            update: "iSyn[t] = alpha iSyn[t-1] + gainSyn x[t]; v[t] = beta v[t-1] + gain iSyn[t] + (1 - beta) \
                     vLeak - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0",
            source: "J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, appendix; NIR CubaLIF",
            states: vec![membrane::state(), current::state(), membrane::refractory_state()],
            params,
            alternatives: vec![&["beta", "tauMem"], &["alpha", "tauSyn"], membrane::REFRACTORY_ALTERNATIVES],
            options,
            presets: presets(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        SYNAPSE.check(s)?;
        current::check(s)?;
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        let charge = current::derive_synapse(s, p, current::derive(s, p, beta));
        membrane::derive(s, p, beta, charge)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (used, kept) = current::synapse(s, c, states.get("iSyn"), ports[0]);
        let fired = membrane::fire(s, c, states, current::drive(c, used));
        Stepped { states: fired.states([kept]), spike: Some(fired.spike) }
    }
}

/// Presets of the second-order models, with or without spikes.
pub fn presets() -> Vec<Preset> {
    use Fallback::{MembraneOver, Same, Value};
    vec![
        libraries::snntorch(
            &[("zeroKeepsInput", "false")],
            &[],
            "Synaptic, RSynaptic. reset_mechanism=\"zero\" zeroes v and keeps iSyn",
        ),
        Preset {
            surrogate: Some(("rect", &[("alpha", 1.0)])),
            ..libraries::spikingjelly(
                &[],
                &[
                    ("alpha", Value(0.5)),
                    ("beta", Value(0.75)),
                    ("vThreshold", Value(0.5)),
                    ("vInit", Same("vReset")),
                ],
                "CUBALIFNode: c_decay is alpha, v_decay beta",
            )
        },
        libraries::norse(
            &[("method", "euler"), ("inputScale", "dt-over-tau"), ("currentOrder", "add-use-decay")],
            &[("tauMem", Value(10.0)), ("tauSyn", Value(5.0))],
            "LIFCell, LIFRefracCell, LIFRecurrentCell and LIFRefracRecurrentCell (with detachReset true). \
             Norse up to 1.0 and LSNN use currentOrder \"use-decay-add\". A refractory period is a constant \
             for the gradient; Norse differentiates through its counter",
        ),
        libraries::nir(
            &[("method", "euler"), ("inputScale", "dt-over-tau"), ("synInputScale", "dt-over-tau")],
            &[],
            "CubaLIF. The current is updated before v, as Norse and SpikingJelly import it",
        ),
        libraries::nest(
            &[("currentOrder", "use-decay-add"), ("inputScale", "propagator")],
            &[("tauMem", Value(10.0)), ("tauSyn", Value(2.0)), ("r", MembraneOver(250.0))],
            "iaf_psc_exp: r is tau_m / C_m, with C_m of 250 pF if left out, an input is a jump of iSyn in pA and moves v a step later",
        ),
    ]
}
