//! Homeostatic scaling: all weights onto a neuron are scaled by the same factor until it fires at a target rate.

use super::definition::{Event, Rule, Sent, check_bounds, clip};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct SynapticScaling;

impl Rule for SynapticScaling {
    fn definition() -> Definition {
        let number = |name, unit, value, meaning| ParamDef::new(name, unit, Fallback::Value(value), meaning);
        Definition {
            key: "synaptic-scaling",
            title: "homeostatic synaptic scaling",
            equation: "tauScaling dw/dt = w (1 - y / rateTarget); tauRate dy/dt = -y, a spike of the target adds \
                       1000 / tauRate to y, its rate in Hz",
            update: "at events only: w and y advance by their exact solution over the time since the last event, w is \
                     clipped to wMin … wMax; then a spike of the target adds to y. All weights onto a neuron keep their \
                     ratios",
            source: "G. G. Turrigiano et al., Nature 391, 1998; multiplicative and by a filtered rate: M. C. W. van Rossum, \
                     G. Q. Bi, G. G. Turrigiano, J. Neurosci. 20, 2000",
            states: vec![
                StateDef::new("w", "*", "weight"),
                StateDef::new("y", "Hz", "rate of the target").init("rateInit"),
            ],
            params: vec![
                number("rateTarget", "Hz", 5.0, "rate at which nothing changes").range(Range::Positive),
                number("tauRate", "ms", 1000.0, "time constant of the target's rate").range(Range::Positive),
                number("tauScaling", "ms", 10_000.0, "time in which a silent neuron's weights grow by e")
                    .range(Range::Positive),
                ParamDef::new("rateInit", "Hz", Fallback::Same("rateTarget"), "rate at the start")
                    .range(Range::NotNegative),
                number("wMin", "*", 0.0, "smallest weight"),
                number("wMax", "*", 100.0, "largest weight"),
            ],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        check_bounds(s)
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        let grow = L::one() / p.get("tauScaling");
        p.clone()
            .with("perTau", L::one() / p.get("tauRate"))
            .with("step", L::constant(1000.0) / p.get("tauRate"))
            .with("grow", grow)
            .with("shrink", grow * p.get("tauRate") / p.get("rateTarget"))
    }

    fn pre<L: Scalar>(_: &Settings, k: &Named<L>, e: &Event<L>) -> Sent<L> {
        let [w, y] = rested(k, e.states, e.elapsed);
        Sent { states: vec![w, y], transmitted: w }
    }

    fn post<L: Scalar>(_: &Settings, k: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        let [w, y] = rested(k, e.states, e.elapsed);
        Some(vec![w, y + k.get("step")])
    }

    fn relax<L: Scalar>(_: &Settings, k: &Named<L>, states: &Named<L>, elapsed: L) -> Option<Vec<L>> {
        Some(rested(k, states, elapsed).to_vec())
    }
}

fn rested<L: Scalar>(k: &Named<L>, states: &Named<L>, elapsed: L) -> [L; 2] {
    let [w, y] = ["w", "y"].map(|name| states.get(name));
    let left = (-elapsed * k.get("perTau")).exp();
    // The integral of 1 - y / rateTarget over the time, in units of tauScaling.
    let grown = elapsed * k.get("grow") - y * k.get("shrink") * (L::one() - left);
    [clip(k, w * grown.exp()), y * left]
}
