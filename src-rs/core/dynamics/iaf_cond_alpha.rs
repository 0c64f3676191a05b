//! Leaky integrate-and-fire with alpha-shaped conductances of two kinds.

use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Signs, StateDef, Stepped};
use super::exact_integration as exact;
use super::integration;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct IafCondAlpha;

impl Neuron for IafCondAlpha {
    fn definition() -> Definition {
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Fallback::Value(value), meaning);
        let mut params = vec![
            ParamDef::new("gL", "nS", Fallback::Value(16.6667), "leak conductance").range(Range::Positive),
            potential("vE", 0.0, "reversal potential of excitation"),
            potential("vI", -85.0, "reversal potential of inhibition"),
            exact::synaptic_time("tauE", 0.2, "time to the peak of an excitatory conductance"),
            exact::synaptic_time("tauI", 2.0, "time to the peak of an inhibitory conductance"),
        ];
        params.extend(exact::params());
        params.push(ParamDef { fallback: Fallback::Value(4.0), ..integration::sub_steps() });
        let state = |name, unit, meaning| StateDef::new(name, unit, meaning);
        Definition {
            key: "iaf-cond-alpha",
            title: "leaky integrate-and-fire with alpha-shaped conductances",
            equation: "c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v) + iBias + x; a spike of weight w, s ms ago, \
                       is a conductance w (e / tau) s exp(-s / tau), which peaks at w after tau",
            update: "gE and gI exactly; v by subSteps steps of the Runge-Kutta method of order 4, unless v rests; then \
                     dE[t] = dE + (e / tauE) excitatory[t], dI[t] = dI + (e / tauI) inhibitory[t]; s[t] = 1 if v >= \
                     vThreshold else 0; v[t] = vReset if s[t] else v",
            source: "NEST 3 iaf_cond_alpha, which integrates by Runge-Kutta-Fehlberg. For large networks (simulate): it \
                     has more than one port",
            states: vec![
                exact::voltage(),
                state("gE", "nS", "excitatory conductance"),
                state("gI", "nS", "inhibitory conductance"),
                state("dE", "nS/ms", "rise of the excitatory conductance"),
                state("dI", "nS/ms", "rise of the inhibitory conductance"),
                exact::refractory(),
            ],
            params,
            options: vec![integration::method(&["rk4", "euler"])],
            ports: exact::PORTS.to_vec(),
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        integration::check(s)
    }

    fn signs() -> Signs {
        exact::CONDUCTANCES
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = p.get("dt") / L::constant(integration::count(s) as f64);
        let half = |tau: L| (-(length * L::constant(0.5) / tau)).exp();
        let jump = |tau: L| L::constant(std::f64::consts::E) / tau;
        let [excitation, inhibition] = [p.get("tauE"), p.get("tauI")];
        Named::default()
            .with("gL", p.get("gL"))
            .with("rest", p.get("gL") * p.get("vLeak") + p.get("iBias"))
            .with("perC", length / p.get("c"))
            .with("vE", p.get("vE"))
            .with("vI", p.get("vI"))
            .with("halfE", half(excitation))
            .with("halfI", half(inhibition))
            .with("jumpE", jump(excitation))
            .with("jumpI", jump(inhibition))
            .with("half", length * L::constant(0.5))
            .with("vThreshold", p.get("vThreshold"))
            .with("vReset", p.get("vReset"))
            .with("refractorySteps", exact::steps(s, p))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let half = c.get("half");
        // The two variables of an alpha function after half a step, exactly.
        let later = |[g, d]: [L; 2], left: &'static str| [d.mul_add(half, g) * c.get(left), d * c.get(left)];
        let rest = c.get("rest") + ports[2];
        let increment = |v: L, e: L, i: L| {
            let current = e.mul_add(c.get("vE"), i.mul_add(c.get("vI"), rest));
            (current - (c.get("gL") + e + i) * v) * c.get("perC")
        };
        let old = ["gE", "dE", "gI", "dI"].map(|name| states.get(name));
        let sub_step = |[v]: [L; 1], [e, rise_e, i, rise_i]: [L; 4]| {
            let (e, i) = ([e, rise_e], [i, rise_i]);
            let middle = [later(e, "halfE"), later(i, "halfI")];
            let end = [later(middle[0], "halfE"), later(middle[1], "halfI")];
            let first = increment(v, e[0], i[0]);
            let v = match s.option("method") {
                "euler" => v + first,
                _ => {
                    let at_middle = |v| increment(v, middle[0][0], middle[1][0]);
                    let second = at_middle(first.mul_add(L::constant(0.5), v));
                    let third = at_middle(second.mul_add(L::constant(0.5), v));
                    let fourth = increment(v + third, end[0][0], end[1][0]);
                    let sum = (second + third).mul_add(L::constant(2.0), first + fourth);
                    sum.mul_add(L::constant(1.0 / 6.0), v)
                }
            };
            let [[e, rise_e], [i, rise_i]] = end;
            ([v], [e, rise_e, i, rise_i])
        };
        let ([v], [e, rise_e, i, rise_i]) =
            L::repeat(integration::count(s), ([states.get("v")], old), sub_step);
        let (v, refractory, spike) = exact::fire(c, states, v);
        let rise = |d: L, port: L, jump: &'static str| port.mul_add(c.get(jump), d);
        let states =
            vec![v, e, i, rise(rise_e, ports[0], "jumpE"), rise(rise_i, ports[1], "jumpI"), refractory];
        Stepped { states, spike: Some(spike) }
    }
}
