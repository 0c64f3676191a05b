//! The rule of Bienenstock, Cooper and Munro in spikes: triplets with a threshold that slides.

use super::definition::{COINCIDENCE, DECAY, Event, Jump, Rule, Sent, Side, TraceDef, check_bounds, clip};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct Bcm;

impl Rule for Bcm {
    fn definition() -> Definition {
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Fallback::Value(value), meaning).range(Range::Positive)
        };
        let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
        Definition {
            key: "bcm",
            title: "Bienenstock–Cooper–Munro plasticity in spikes",
            equation: "post: w += aPlusTriplet r1 o2; pre: w -= aMinus (rate / rateTarget)^2 o1; rate is that of the \
                       target over tauTheta; r1, o1, o2 jump by 1 and decay with tauPlus, tauMinus, tauY",
            update: "at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, \
                     then the traces jump; rate = 1000 theta / tauTheta Hz, theta being a trace like the others",
            source: "E. L. Bienenstock, L. N. Cooper, P. W. Munro, J. Neurosci. 2, 1982; as minimal triplets: J.-P. Pfister, \
                     W. Gerstner, J. Neurosci. 26, 2006, with A2- proportional to the mean of the squared rate",
            states: vec![StateDef::new("w", "*", "weight")],
            params: vec![
                time("tauPlus", 16.8, "time constant of r1"),
                time("tauMinus", 33.7, "time constant of o1"),
                time("tauY", 114.0, "time constant of o2"),
                time("tauTheta", 10_000.0, "time constant of the target's rate"),
                number("rateTarget", "Hz", 10.0, "rate at which depression is aMinus").range(Range::Positive),
                number("aPlusTriplet", "*", 6.5e-3, "potentiation by a triplet"),
                number("aMinus", "*", 7.1e-3, "depression by a pair, at the target rate"),
                number("wMin", "*", 0.0, "smallest weight"),
                number("wMax", "*", 100.0, "largest weight"),
            ],
            options: vec![COINCIDENCE, DECAY],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        check_bounds(s)
    }

    fn traces(_: &Settings) -> Vec<TraceDef> {
        let trace = |name, side, tau| TraceDef { name, side, tau, jump: Jump::Add };
        vec![
            trace("r1", Side::Pre, "tauPlus"),
            trace("o1", Side::Post, "tauMinus"),
            trace("o2", Side::Post, "tauY"),
            trace("theta", Side::Post, "tauTheta"),
        ]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        let per_target = L::constant(1000.0) / (p.get("tauTheta") * p.get("rateTarget"));
        p.clone().with("slide", p.get("aMinus") * per_target.square())
    }

    fn pre<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let depressed = c.get("slide") * e.trace("theta").square() * e.trace("o1");
        let w = clip(c, e.state("w") - depressed);
        Sent { states: vec![w], transmitted: w }
    }

    fn post<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let grown = c.get("aPlusTriplet") * e.trace("r1") * e.trace("o2");
        Some(vec![clip(c, e.state("w") + grown)])
    }
}
