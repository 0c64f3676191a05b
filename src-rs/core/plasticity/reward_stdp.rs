//! Reward-modulated plasticity: pairs of spikes leave an eligibility, which dopamine converts into a change of the weight.

use super::definition::{
    COINCIDENCE, DECAY, Event, PAIRING, Rule, Sent, Side, TraceDef, check_bounds, clip, jump,
};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct RewardStdp;

impl Rule for RewardStdp {
    fn definition() -> Definition {
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Fallback::Value(value), meaning).range(Range::Positive)
        };
        let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
        Definition {
            key: "reward-stdp",
            title: "reward-modulated spike-timing-dependent plasticity",
            equation: "dw/dt = c (n - baseline); dc/dt = -c / tauC; dn/dt = -n / tauN; post: c += aPlus xPre; pre: c -= aMinus \
                       xPost; a spike of the modulator: n += 1 / tauN; dx/dt = -x / tau, each + 1 at its neuron's spikes",
            update: "at events only: w, c and n move by their exact solution over the time since the last event, w is clipped \
                     to wMin … wMax, then the jump",
            source: "E. M. Izhikevich, Cereb. Cortex 17, 2007; in closed form between events: W. Potjans, A. Morrison, M. \
                     Diesmann, Front. Comput. Neurosci. 4, 2010",
            states: vec![
                StateDef::new("w", "*", "weight"),
                StateDef::new("c", "*", "eligibility").init("cInit"),
                StateDef::new("n", "1/ms", "concentration of the modulator").init("nInit"),
            ],
            params: vec![
                time("tauPlus", 20.0, "time constant of the presynaptic trace"),
                time("tauMinus", 20.0, "time constant of the postsynaptic trace"),
                time("tauC", 1000.0, "time constant of the eligibility"),
                time("tauN", 200.0, "time constant of the modulator"),
                number("aPlus", "*", 1.0, "eligibility of a pair, the source first"),
                number("aMinus", "*", 1.5, "eligibility of a pair, the target first"),
                number("baseline", "1/ms", 0.0, "concentration at which nothing is learned"),
                number("cInit", "*", 0.0, "eligibility at the start"),
                number("nInit", "1/ms", 0.0, "concentration at the start"),
                number("wMin", "*", 0.0, "smallest weight"),
                number("wMax", "*", 200.0, "largest weight"),
            ],
            options: vec![PAIRING, COINCIDENCE, DECAY],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        check_bounds(s)
    }

    fn traces(s: &Settings) -> Vec<TraceDef> {
        vec![
            TraceDef { name: "xPre", side: Side::Pre, tau: "tauPlus", jump: jump(s) },
            TraceDef { name: "xPost", side: Side::Post, tau: "tauMinus", jump: jump(s) },
        ]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        let (c, n) = (L::one() / p.get("tauC"), L::one() / p.get("tauN"));
        p.clone()
            .with("rateC", c)
            .with("rateN", n)
            .with("rateBoth", c + n)
            .with("tauBoth", L::one() / (c + n))
    }

    fn pre<L: Scalar>(_: &Settings, k: &Named<L>, e: &Event<L>) -> Sent<L> {
        let [w, c, n] = rested(k, e.states, e.elapsed);
        Sent { states: vec![w, c - k.get("aMinus") * e.trace("xPost"), n], transmitted: w }
    }

    fn post<L: Scalar>(_: &Settings, k: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let [w, c, n] = rested(k, e.states, e.elapsed);
        Some(vec![w, k.get("aPlus").mul_add(e.trace("xPre"), c), n])
    }

    fn modulated<L: Scalar>(_: &Settings, k: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let [w, c, n] = rested(k, e.states, e.elapsed);
        Some(vec![w, c, n + k.get("rateN")])
    }

    fn relax<L: Scalar>(_: &Settings, k: &Named<L>, states: &Named<L>, elapsed: L) -> Option<Vec<L>> {
        Some(rested(k, states, elapsed).to_vec())
    }
}

fn rested<L: Scalar>(k: &Named<L>, states: &Named<L>, elapsed: L) -> [L; 3] {
    let [w, c, n] = ["w", "c", "n"].map(|name| states.get(name));
    let left = |rate: &str| (-elapsed * k.get(rate)).exp();
    // The integral of c (n - baseline) over the time.
    let rewarded = n * k.get("tauBoth") * (L::one() - left("rateBoth"));
    let withheld = k.get("baseline") * k.get("tauC") * (L::one() - left("rateC"));
    [clip(k, c.mul_add(rewarded - withheld, w)), c * left("rateC"), n * left("rateN")]
}
