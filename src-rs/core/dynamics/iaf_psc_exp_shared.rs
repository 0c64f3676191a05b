//! Leaky integrate-and-fire with one exponential synaptic current, integrated exactly.

use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, StateDef, Stepped};
use super::exact_integration::{self as exact, Propagator};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct IafPscExpShared;

impl Neuron for IafPscExpShared {
    fn definition() -> Definition {
        let mut params = vec![
            ParamDef::new("tauMem", "ms", Fallback::Value(10.0), "membrane time constant")
                .range(Range::Positive),
            exact::synaptic_time("tauSyn", 2.0, "time constant of the synaptic current"),
        ];
        params.extend(exact::params());
        Definition {
            key: "iaf-psc-exp-shared",
            title: "leaky integrate-and-fire with one exponential current",
            equation: "c dv/dt = -c (v - vLeak) / tauMem + i + iBias + x; tauSyn di/dt = -i; a spike adds its weight, \
                       of either sign, to i",
            update: "v = left v[t-1] + (1 - left) vLeak + gain i[t-1] + charge (iBias + x[t]), unless v rests; i[t] = \
                     exp(-dt / tauSyn) i[t-1] + synaptic[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if \
                     s[t] else v",
            source: "NEST 3 iaf_psc_exp with tau_syn_ex = tau_syn_in, whose two currents are then one; S. Rotter, M. \
                     Diesmann, Biol. Cybern. 81, 1999. For large networks (simulate): it has more than one port",
            states: vec![exact::voltage(), StateDef::new("i", "pA", "synaptic current"), exact::refractory()],
            params,
            ports: vec!["synaptic", "current"],
            ..Definition::spiking()
        }
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let (membrane, tau) = (Propagator::new(s, p), p.get("tauSyn"));
        membrane.derive(s, p).with("gain", membrane.exponential(tau)).with("leftSyn", exact::decay(s, tau))
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let synaptic = states.get("i");
        let input = ports[1].mul_add(c.get("charge"), synaptic * c.get("gain"));
        let charged = states.get("v").mul_add(c.get("left"), c.get("drift")) + input;
        let (v, refractory, spike) = exact::fire(c, states, charged);
        let synaptic = synaptic.mul_add(c.get("leftSyn"), ports[0]);
        Stepped { states: vec![v, synaptic, refractory], spike: Some(spike) }
    }
}
