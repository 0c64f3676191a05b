//! Short-term plasticity: depression and facilitation.

use super::definition::{DECAY, Event, Rule, Sent};
use lapicque_base::error::{Error, Result};
use lapicque_dynamics::definition::{Definition, Fallback, OptionDef, ParamDef, Preset, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct TsodyksMarkram;

impl Rule for TsodyksMarkram {
    fn definition() -> Definition {
        let state = |name, init, meaning| StateDef { init, ..StateDef::new(name, "1", meaning) };
        let part = |name, fallback, meaning| ParamDef::new(name, "1", fallback, meaning).range(Range::Unit);
        let tau = |name, fallback, meaning| ParamDef::new(name, "ms", fallback, meaning);
        Definition {
            key: "tsodyks-markram",
            title: "Tsodyks–Markram short-term plasticity",
            equation: "du/dt = -u / tauFac, dx/dt = (1 - x - y) / tauRec, dy/dt = -y / tauPsc; at a spike u += \
                       utilization (1 - u), then u x moves from x to y and the weight is w u x. Without tauPsc, y = 0",
            update: "at presynaptic spikes only: the exact solution over the time since the last one, then the jump",
            source: "M. Tsodyks, H. Markram, PNAS 94, 1997; M. Tsodyks, A. Uziel, H. Markram, J. Neurosci. 20, 2000, \
                     equations 3 and 4",
            states: vec![
                StateDef::new("w", "*", "weight of all resources together"),
                state("u", Some("uInit"), "fraction of the resources used by the last spike"),
                state("x", Some("xInit"), "fraction of available resources"),
                state("y", Some("yInit"), "fraction of active resources")
                    .only_if(|s| s.param("tauPsc").is_some()),
            ],
            params: vec![
                part(
                    "utilization",
                    Fallback::Value(0.5),
                    "U: increment of u at a spike, as a fraction of 1 - u",
                )
                .earlier("utilisation"),
                tau("tauRec", Fallback::Value(800.0), "time constant of recovery").range(Range::Positive),
                tau("tauFac", Fallback::Value(0.0), "time constant of facilitation; 0: none")
                    .range(Range::NotNegative),
                tau(
                    "tauPsc",
                    Fallback::Absent,
                    "how long resources are active before they recover; omitted: they recover immediately",
                )
                .range(Range::Positive),
                ParamDef::new("uInit", "1", Fallback::Value(0.0), "u before the first spike"),
                part("uFirst", Fallback::Absent, "u of a first spike at time 0"),
                part("xInit", Fallback::Value(1.0), "x before the first spike"),
                part("yInit", Fallback::Value(0.0), "y before the first spike"),
            ],
            alternatives: vec![&["uInit", "uFirst"]],
            options: vec![
                DECAY,
                OptionDef {
                    name: "start",
                    values: &["time-zero", "first-spike"],
                    meaning: "time from which the initial values relax",
                },
            ],
            presets: vec![
                Preset {
                    name: "nest",
                    options: vec![],
                    params: vec![("tauPsc", Fallback::Value(3.0))],
                    surrogate: None,
                    note: "tsodyks_synapse",
                },
                Preset {
                    name: "nest-tsodyks2",
                    options: vec![("start", "first-spike")],
                    // Whatever U is, the initial u is 0.5.
                    params: vec![("uInit", Fallback::Absent), ("uFirst", Fallback::Value(0.5))],
                    surrogate: None,
                    note: "tsodyks2_synapse",
                },
                Preset {
                    name: "norse",
                    options: vec![("decay", "euler")],
                    params: vec![
                        ("utilization", Fallback::Value(0.45)),
                        ("tauRec", Fallback::Value(750.0)),
                        ("tauFac", Fallback::Value(50.0)),
                    ],
                    surrogate: None,
                    note: "stp. In the step of a spike, the increment of u is a fraction of its value before the decay",
                },
            ],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        let value = |s: &Settings, name: &str| s.param(name).map(|param| param.values[0]);
        if let Some(first) = value(s, "uFirst") {
            let jump = value(s, "utilization").unwrap_or(0.0);
            // The value from which a spike jumps to `first`; if a spike uses all resources, any value does.
            let before = if jump < 1.0 { (first - jump) / (1.0 - jump) } else { 0.0 };
            s.replace("uFirst", "uInit", vec![before]);
        }
        if let (Some(psc), Some(rec)) = (value(s, "tauPsc"), value(s, "tauRec")) {
            if psc == rec {
                return Err(Error::invalid("tauPsc", psc, format!("another time than tauRec, {rec} ms")));
            }
            if s.is("decay", "euler") {
                return Err(Error::invalid("tauPsc", psc, "nothing when resources decay by Euler steps"));
            }
        }
        if s.is("decay", "euler") {
            for name in ["tauRec", "tauFac"] {
                if let Some(tau) = value(s, name).filter(|&tau| tau <= s.dt) {
                    return Err(Error::invalid(name, tau, format!("more than a step of {} ms", s.dt)));
                }
            }
        }
        Ok(())
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        // The decay rate of a variable per ms: the logarithm of its decay factor.
        let rate = |tau: L| match s.is("decay", "euler") {
            true => (L::one() - L::constant(s.dt) / tau).ln() / L::constant(s.dt),
            false => -L::one() / tau,
        };
        let (rec, fac) = (p.get("tauRec"), p.get("tauFac"));
        let coefs = Named::default().with("utilization", p.get("utilization")).with("recover", rate(rec));
        let coefs = if s.has_nonzero("tauFac") { coefs.with("facilitate", rate(fac)) } else { coefs };
        match p.find("tauPsc") {
            None => coefs,
            Some(psc) => coefs
                .with("work", rate(psc))
                .with("recSlow", rec / (psc - rec))
                .with("pscSlow", psc / (psc - rec)),
        }
    }

    fn pre<L: Scalar>(s: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let w = e.state("w");
        let step = L::constant(s.dt);
        let euler = s.is("decay", "euler");
        // An Euler step applies decay and jump at the same time: both start from the previous value.
        let before = relaxed(c, e.states, if euler { e.elapsed - step } else { e.elapsed });
        let rested = if euler { relaxed(c, &before, step) } else { before.clone() };
        let utilization = c.get("utilization");
        let u = rested.get("u") + utilization * (L::one() - before.get("u"));
        let used = u * before.get("x");
        let mut states = vec![w, u, rested.get("x") - used];
        states.extend(rested.find("y").map(|y| y + used));
        Sent { states, transmitted: w * used }
    }

    fn relax<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, elapsed: L) -> Option<Vec<L>> {
        Some(relaxed(c, states, elapsed).iter().map(|(_, x)| x).collect())
    }
}

fn relaxed<L: Scalar>(c: &Named<L>, states: &Named<L>, elapsed: L) -> Named<L> {
    let left = |rate: &str| (elapsed * c.get(rate)).exp();
    let (x, recover) = (states.get("x"), left("recover"));
    // Without facilitation nothing remains after any positive time.
    let facilitated = if c.has("facilitate") { left("facilitate") } else { L::zero().at_least(elapsed) };
    let relaxed = Named::default().with("w", states.get("w")).with("u", states.get("u") * facilitated);
    match states.find("y") {
        None => relaxed.with("x", L::one() - (L::one() - x) * recover),
        Some(y) => {
            let work = left("work");
            let back = (recover - L::one()) * c.get("recSlow") - (work - L::one()) * c.get("pscSlow");
            let free = (L::one() - x - y) * (L::one() - recover);
            relaxed.with("x", x + back * y + free).with("y", y * work)
        }
    }
}
