//! Leaky integrate-and-fire with exponential synaptic currents of two kinds, integrated exactly.

use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration::{self as exact, Propagator};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct IafPscExp;

impl Neuron for IafPscExp {
    fn definition() -> Definition {
        let mut params = vec![
            ParamDef::new("tauMem", "ms", Fallback::Value(10.0), "membrane time constant")
                .range(Range::Positive),
            exact::synaptic_time("tauE", 2.0, "time constant of the excitatory current"),
            exact::synaptic_time("tauI", 2.0, "time constant of the inhibitory current"),
        ];
        params.extend(exact::params());
        let current = |name, meaning| StateDef::new(name, "pA", meaning);
        Definition {
            key: "iaf-psc-exp",
            title: "leaky integrate-and-fire with exponential currents",
            equation: "c dv/dt = -c (v - vLeak) / tauMem + iE + iI + iBias + x; tauE diE/dt = -iE; tauI diI/dt = \
                       -iI; a spike adds its weight to iE or takes it off iI",
            update: "v = left v[t-1] + (1 - left) vLeak + gainE iE[t-1] + gainI iI[t-1] + charge (iBias + x[t]), \
                     unless v rests; iE[t] = exp(-dt / tauE) iE[t-1] + excitatory[t]; iI[t] = exp(-dt / tauI) \
                     iI[t-1] - inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v",
            source: "NEST 3 iaf_psc_exp; S. Rotter, M. Diesmann, Biol. Cybern. 81, 1999. For large networks \
                     (simulate): it has more than one port",
            states: vec![
                exact::voltage(),
                current("iE", "excitatory synaptic current"),
                current("iI", "inhibitory synaptic current, 0 or below"),
                exact::refractory(),
            ],
            params,
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn signs() -> Signs {
        exact::CURRENTS
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let membrane = Propagator::new(s, p);
        let [excitation, inhibition] = [p.get("tauE"), p.get("tauI")];
        membrane
            .derive(s, p)
            .with("gainE", membrane.exponential(excitation))
            .with("gainI", membrane.exponential(inhibition))
            .with("leftE", exact::decay(s, excitation))
            .with("leftI", exact::decay(s, inhibition))
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (excitation, inhibition) = (states.get("iE"), states.get("iI"));
        let synaptic = excitation.mul_add(c.get("gainE"), inhibition * c.get("gainI"));
        let input = ports[2].mul_add(c.get("charge"), synaptic);
        let charged = states.get("v").mul_add(c.get("left"), c.get("drift")) + input;
        let (v, refractory, spike) = exact::fire(c, states, charged);
        let excitation = excitation.mul_add(c.get("leftE"), ports[0]);
        let inhibition = inhibition.mul_add(c.get("leftI"), -ports[1]);
        Stepped { states: vec![v, excitation, inhibition, refractory], spike: Some(spike) }
    }
}
