//! Voltage-based plasticity: depression at spikes of the source and potentiation while the target is
//! depolarized, both by low-pass filters of its membrane.

use super::definition::{Event, Rule, Sent, Side, SightDef, TraceDef, check_bounds, clip};
use crate::definition::Jump;
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, OptionDef, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct Clopath;

impl Rule for Clopath {
    fn definition() -> Definition {
        let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
        let time = |name, value, meaning| number(name, "ms", value, meaning).range(Range::Positive);
        Definition {
            key: "clopath",
            title: "voltage-based spike-timing-dependent plasticity",
            equation: "each step: w += aLtp (u - thetaPlus) (uPlus - thetaMinus) x dt, both brackets above 0; pre: w -= \
                       aLtd (uMinus - thetaMinus), above 0; tauPlus duPlus/dt = u - uPlus; tauMinus duMinus/dt = u - \
                       uMinus; tauX dx/dt = -x, a spike of the source adds 1 / tauX to x; homeostatic: aLtd (uBar - \
                       uRest)^2 / uRefSquared in place of aLtd, tauBar duBar/dt = uMinus - uBar",
            update: "u is the state v of the target at the end of a step, or uSpike for tSpike ms from its spike on. \
                     Filters are exact for a u that is linear within the step, and the rule reads uPlus and uMinus with a \
                     delay of delayUBars; before the start, all values are those at the start. w is clipped to wMin … \
                     wMax after each change",
            source: "C. Clopath, L. Büsing, E. Vasilaki, W. Gerstner, Nat. Neurosci. 13, 2010; defaults, the delay of the \
                     filters and the order of events are those of clopath_synapse and hh_psc_alpha_clopath in NEST 3.10",
            states: vec![StateDef::new("w", "*", "weight")],
            params: vec![
                number("aLtp", "*·ms/mV²", 8e-5, "amplitude of potentiation").range(Range::NotNegative),
                number("aLtd", "*/mV", 14e-5, "amplitude of depression").range(Range::NotNegative),
                number("thetaPlus", "mV", -45.3, "threshold of u for potentiation"),
                number("thetaMinus", "mV", -70.6, "threshold of the filtered u"),
                time("tauX", 15.0, "time constant of the presynaptic trace"),
                time("tauPlus", 7.0, "time constant of uPlus"),
                time("tauMinus", 10.0, "time constant of uMinus"),
                time("tauBar", 500.0, "time constant of uBar, where depression is homeostatic"),
                number("delayUBars", "ms", 5.0, "delay with which uPlus and uMinus are read")
                    .range(Range::NotNegative),
                number("uRest", "mV", 0.0, "potential from which uBar is measured"),
                number(
                    "uRefSquared",
                    "mV²",
                    60.0,
                    "square of uBar - uRest at which the amplitude of depression is aLtd",
                )
                .range(Range::Positive),
                number("uSpike", "mV", 33.0, "u during a spike, for neurons that reset at once"),
                number("tSpike", "ms", 0.0, "how long u is uSpike after a spike of the target")
                    .range(Range::NotNegative),
                number("wMin", "*", 0.0, "smallest weight"),
                number("wMax", "*", 100.0, "largest weight"),
            ],
            options: vec![
                OptionDef {
                    name: "depression",
                    values: &["constant", "homeostatic"],
                    meaning: "constant amplitude of depression, or one that grows with uBar",
                },
                OptionDef {
                    name: "filters",
                    values: &["own", "target"],
                    meaning: "the rule filters v itself, or reads the target's states uPlus, uMinus and uBar",
                },
            ],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        check_bounds(s)
    }

    fn traces(_: &Settings) -> Vec<TraceDef> {
        vec![TraceDef { name: "x", side: Side::Pre, tau: "tauX", jump: Jump::Add }]
    }

    fn sights(s: &Settings) -> Vec<SightDef> {
        let clamped = s.has_nonzero("tSpike").then_some(["uSpike", "tSpike"]);
        let sight = |name, of, tau, delay| SightDef { name, of, tau, delay, clamped: None };
        let late = Some("delayUBars");
        let mut all = vec![SightDef { clamped, ..sight("u", "v", None, None) }];
        if s.is("filters", "target") {
            all.extend([sight("uPlus", "uPlus", None, late), sight("uMinus", "uMinus", None, late)]);
        } else {
            // uBar filters the undelayed uMinus.
            all.extend([
                sight("uPlus", "u", Some("tauPlus"), late),
                sight("uMinus", "u", Some("tauMinus"), late),
            ]);
        }
        if s.is("depression", "homeostatic") {
            all.push(match s.is("filters", "target") {
                true => sight("uBar", "uBar", None, None),
                false => sight("uBar", "uMinus", Some("tauBar"), None),
            });
        }
        all
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let per_tau = L::one() / p.get("tauX");
        p.clone()
            .with("grow", p.get("aLtp") * L::constant(s.dt) * per_tau)
            .with("perRef", L::one() / p.get("uRefSquared"))
    }

    fn pre<L: Scalar>(s: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let mut amplitude = c.get("aLtd");
        if s.is("depression", "homeostatic") {
            amplitude = amplitude * ((e.sight("uBar") - c.get("uRest")).square() * c.get("perRef"));
        }
        let over = (e.sight("uMinus") - c.get("thetaMinus")).max(L::zero());
        let w = clip(c, e.state("w") - amplitude * over);
        Sent { states: vec![w], transmitted: w }
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let over = (e.sight("u") - c.get("thetaPlus")) * (e.sight("uPlus") - c.get("thetaMinus"));
        Some(vec![clip(c, (c.get("grow") * over).mul_add(e.trace("x"), e.state("w")))])
    }

    fn acts<L: Scalar>(_: &Settings, c: &Named<L>, sights: &Named<L>) -> Option<L> {
        let over = |name: &str, theta: &str| sights.get(name).greater(c.get(theta));
        Some(over("u", "thetaPlus").select(over("uPlus", "thetaMinus"), L::zero()))
    }
}
