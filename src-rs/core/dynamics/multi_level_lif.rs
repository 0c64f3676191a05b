//! Leaky integrate-and-fire with several levels: a spike is worth as many thresholds as were crossed.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Stepped};
use super::li;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct MultiLevelLif;

impl Neuron for MultiLevelLif {
    fn definition() -> Definition {
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([
            current::resistance(),
            current::leak(),
            ParamDef::new("vThreshold", "", Fallback::Value(1.0), "potential from one level to the next")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new("levels", "", Fallback::Value(4.0), "largest value of a spike").range(Range::Count),
            li::initial(),
        ]);
        let kept = ["compare", "detachReset"];
        let shared = membrane::options().into_iter().filter(|option| kept.contains(&option.name));
        Definition {
            key: "multi-level-lif",
            title: "leaky integrate-and-fire with graded spikes of several levels",
            equation: "tauMem dv/dt = (vLeak - v) + r x",
            update: "v = beta v[t-1] + gain x[t] + (1 - beta) vLeak; s[t] = number of the thresholds vThreshold, 2 \
                     vThreshold, … levels vThreshold below v; v[t] = v - s[t] vThreshold",
            source: "sinabs 3.1.3 LIF with MultiSpike and MembraneSubtract; L. Feng et al., IJCAI 2022",
            states: vec![membrane::state()],
            params,
            alternatives: vec![&["beta", "tauMem"]],
            options: [method(), current::input_scale()].into_iter().chain(shared).collect(),
            ..Definition::spiking()
        }
    }

    fn is_graded(_: &Settings) -> bool {
        true
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        current::derive(s, p, beta).with("beta", beta).with("vThreshold", p.get("vThreshold"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let v = states.get("v").mul_add(c.get("beta"), current::drive(c, ports[0]));
        let threshold = c.get("vThreshold");
        let levels = s.param("levels").map_or(1.0, |levels| levels.values[0]) as usize;
        let crossed = |level: usize| (v - threshold * L::constant(level as f64)).spike(s.is("compare", ">"));
        let spike = (2..=levels).fold(crossed(1), |sum, level| sum + crossed(level));
        let reset_spike = if s.flag("detachReset") { spike.detach() } else { spike };
        Stepped { states: vec![v - reset_spike * threshold], spike: Some(spike) }
    }
}
