//! Conductance-based leaky integrate-and-fire.

use super::cutoff;
use super::decay::Decay;
use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Range, StateDef, Stepped};
use super::libraries;
use super::membrane::{self, Membrane};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct CobaLif;

const EXCITATORY: Decay = Decay { factor: "", tau: "tauE" };
const INHIBITORY: Decay = Decay { factor: "", tau: "tauI" };

impl Neuron for CobaLif {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let shared = ["compare", "detachReset"];
        let mut options = vec![
            OptionDef {
                name: "method",
                values: &["exponential-euler", "euler"],
                meaning: "how a step integrates v with constant conductances, and how they decay: exactly, or by Euler's method",
            },
            OptionDef {
                name: "reset",
                values: &["value", "subtract"],
                meaning: "the effect of a spike on v: set it to vReset, or subtract vThreshold",
            },
            cutoff::timing(),
        ];
        options.extend(membrane::options().into_iter().filter(|option| shared.contains(&option.name)));
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Value(value), meaning).range(Range::Positive).learnable()
        };
        let [steps, period] = membrane::refractory_params();
        let params = vec![
            ParamDef::new("c", "pF", Value(200.0), "membrane capacitance").range(Range::Positive),
            ParamDef::new("gL", "nS", Value(10.0), "leak conductance").range(Range::Positive),
            potential("vLeak", -60.0, "potential towards which v decays"),
            potential("vE", 0.0, "reversal potential of excitation"),
            potential("vI", -80.0, "reversal potential of inhibition"),
            time("tauE", 5.0, "time constant of the excitatory conductance"),
            time("tauI", 10.0, "time constant of the inhibitory conductance"),
            ParamDef::new("vThreshold", "mV", Value(-50.0), "potential at which a spike is emitted")
                .learnable(),
            potential("vReset", -60.0, "potential after a spike"),
            ParamDef::new("vInit", "mV", Same("vLeak"), "potential at the start"),
            steps,
            period,
            membrane::grade(),
        ];
        let conductance = |name, meaning| StateDef::new(name, "nS", meaning);
        Definition {
            key: "coba-lif",
            title: "conductance-based leaky integrate-and-fire",
            equation: "c dv/dt = gL (vLeak - v) + gE (vE - v) + gI (vI - v); tauE dgE/dt = -gE; tauI dgI/dt = -gI; a \
                       positive input raises gE, a negative one gI",
            update: "gE[t] = exp(-dt / tauE) (gE[t-1] + max(0, x[t])); gI[t] = exp(-dt / tauI) (gI[t-1] + max(0, \
                     -x[t])); g = gL + gE[t] + gI[t], e = (gL vLeak + gE[t] vE + gI[t] vI) / g; v = e + (v[t-1] - e) \
                     exp(-g dt / c); s[t] = 1 if v > vThreshold else 0; v[t] = vReset if s[t] else v",
            source: "R. Brette et al., Simulation of networks of spiking neurons, J. Comput. Neurosci. 23, 2007, \
                     benchmark 1; T. P. Vogels, L. F. Abbott, J. Neurosci. 25, 2005",
            states: vec![
                StateDef { unit: "mV", ..membrane::state() },
                conductance("gE", "excitatory conductance"),
                conductance("gI", "inhibitory conductance"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            presets: vec![libraries::among(
                &options,
                libraries::norse(
                    &[("method", "euler")],
                    &[
                        ("c", Value(200.0)),
                        ("gL", Value(0.25)),
                        ("vLeak", Value(-20.0)),
                        ("vE", Value(60.0)),
                        ("vI", Value(-100.0)),
                        ("tauE", Value(5000.0)),
                        ("tauI", Value(5000.0)),
                        ("vThreshold", Value(-10.0)),
                        ("vReset", Value(-70.0)),
                    ],
                    "CobaLIFCell in Norse's own numbers: c is 1 / c_m_inv, all inverses per second",
                ),
            )],
            options,
            ports: vec!["conductance"],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        EXCITATORY.check(s)?;
        INHIBITORY.check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let coefs: Named<L> = ["gL", "vE", "vI", "vThreshold", "vReset", "gradedSpikes"]
            .map(|name| (name, p.get(name)))
            .into_iter()
            .collect();
        let coefs = coefs
            .with("leak", p.get("gL") * p.get("vLeak"))
            .with("perC", L::constant(s.dt) / p.get("c"))
            .with("leftE", EXCITATORY.factor(s, p))
            .with("leftI", INHIBITORY.factor(s, p));
        membrane::derive_refractory(s, p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let jump = |x: L| x.max(L::zero());
        let excitation = (states.get("gE") + jump(ports[0])) * c.get("leftE");
        let inhibition = (states.get("gI") + jump(-ports[0])) * c.get("leftI");
        let conductance = excitation + inhibition + c.get("gL");
        let current = excitation.mul_add(c.get("vE"), inhibition.mul_add(c.get("vI"), c.get("leak")));
        let charge = |v: L| match s.option("method") {
            "euler" => (current - conductance * v).mul_add(c.get("perC"), v),
            _ => {
                let end = current / conductance;
                (v - end).mul_add((-(conductance * c.get("perC"))).exp(), end)
            }
        };
        let thresholds = [c.get("vThreshold"); 2];
        let fired = Membrane { s, c, charge: &charge, thresholds }.fire(states);
        Stepped { states: fired.states([excitation, inhibition]), spike: Some(fired.spike) }
    }
}
