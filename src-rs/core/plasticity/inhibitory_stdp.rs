//! Plasticity of inhibitory synapses that balances excitation.

use super::definition::{
    COINCIDENCE, DECAY, Event, PAIRING, Rule, Sent, Side, TraceDef, check_bounds, clip, jump,
};
use lapicque_base::error::Result;
use lapicque_dynamics::definition::{Definition, Fallback, ParamDef, Range, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

pub struct InhibitoryStdp;

impl Rule for InhibitoryStdp {
    fn definition() -> Definition {
        Definition {
            key: "inhibitory-stdp",
            title: "Vogels–Sprekeler inhibitory plasticity",
            equation: "pre: w += eta (xPost - alpha); post: w += eta xPre; dx/dt = -x / tau, each + 1 at its neuron's \
                       spikes; alpha = 2 rate tau",
            update: "at events only: traces decay by exp(-elapsed / tau), then w changes and is clipped to wMin … wMax, \
                     then the trace jumps. At a spike of the source eta xPost is added first and the sum clipped, \
                     then eta alpha is subtracted: a weight at wMax decreases by eta alpha for any xPost, as in \
                     NEST. w is a magnitude: for negative weights, a larger w means more inhibition",
            source: "T. P. Vogels, H. Sprekeler et al., Science 334, 2011; order of clipping: NEST 3.10 vogels_sprekeler_synapse",
            states: vec![StateDef::new("w", "*", "weight")],
            params: vec![
                ParamDef::new("tau", "ms", Fallback::Value(20.0), "time constant of both traces")
                    .range(Range::Positive),
                ParamDef::new("eta", "*", Fallback::Value(0.001), "change by a pair with no time difference"),
                ParamDef::new("rate", "Hz", Fallback::Value(3.0), "target rate of the postsynaptic neuron")
                    .range(Range::NotNegative),
                ParamDef::new(
                    "alpha",
                    "1",
                    Fallback::Absent,
                    "depression by each spike of the source, as a fraction of eta",
                ),
                ParamDef::new("wMin", "*", Fallback::Value(0.0), "smallest weight"),
                ParamDef::new("wMax", "*", Fallback::Value(1.0), "largest weight"),
            ],
            alternatives: vec![&["rate", "alpha"]],
            options: vec![PAIRING, COINCIDENCE, DECAY],
            ..Definition::default()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        let value = |name: &str| s.param(name).map(|param| param.values[0]);
        if let (Some(rate), Some(tau)) = (value("rate"), value("tau")) {
            s.replace("rate", "alpha", vec![2.0 * rate * tau / 1000.0]);
        }
        check_bounds(s)
    }

    fn traces(s: &Settings) -> Vec<TraceDef> {
        let trace = |name, side| TraceDef { name, side, tau: "tau", jump: jump(s) };
        vec![trace("xPre", Side::Pre), trace("xPost", Side::Post)]
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        p.clone()
    }

    fn pre<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Sent<L> {
        let w = clip(c, c.get("eta").mul_add(e.trace("xPost"), e.state("w")));
        let w = clip(c, w - c.get("alpha") * c.get("eta"));
        Sent { states: vec![w], transmitted: w }
    }

    fn post<L: Scalar>(_: &Settings, c: &Named<L>, e: &Event<L>) -> Option<Vec<L>> {
        Some(vec![clip(c, c.get("eta").mul_add(e.trace("xPre"), e.state("w")))])
    }
}
