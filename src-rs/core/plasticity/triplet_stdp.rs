//! Triplet-based spike-timing-dependent plasticity.

use super::definition::{
    COINCIDENCE, DECAY, Event, PAIRING, Rule, Sent, Side, TraceDef, check_bounds, clip, jump,
};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Preset, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct TripletStdp;

impl Rule for TripletStdp {
    fn definition() -> Definition {
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Fallback::Value(value), meaning).range(Range::Positive)
        };
        let change = |name, value, meaning| ParamDef::new(name, "*", Fallback::Value(value), meaning);
        Definition {
            key: "triplet-stdp",
            title: "triplet-based spike-timing-dependent plasticity",
            equation: "post: w += r1 (aPlus + aPlusTriplet o2); pre: w -= o1 (aMinus + aMinusTriplet r2); r1, r2 jump by \
                       1 at spikes of the source and decay with tauPlus, tauX; o1, o2 \
                       jump at spikes of the target and decay with tauMinus, tauY",
            update: "at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, \
                     then the traces jump: r2 and o2 are the values before the spike itself",
            source: "J.-P. Pfister, W. Gerstner, J. Neurosci. 26, 2006, equations 3 and 4; defaults: visual cortex, all to \
                     all, full model (table 4)",
            states: vec![StateDef::new("w", "*", "weight")],
            params: vec![
                time("tauPlus", 16.8, "time constant of r1"),
                time("tauX", 101.0, "time constant of r2"),
                time("tauMinus", 33.7, "time constant of o1"),
                time("tauY", 125.0, "time constant of o2"),
                change("aPlus", 5e-10, "potentiation by a pair"),
                change("aPlusTriplet", 6.2e-3, "potentiation by a triplet: target, source, target"),
                change("aMinus", 7e-3, "depression by a pair"),
                change("aMinusTriplet", 2.3e-4, "depression by a triplet: source, target, source"),
                change("wMin", 0.0, "smallest weight"),
                change("wMax", 100.0, "largest weight"),
            ],
            options: vec![PAIRING, COINCIDENCE, DECAY],
            presets: vec![Preset {
                name: "nest",
                options: vec![],
                params: vec![("tauY", Fallback::Value(110.0))],
                surrogate: None,
                note: "stdp_triplet_synapse",
            }],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        check_bounds(s)
    }

    fn traces(s: &Settings) -> Vec<TraceDef> {
        let trace = |name, side, tau| TraceDef { name, side, tau, jump: jump(s) };
        vec![
            trace("r1", Side::Pre, "tauPlus"),
            trace("r2", Side::Pre, "tauX"),
            trace("o1", Side::Post, "tauMinus"),
            trace("o2", Side::Post, "tauY"),
        ]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        p.clone()
    }

    fn pre<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let change = c.get("aMinusTriplet").mul_add(e.trace("r2"), c.get("aMinus"));
        let w = clip(c, e.state("w") - e.trace("o1") * change);
        Sent { states: vec![w], transmitted: w }
    }

    fn post<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let change = c.get("aPlusTriplet").mul_add(e.trace("o2"), c.get("aPlus"));
        Some(vec![clip(c, e.state("w") + e.trace("r1") * change)])
    }
}
