//! Oja's rule in spikes: Hebbian growth, and a decay that keeps the sum of the squared weights constant.

use super::definition::{COINCIDENCE, DECAY, Event, Jump, Rule, Sent, Side, TraceDef, check_bounds, clip};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct Oja;

impl Rule for Oja {
    fn definition() -> Definition {
        Definition {
            key: "oja",
            title: "Oja's rule in spikes",
            equation: "post: w += eta (x - w y); x and y are rates in Hz, filtered with tauPre and tauPost",
            update: "at spikes of the target: x = 1000 xPre / tauPre and y = 1000 xPost / tauPost, without the spike \
                     itself; traces decay by exp(-elapsed / tau) and jump by 1. On average dw/dt = eta y (x - w y)",
            source: "E. Oja, J. Math. Biol. 15, 1982, with the target's spikes in place of its rate",
            states: vec![StateDef::new("w", "1", "weight")],
            params: vec![
                ParamDef::new("eta", "1/Hz", Fallback::Value(1e-4), "learning rate")
                    .range(Range::NotNegative),
                ParamDef::new("tauPre", "ms", Fallback::Value(100.0), "time constant of the source's rate")
                    .range(Range::Positive),
                ParamDef::new("tauPost", "ms", Fallback::Value(100.0), "time constant of the target's rate")
                    .range(Range::Positive),
                ParamDef::new("wMin", "1", Fallback::Value(0.0), "smallest weight"),
                ParamDef::new("wMax", "1", Fallback::Value(10.0), "largest weight"),
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
        vec![trace("xPre", Side::Pre, "tauPre"), trace("xPost", Side::Post, "tauPost")]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        let per_second = L::constant(1000.0) * p.get("eta");
        p.clone().with("hebb", per_second / p.get("tauPre")).with("forget", per_second / p.get("tauPost"))
    }

    fn pre<L: Scalar>(_: &Settings, _: &Named<L>, e: &Event<L>) -> Sent<L> {
        Sent { states: vec![e.state("w")], transmitted: e.state("w") }
    }

    fn post<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let w = e.state("w");
        let grown = c.get("hebb").mul_add(e.trace("xPre"), w);
        Some(vec![clip(c, grown - c.get("forget") * e.trace("xPost") * w)])
    }
}
