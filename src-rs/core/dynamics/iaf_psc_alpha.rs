//! Leaky integrate-and-fire with alpha-shaped synaptic currents of two kinds, integrated exactly.

use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration::{self as exact, Propagator};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct IafPscAlpha;

impl Neuron for IafPscAlpha {
    fn definition() -> Definition {
        let mut params = vec![
            ParamDef::new("tauMem", "ms", Fallback::Value(10.0), "membrane time constant")
                .range(Range::Positive),
            exact::synaptic_time("tauE", 2.0, "time to the peak of an excitatory current"),
            exact::synaptic_time("tauI", 2.0, "time to the peak of an inhibitory current"),
        ];
        params.extend(exact::params());
        params.push(membrane::floor("mV"));
        let state = |name, unit, meaning| StateDef::new(name, unit, meaning);
        Definition {
            key: "iaf-psc-alpha",
            title: "leaky integrate-and-fire with alpha-shaped currents",
            equation: "c dv/dt = -c (v - vLeak) / tauMem + iE + iI + iBias + x; a spike of weight w, s ms ago, is a \
                       current w (e / tau) s exp(-s / tau), which peaks at w after tau",
            update: "v = left v[t-1] + (1 - left) vLeak + riseE dE[t-1] + gainE iE[t-1] + riseI dI[t-1] + gainI \
                     iI[t-1] + charge (iBias + x[t]), unless v rests; iE[t] = exp(-dt / tauE) (iE[t-1] + dt \
                     dE[t-1]); dE[t] = exp(-dt / tauE) dE[t-1] + (e / tauE) excitatory[t]; the same for iI and dI \
                     with -inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v",
            source: "NEST 3 iaf_psc_alpha; S. Rotter, M. Diesmann, Biol. Cybern. 81, 1999. For large networks \
                     (simulate): it has more than one port",
            states: vec![
                exact::voltage(),
                state("iE", "pA", "excitatory synaptic current"),
                state("iI", "pA", "inhibitory synaptic current, 0 or below"),
                state("dE", "pA/ms", "rise of the excitatory current"),
                state("dI", "pA/ms", "rise of the inhibitory current"),
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
        let propagator = Propagator::new(s, p);
        let [excitation, inhibition] = [p.get("tauE"), p.get("tauI")];
        let jump = |tau: L| L::constant(std::f64::consts::E) / tau;
        let coefs = propagator
            .derive(s, p)
            .with("gainE", propagator.exponential(excitation))
            .with("gainI", propagator.exponential(inhibition))
            .with("riseE", propagator.rising(excitation))
            .with("riseI", propagator.rising(inhibition))
            .with("leftE", exact::decay(s, excitation))
            .with("leftI", exact::decay(s, inhibition))
            .with("jumpE", jump(excitation))
            .with("jumpI", jump(inhibition))
            .with("dt", p.get("dt"));
        membrane::derive_floor(p, coefs)
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (excitation, inhibition) = (states.get("iE"), states.get("iI"));
        let (rise_e, rise_i) = (states.get("dE"), states.get("dI"));
        let synaptic = excitation.mul_add(c.get("gainE"), inhibition * c.get("gainI"));
        let synaptic = rise_e.mul_add(c.get("riseE"), rise_i.mul_add(c.get("riseI"), synaptic));
        let input = ports[2].mul_add(c.get("charge"), synaptic);
        let charged = membrane::floored(c, states.get("v").mul_add(c.get("left"), c.get("drift")) + input);
        let (v, refractory, spike) = exact::fire(c, states, charged);
        let current = |i: L, rise: L, left: &'static str| rise.mul_add(c.get("dt"), i) * c.get(left);
        let states = vec![
            v,
            current(excitation, rise_e, "leftE"),
            current(inhibition, rise_i, "leftI"),
            rise_e.mul_add(c.get("leftE"), ports[0] * c.get("jumpE")),
            rise_i.mul_add(c.get("leftI"), -(ports[1] * c.get("jumpI"))),
            refractory,
        ];
        Stepped { states, spike: Some(spike) }
    }
}
