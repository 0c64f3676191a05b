//! Pair-based spike-timing-dependent plasticity.

use super::definition::{
    COINCIDENCE, DECAY, Event, PAIRING, Rule, Sent, Side, TraceDef, check_bounds, clip, jump,
};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, OptionDef, ParamDef, Preset, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct Stdp;

impl Rule for Stdp {
    fn definition() -> Definition {
        let param = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
        Definition {
            key: "stdp",
            title: "pair-based spike-timing-dependent plasticity",
            equation: "post: w += aPlus (1 - x)^muPlus xPre; pre: w -= aMinus x^muMinus xPost; x = (w - wMin) / \
                       (wMax - wMin); dxPre/dt = -xPre / tauPlus, dxPost/dt = -xPost / tauMinus, each + 1 at its \
                       neuron's spikes",
            update: "at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, \
                     then the trace jumps; a presynaptic spike arrives with the weight it leaves behind",
            source: "G. Bi, M. Poo, J. Neurosci. 18, 1998; S. Song et al., Nat. Neurosci. 3, 2000; R. Gütig et al., \
                     J. Neurosci. 23, 2003; power law: A. Morrison et al., Neural Comput. 19, 2007",
            states: vec![StateDef::new("w", "*", "weight")],
            params: vec![
                param("tauPlus", "ms", 20.0, "time constant of the presynaptic trace").range(Range::Positive),
                param("tauMinus", "ms", 20.0, "time constant of the postsynaptic trace")
                    .range(Range::Positive),
                param("lambda", "1", 0.01, "potentiation by a pair, as a fraction of wMax")
                    .range(Range::NotNegative),
                ParamDef::new(
                    "aPlus",
                    "*",
                    Fallback::Absent,
                    "potentiation by a pair with no time difference",
                ),
                param("alpha", "1", 1.0, "depression over potentiation").range(Range::NotNegative),
                ParamDef::new(
                    "aMinus",
                    "*",
                    Fallback::Absent,
                    "depression by a pair with no time difference",
                ),
                param("muPlus", "1", 1.0, "power of the distance to wMax: 0 additive, 1 multiplicative")
                    .range(Range::NotNegative),
                param("muMinus", "1", 1.0, "power of the distance to wMin: 0 additive, 1 multiplicative")
                    .range(Range::NotNegative),
                param("wMin", "*", 0.0, "smallest weight"),
                param("wMax", "*", 100.0, "largest weight"),
            ],
            alternatives: vec![&["lambda", "aPlus"], &["alpha", "aMinus"]],
            options: vec![
                OptionDef {
                    name: "dependence",
                    values: &["bounds", "power-law"],
                    meaning: "potentiation by the distance to wMax, or by (w / wMax)^muPlus",
                },
                PAIRING,
                COINCIDENCE,
                DECAY,
            ],
            presets: vec![
                Preset {
                    name: "nest",
                    options: vec![],
                    params: vec![],
                    surrogate: None,
                    note: "stdp_synapse. Two spikes that reach the synapse at the same time do not see each other",
                },
                Preset {
                    name: "brian2",
                    options: vec![("coincidence", "pre-first")],
                    params: vec![
                        ("muPlus", Fallback::Value(0.0)),
                        ("muMinus", Fallback::Value(0.0)),
                        ("wMax", Fallback::Value(1.0)),
                    ],
                    surrogate: None,
                    note: "the equations of its documentation, additive",
                },
            ],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        let value = |s: &Settings, name: &str| s.param(name).map(|param| param.values[0]);
        check_bounds(s)?;
        if let (Some(lambda), Some(most)) = (value(s, "lambda"), value(s, "wMax")) {
            s.replace("lambda", "aPlus", vec![lambda * most]);
        }
        if let Some(alpha) = value(s, "alpha") {
            let plus = value(s, "aPlus").unwrap_or(0.0);
            s.replace("alpha", "aMinus", vec![alpha * plus]);
        }
        Ok(())
    }

    fn traces(s: &Settings) -> Vec<TraceDef> {
        vec![
            TraceDef { name: "xPre", side: Side::Pre, tau: "tauPlus", jump: jump(s) },
            TraceDef { name: "xPost", side: Side::Post, tau: "tauMinus", jump: jump(s) },
        ]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        let range = p.get("wMax") - p.get("wMin");
        ["aPlus", "aMinus", "muPlus", "muMinus", "wMin", "wMax"]
            .into_iter()
            .map(|name| (name, p.get(name)))
            .collect::<Named<L>>()
            .with("perRange", L::one() / range)
            .with("perMax", L::one() / p.get("wMax"))
    }

    fn pre<L: Scalar>(s: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let w = e.state("w");
        let x = (w - c.get("wMin")) * c.get("perRange");
        let change = c.get("aMinus") * e.trace("xPost");
        let w = clip(c, w - weighted(s, c, "muMinus", change, x));
        Sent { states: vec![w], transmitted: w }
    }

    fn post<L: Scalar>(s: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let w = e.state("w");
        let base = match s.is("dependence", "power-law") {
            true => w * c.get("perMax"),
            false => (c.get("wMax") - w) * c.get("perRange"),
        };
        let change = c.get("aPlus") * e.trace("xPre");
        Some(vec![clip(c, w + weighted(s, c, "muPlus", change, base))])
    }
}

/// `change * base^mu`; integer exponents need no logarithm.
fn weighted<L: Scalar>(s: &Settings, c: &Named<L>, mu: &str, change: L, base: L) -> L {
    match s.param(mu).map(|param| param.values[0]) {
        Some(0.0) => change,
        Some(1.0) => change * base,
        // At a bound, rounding can make the base slightly negative.
        _ => change * (base.max(L::zero()).ln() * c.get(mu)).exp(),
    }
}
