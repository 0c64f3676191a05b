//! A neuron with two points: a soma that spikes, and a dendrite with a plateau of its own.

use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, StateDef, Stepped};
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use crate::error::Result;
use crate::expr::Lane;

pub struct TwoCompartment;

impl Neuron for TwoCompartment {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let time = |name, value, meaning| ParamDef::new(name, "ms", Value(value), meaning).range(Range::Positive);
        let capacity = |name, value, meaning| ParamDef::new(name, "pF", Value(value), meaning).range(Range::Positive);
        let current = |name, value, meaning| ParamDef::new(name, "pA", Value(value), meaning);
        let [steps, period] = membrane::refractory_params();
        let params = vec![
            time("tauMem", 16.0, "time constant of the soma"),
            capacity("c", 370.0, "capacitance of the soma"),
            potential("vLeak", -70.0, "potential towards which both decay"),
            current("gSoma", 1300.0, "current of the dendrite's plateau into the soma"),
            current("jump", 200.0, "by how much a spike raises w"),
            time("tauW", 100.0, "time constant of w"),
            time("tauDendrite", 7.0, "time constant of the dendrite"),
            capacity("cDendrite", 170.0, "capacitance of the dendrite"),
            current("gDendrite", 1200.0, "current of the plateau in the dendrite"),
            potential("vPlateau", -38.0, "potential of the dendrite at which half of the plateau is there"),
            potential("slope", 6.0, "how gently the plateau rises").range(Range::Positive),
            current("pulse", 2600.0, "current that runs back into the dendrite after a spike"),
            ParamDef::new("pulseDelay", "ms", Value(0.5), "from the spike to the pulse, rounded to whole steps")
                .range(Range::NotNegative),
            ParamDef::new("pulseLength", "ms", Value(2.0), "length of the pulse, rounded to whole steps")
                .range(Range::NotNegative),
            ParamDef::new("a", "nS", Value(13.0), "how the dendrite's current z follows its potential"),
            time("tauZ", 30.0, "time constant of z"),
            potential("vThreshold", -50.0, "potential of the soma at and above which a spike is emitted"),
            potential("vReset", -70.0, "potential of the soma after a spike"),
            ParamDef::new("vInit", "mV", Same("vLeak"), "potential of both at the start"),
            steps,
            period,
            membrane::grade(),
            integration::sub_steps(),
        ];
        let state = |name, unit, meaning| StateDef { name, unit, init: None, meaning };
        Definition {
            key: "two-compartment",
            title: "two-compartment neuron",
            equation: "dv/dt = (vLeak - v) / tauMem + (gSoma f(d) + soma - w) / c; dw/dt = -w / tauW; dd/dt = (vLeak - d) \
                       / tauDendrite + (gDendrite f(d) + pulse + dendrite - z) / cDendrite; dz/dt = (a (d - vLeak) - z) / \
                       tauZ; f(d) = 1 / (1 + exp((vPlateau - d) / slope))",
            update: "all variables by one step of the method from the values of t-1, the pulse being there for \
                     pulseLength from pulseDelay after a spike on; s[t] = 1 if v >= vThreshold else 0; where s[t]: v[t] = \
                     vReset, w[t] = w + jump",
            source: "R. Naud, H. Sprekeler, Sparse bursts optimize information transmission in a multiplexed neural code, \
                     PNAS 115, 2018. For large networks (simulate): it has more than one port",
            states: vec![
                cutoff::state("mV"),
                state("w", "pA", "adaptation of the soma"),
                StateDef { init: Some("vInit"), ..state("d", "mV", "potential of the dendrite") },
                state("z", "pA", "current out of the dendrite"),
                state("left", "steps", "steps until the pulse is over"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            options: vec![integration::method(&["euler", "rk4"]), cutoff::detach()],
            ports: vec!["soma", "dendrite"],
            spiking: true,
            learned: &[],
            presets: vec![],
        }
    }

    fn states(s: &Settings) -> Vec<StateDef> {
        membrane::states(s, Self::definition().states)
    }

    fn settle(s: &mut Settings) -> Result<()> {
        integration::check(s)
    }

    fn derive<L: Lane>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        let per = |tau: &str| length / p.get(tau);
        let steps = |ms: L| (ms / L::constant(s.dt) + L::constant(0.5)).floor();
        let pulse = steps(p.get("pulseLength"));
        let names = ["vLeak", "jump", "vPlateau", "vThreshold", "vReset", "gradedSpikes"];
        let coefs: Named<L> = names.map(|name| (name, p.get(name))).into_iter().collect();
        let coefs = coefs
            .with("ratio", per("tauMem"))
            .with("gain", per("c"))
            .with("plateau", per("c") * p.get("gSoma"))
            .with("ratioW", per("tauW"))
            .with("ratioD", per("tauDendrite"))
            .with("gainD", per("cDendrite"))
            .with("plateauD", per("cDendrite") * p.get("gDendrite"))
            .with("pulse", per("cDendrite") * p.get("pulse"))
            .with("ratioZ", per("tauZ"))
            .with("follow", per("tauZ") * p.get("a"))
            .with("steepness", L::one() / p.get("slope"))
            .with("pulseSteps", pulse)
            .with("wholeSteps", pulse + steps(p.get("pulseDelay")));
        membrane::derive_refractory(s, p, coefs)
    }

    fn step<L: Lane>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let left = states.get("left").detach();
        let begun = c.get("pulseSteps").at_least(left) * left.greater(L::zero());
        let back = begun.select(c.get("pulse"), L::zero()) + ports[1] * c.get("gainD");
        let drive = ports[0] * c.get("gain");
        let increment = |[v, w, d, z]: [L; 4]| {
            let open = L::one() / (L::one() + ((c.get("vPlateau") - d) * c.get("steepness")).exp());
            let above = d - c.get("vLeak");
            [
                drive + open * c.get("plateau") - (v - c.get("vLeak")) * c.get("ratio") - w * c.get("gain"),
                -(w * c.get("ratioW")),
                back + open * c.get("plateauD") - above * c.get("ratioD") - z * c.get("gainD"),
                above * c.get("follow") - z * c.get("ratioZ"),
            ]
        };
        let jump = |[v, w, d, z]: [L; 4], spike: L| [v, spike.mul_add(c.get("jump"), w), d, z];
        let old = ["v", "w", "d", "z"].map(|name| states.get(name));
        let gap = |[v, ..]: [L; 4]| v - c.get("vThreshold");
        let spiked = cutoff::run_to(s, c, states.find("refractory"), old, gap, increment, jump);
        let [v, w, d, z] = spiked.variables;
        let passed = (left - left.greater(L::zero())).max(L::zero());
        let left = spiked.spike.detach().greater(L::zero()).select(c.get("wholeSteps"), passed).detach();
        let states = [v, w, d, z, left].into_iter().chain(spiked.refractory).collect();
        Stepped { states, spike: Some(spiked.spike) }
    }
}
