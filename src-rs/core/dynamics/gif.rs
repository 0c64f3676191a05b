//! Generalized integrate-and-fire: a linear neuron whose threshold moves and whose spikes leave currents.

use super::current;
use super::cutoff;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, StateDef, Stepped};
use super::integration;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Gif;

impl Neuron for Gif {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let potential = |name, value, meaning| ParamDef::new(name, "mV", Value(value), meaning);
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Value(value), meaning).range(Range::Positive).learnable()
        };
        let [steps, period] = membrane::refractory_params();
        let params = vec![
            time("tauMem", 20.0, "membrane time constant"),
            potential("vLeak", -70.0, "potential towards which v decays"),
            current::resistance(),
            potential("thetaInf", -50.0, "threshold at rest").learnable(),
            potential("thetaReset", -60.0, "the threshold is at least this after a spike"),
            time("tauTheta", 100.0, "time constant of the threshold"),
            ParamDef::new("a", "1/ms", Value(0.0), "coupling of the threshold to v").learnable(),
            time("tau1", 5.0, "time constant of the first current"),
            time("tau2", 50.0, "time constant of the second current"),
            ParamDef::new("keep1", "1", Value(0.0), "factor on i1 at a spike"),
            ParamDef::new("keep2", "1", Value(1.0), "factor on i2 at a spike"),
            ParamDef::new("jump1", "mV", Value(0.0), "increment of i1 at a spike").learnable(),
            ParamDef::new("jump2", "mV", Value(0.0), "increment of i2 at a spike").learnable(),
            potential("vReset", -70.0, "potential after a spike"),
            ParamDef::new("vInit", "mV", Same("vLeak"), "potential at the start"),
            ParamDef::new("thetaInit", "mV", Same("thetaInf"), "threshold at the start"),
            steps,
            period,
            membrane::grade(),
            integration::sub_steps(),
        ];
        let current = |name, meaning| StateDef::new(name, "mV", meaning);
        Definition {
            key: "gif",
            title: "generalized integrate-and-fire",
            equation: "tauMem dv/dt = vLeak - v + i1 + i2 + r x; dtheta/dt = a (v - vLeak) - (theta - thetaInf) / \
                       tauTheta; di1/dt = -i1 / tau1; di2/dt = -i2 / tau2",
            update: "all variables by one step of Euler's method from the values of t-1; s[t] = 1 if v >= theta else 0; \
                     where s[t]: v[t] = vReset, theta[t] = max(theta, thetaReset), i1[t] = keep1 i1 + jump1, i2[t] = \
                     keep2 i2 + jump2",
            source: "S. Mihalas, E. Niebur, A generalized linear integrate-and-fire neural model produces diverse \
                     spiking behaviors, Neural Computation 21, 2009; currents as the potentials that they add",
            states: vec![
                cutoff::state("mV"),
                StateDef::new("theta", "mV", "threshold").init("thetaInit"),
                current("i1", "first current caused by spikes"),
                current("i2", "second current caused by spikes"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            options: vec![
                integration::method(&["euler", "rk4"]),
                cutoff::timing(),
                cutoff::compare(&[">=", ">"]),
                cutoff::detach(),
            ],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        cutoff::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let length = L::constant(integration::length(s));
        // Learned time constants stay above 0.
        let per = |tau: &str| length / p.get(tau).max(L::constant(s.dt * 1e-6));
        let names =
            ["vLeak", "thetaInf", "thetaReset", "keep1", "keep2", "jump1", "jump2", "vReset", "gradedSpikes"];
        let coefs: Named<L> = names.map(|name| (name, p.get(name))).into_iter().collect();
        let coefs = coefs
            .with("ratio", per("tauMem"))
            .with("gain", per("tauMem") * p.get("r"))
            .with("ratioTheta", per("tauTheta"))
            .with("follow", length * p.get("a"))
            .with("ratio1", per("tau1"))
            .with("ratio2", per("tau2"));
        membrane::derive_refractory(s, p, coefs)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let drive = ports[0] * c.get("gain");
        let increment = |[v, theta, i1, i2]: [L; 4]| {
            let above = v - c.get("vLeak");
            [
                (i1 + i2 - above).mul_add(c.get("ratio"), drive),
                above * c.get("follow") - (theta - c.get("thetaInf")) * c.get("ratioTheta"),
                -(i1 * c.get("ratio1")),
                -(i2 * c.get("ratio2")),
            ]
        };
        let jump = |[v, theta, i1, i2]: [L; 4], spike: L| {
            [
                v,
                spike.select(theta.max(c.get("thetaReset")), theta),
                spike.select(i1.mul_add(c.get("keep1"), c.get("jump1")), i1),
                spike.select(i2.mul_add(c.get("keep2"), c.get("jump2")), i2),
            ]
        };
        let old = ["v", "theta", "i1", "i2"].map(|name| states.get(name));
        let gap = |[v, theta, ..]: [L; 4]| v - theta;
        let spiked = cutoff::run_at(s, c, states.find("refractory"), old, gap, increment, jump);
        Stepped { states: spiked.states([]), spike: Some(spiked.spike) }
    }
}
