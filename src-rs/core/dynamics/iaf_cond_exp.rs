//! Leaky integrate-and-fire with exponential conductances of two kinds.

use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct IafCondExp;

impl Neuron for IafCondExp {
    fn definition() -> Definition {
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Fallback::Value(value), meaning);
        let mut params = vec![
            ParamDef::new("gL", "nS", Fallback::Value(10.0), "leak conductance").range(Range::Positive),
            potential("vE", 0.0, "reversal potential of excitation"),
            potential("vI", -80.0, "reversal potential of inhibition"),
            exact::synaptic_time("tauE", 5.0, "time constant of the excitatory conductance"),
            exact::synaptic_time("tauI", 10.0, "time constant of the inhibitory conductance"),
        ];
        params.extend(exact::params());
        let conductance = |name, meaning| StateDef::new(name, "nS", meaning);
        Definition {
            key: "iaf-cond-exp",
            title: "leaky integrate-and-fire with exponential conductances",
            equation: "c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) + iBias + x; tauE dgE/dt = -gE; tauI \
                       dgI/dt = -gI; a spike adds its weight to gE or gI",
            update: "mean conductances of the step: mE = gE[t-1] (1 - qE) tauE / dt, qE = exp(-dt / tauE), mI and qI likewise; g = \
                     gL + mE + mI, d = gL vLeak + iBias + x[t], e = (d + mE vE + mI vI + k) / g; v = e + (v[t-1] - e) \
                     exp(-g dt / c), unless v rests; gE[t] = qE gE[t-1] + excitatory[t]; gI[t] = qI gI[t-1] + \
                     inhibitory[t]; s[t] = 1 if v >= vThreshold else 0; v[t] = vReset if s[t] else v; k is Magnus's second \
                     term, with which v is of fourth order: -2 c dt k = gE[t-1] kE (d - gL vE) + gI[t-1] kI (d - gL vI) + \
                     gE[t-1] gI[t-1] kEI (vI - vE), kE = tauE (2 tauE (1 - qE) - dt (1 + qE)), kI likewise, kEI = tauE \
                     tauI ((qI - qE) + (tauE - tauI) / (tauE + tauI) (1 - qE qI))",
            source: "NEST 3 iaf_cond_exp, which integrates by Runge-Kutta-Fehlberg; R. Brette et al., J. Comput. \
                     Neurosci. 23, 2007, benchmark 1. For large networks (simulate): it has more than one port",
            states: vec![
                exact::voltage(),
                conductance("gE", "excitatory conductance"),
                conductance("gI", "inhibitory conductance"),
                exact::refractory(),
            ],
            params,
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn signs() -> Signs {
        exact::CONDUCTANCES
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let h = L::constant(s.dt);
        let left = |tau| exact::decay(s, tau);
        let mean = |tau: L| (L::one() - left(tau)) * tau / h;
        let [excitation, inhibition] = [p.get("tauE"), p.get("tauI")];
        // The effect on v, beyond that of their mean, of conductances that decay within the step: the integrated commutators
        // of the linear equations at two times (Magnus expansion).
        let half = L::constant(-0.5) / (p.get("c") * h);
        let alone = |tau: L| {
            let (q, two) = (left(tau), L::constant(2.0));
            half * tau * (two * tau * (L::one() - q) - h * (L::one() + q))
        };
        let (q_e, q_i) = (left(excitation), left(inhibition));
        let apart = (excitation - inhibition) / (excitation + inhibition);
        let both = half * excitation * inhibition * ((q_i - q_e) + apart * (L::one() - q_e * q_i));
        Named::default()
            .with("gL", p.get("gL"))
            .with("rest", p.get("gL") * p.get("vLeak") + p.get("iBias"))
            .with("perC", h / p.get("c"))
            .with("vE", p.get("vE"))
            .with("vI", p.get("vI"))
            .with("leftE", left(excitation))
            .with("leftI", left(inhibition))
            .with("meanE", mean(excitation))
            .with("meanI", mean(inhibition))
            .with("bendE", alone(excitation))
            .with("bendI", alone(inhibition))
            .with("bendBoth", both * (p.get("vI") - p.get("vE")))
            .with("leakE", p.get("gL") * p.get("vE"))
            .with("leakI", p.get("gL") * p.get("vI"))
            .with("vThreshold", p.get("vThreshold"))
            .with("vReset", p.get("vReset"))
            .with("refractorySteps", exact::steps(s, p))
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (excitation, inhibition) = (states.get("gE"), states.get("gI"));
        let (mean_e, mean_i) = (excitation * c.get("meanE"), inhibition * c.get("meanI"));
        let conductance = c.get("gL") + mean_e + mean_i;
        let rest = c.get("rest") + ports[2];
        let corrected_rest_e = (excitation * c.get("bendE")).mul_add(rest - c.get("leakE"), rest);
        let corrected_rest = (inhibition * c.get("bendI")).mul_add(rest - c.get("leakI"), corrected_rest_e);
        let corrected_rest = (excitation * inhibition).mul_add(c.get("bendBoth"), corrected_rest);
        let end = mean_e.mul_add(c.get("vE"), mean_i.mul_add(c.get("vI"), corrected_rest)) / conductance;
        let left = (conductance * -c.get("perC")).exp();
        let charged = (states.get("v") - end).mul_add(left, end);
        let (v, refractory, spike) = exact::fire(c, states, charged);
        let excitation = excitation.mul_add(c.get("leftE"), ports[0]);
        let inhibition = inhibition.mul_add(c.get("leftI"), ports[1]);
        Stepped { states: vec![v, excitation, inhibition, refractory], spike: Some(spike) }
    }
}
