//! LIF whose charged potential is scaled by a learned k and rectified.

use super::current;
use super::decay::{MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Stepped};
use super::libraries;
use super::membrane::{self, Membrane};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Klif;

impl Neuron for Klif {
    fn definition() -> Definition {
        use Fallback::{Same, Value};
        let shared = ["reset", "compare", "detachReset"];
        let mut options = vec![
            method(),
            current::input_scale(),
            OptionDef {
                name: "scaleReset",
                values: &["false", "true"],
                meaning: "whether v is divided by k again after the reset; a value set by vReset is not",
            },
        ];
        options.extend(membrane::options().into_iter().filter(|option| shared.contains(&option.name)));
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([
            ParamDef::new("k", "1", Value(1.0), "factor on the charged potential").learnable(),
            current::resistance(),
            current::leak(),
            membrane::threshold(),
            membrane::reset_value(),
            ParamDef::new("vInit", "", Same("vLeak"), "potential at the start"),
            membrane::grade(),
        ]);
        let presets = vec![libraries::among(
            &options,
            libraries::spikingjelly(
                &[("method", "euler"), ("inputScale", "dt-over-tau")],
                &[("tauMem", Value(2.0)), ("vLeak", Same("vReset"))],
                "KLIFNode. decay_input=False is inputScale \"weight\", v_reset=None is reset \"subtract\"; v decays \
                 towards vReset. snnTorch's LeakyParallel is k 1, not learned, with reset none",
            ),
        )];
        Definition {
            key: "klif",
            title: "leaky integrate-and-fire scaled by a learned k",
            equation: "tauMem dv/dt = (vLeak - v) + r x; v = max(0, k v)",
            update: "v = max(0, k (beta v[t-1] + gain x[t] + (1 - beta) vLeak)); s[t] = 1 if v > vThreshold else 0; \
                     v[t] = v - s[t] vThreshold",
            source: "C. Jiang, Y. Zhang, KLIF: an optimized spiking neuron unit for tuning surrogate gradient slope \
                     and membrane potential, arXiv:2302.09238, 2023; SpikingJelly 2.0.0 KLIFNode",
            states: vec![membrane::state()],
            params,
            alternatives: vec![&["beta", "tauMem"]],
            options,
            learned: &["k"],
            presets,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let beta = MEMBRANE.factor(s, p);
        current::derive(s, p, beta)
            .with("beta", beta)
            .with("k", p.get("k"))
            .with("vThreshold", p.get("vThreshold"))
            .with("vReset", p.get("vReset"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (drive, k, threshold) = (current::drive(c, ports[0]), c.get("k"), c.get("vThreshold"));
        let charge = |v: L| L::zero().max(v.mul_add(c.get("beta"), drive) * k);
        let membrane = Membrane { s, c, charge: &charge, thresholds: [threshold; 2] };
        let charged = charge(states.get("v"));
        let spike = (charged - threshold).spike(s.is("compare", ">"));
        let reset_spike = membrane.for_reset(spike);
        let v = match (s.flag("scaleReset"), s.is("reset", "value")) {
            (false, _) => membrane.reset(charged, reset_spike),
            (true, true) => membrane.reset(charged / k, reset_spike),
            (true, false) => membrane.reset(charged, reset_spike) / k,
        };
        Stepped { states: vec![v], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
