//! Adaptive leaky integrate-and-fire: spikes raise the threshold, or feed a current against the input.

use super::current;
use super::decay::{Decay, MEMBRANE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Range, StateDef, Stepped};
use super::libraries;
use super::membrane::{self, Membrane};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct Alif;

const ADAPTATION: Decay = Decay { factor: "rho", tau: "tauAdapt" };

impl Neuron for Alif {
    fn definition() -> Definition {
        use Fallback::{Absent, Value};
        let mut options = vec![
            method(),
            current::input_scale(),
            OptionDef {
                name: "adaptation",
                values: &["threshold", "current"],
                meaning: "the effect of betaAdapt a: it raises the threshold, or is subtracted from the drive of v",
            },
            OptionDef {
                name: "adaptationScale",
                values: &["weight", "one-minus-rho"],
                meaning: "increment of a at a spike: 1, or 1 - rho",
            },
            current::order(),
        ];
        options.extend(membrane::options());
        options.push(OptionDef {
            name: "detachAdaptation",
            values: &["false", "true"],
            meaning: "whether the increase of a by a spike is a constant for the gradient",
        });
        let mut params = decay_params(MEMBRANE).to_vec();
        params.extend([
            ParamDef::new("rho", "1", Absent, "decay factor of a per step").range(Range::Unit).learnable(),
            ParamDef::new("tauAdapt", "ms", Value(200.0), "time constant of the adaptation")
                .range(Range::Positive)
                .learnable(),
            ParamDef::new(
                "betaAdapt",
                "",
                Value(0.2),
                "contribution of one unit of a to the threshold, or its reduction of the drive",
            )
            .learnable(),
            current::optional_synapse(),
            current::resistance(),
            current::leak(),
        ]);
        params.extend(membrane::params(Fallback::Same("vLeak")));
        Definition {
            key: "alif",
            title: "adaptive leaky integrate-and-fire",
            equation: "tauMem dv/dt = (vLeak - v) + r x; tauAdapt da/dt = -a, a = a + 1 at a spike; threshold = \
                       vThreshold + betaAdapt a",
            update: "a[t] = rho a[t-1] + s[t-1]; v[t] = beta v[t-1] + gain x[t] + (1 - beta) vLeak - s[t-1] \
                     vThreshold; s[t] = 1 if v[t] > vThreshold + betaAdapt a[t] else 0. With resetTiming same-step \
                     the threshold uses rho a[t-1], and s[t] is added to a[t]",
            source: "G. Bellec et al., Long short-term memory and learning-to-learn in networks of spiking neurons, \
                     NeurIPS 2018; G. Bellec et al., Nat. Commun. 11:3625, 2020",
            states: vec![
                membrane::state(),
                current::optional_state(),
                StateDef::new("a", "", "adaptation: decaying count of the spikes"),
                membrane::refractory_state(),
            ],
            params,
            alternatives: vec![&["beta", "tauMem"], &["rho", "tauAdapt"], membrane::REFRACTORY_ALTERNATIVES],
            options,
            presets: vec![libraries::norse(
                &[("method", "euler"), ("inputScale", "dt-over-tau"), ("currentOrder", "use-decay-add")],
                &[
                    ("tauMem", Value(10.0)),
                    ("tauSyn", Value(5.0)),
                    ("tauAdapt", Value(800_000.0)),
                    ("betaAdapt", Value(1.8)),
                ],
                "LSNNCell, and LSNNRecurrentCell with detachReset and detachAdaptation true. b is vThreshold + betaAdapt a. Its default tau_adapt_inv of 1/800 is per second, as \
                 here, but looks meant per ms: give tauAdapt",
            )],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        ADAPTATION.check(s)?;
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let (beta, rho) = (MEMBRANE.factor(s, p), ADAPTATION.factor(s, p));
        let jump = if s.is("adaptationScale", "one-minus-rho") { rho.not() } else { L::one() };
        let charge = current::derive(s, p, beta);
        let per_a = match s.option("adaptation") {
            "current" => charge.get("gain") * p.get("betaAdapt"),
            _ => p.get("betaAdapt"),
        };
        let charge = charge.with("forget", rho.not()).with("jump", jump).with("perA", per_a);
        current::derive_optional(s, p, membrane::derive(s, p, beta, charge))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (used, kept) = current::driving(s, c, states, ports[0]);
        let (old_v, old_a) = (states.get("v"), states.get("a"));
        let raises = s.is("adaptation", "threshold");
        let threshold = |a: L| match raises {
            true => a.mul_add(c.get("perA"), c.get("vThreshold")),
            false => c.get("vThreshold"),
        };
        let before = threshold(old_a);
        let added = |spike: L| if s.flag("detachAdaptation") { spike.detach() } else { spike };
        // Whether a spike affects the adaptation in the same step as the membrane.
        let at_once = s.is("resetTiming", "same-step");
        // Not `rho * a`: the factor of a slow decay is near 1, where f32 has few digits left.
        let decayed = old_a.mul_add(-c.get("forget"), old_a);
        let a = match at_once {
            true => decayed,
            false => added((old_v - before).spike(s.is("compare", ">"))).mul_add(c.get("jump"), decayed),
        };
        let input = current::drive(c, used);
        let drive = if raises { input } else { input - a * c.get("perA") };
        let charge = |v: L| v.mul_add(c.get("beta"), drive);
        let fired = Membrane { s, c, charge: &charge, thresholds: [before, threshold(a)] }.fire(states);
        let a = if at_once { added(fired.fires).mul_add(c.get("jump"), a) } else { a };
        Stepped { states: fired.states(kept.into_iter().chain([a])), spike: Some(fired.spike) }
    }
}
