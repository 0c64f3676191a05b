//! The WKV recurrence of RWKV: attention whose weights decay with the distance.

use super::definition::{Definition, Fallback, Neuron, ParamDef, StateDef, Stepped};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

pub struct Wkv;

impl Neuron for Wkv {
    fn definition() -> Definition {
        let state = |name, meaning| StateDef::new(name, "", meaning);
        Definition {
            key: "wkv",
            title: "WKV recurrence",
            equation: "out[t] = (sum over i < t of exp(k[i] - (t - 1 - i) exp(decay)) v[i] + exp(bonus + k[t]) v[t]) \
                       / (the same sum without v)",
            update: "q = max(exponent[t-1], bonus + k), e = exp(exponent[t-1] - q), f = exp(bonus + k - q); out[t] = (e \
                     numerator[t-1] + f v) / (e denominator[t-1] + f); exponent[t] = max(exponent[t-1] - exp(decay), \
                     k), e = exp(exponent[t-1] - exp(decay) - exponent[t]), f = exp(k - exponent[t]); numerator[t] = e \
                     numerator[t-1] + f v; denominator[t] = e denominator[t-1] + f",
            source: "B. Peng et al., RWKV: reinventing RNNs for the transformer era, EMNLP Findings 2023; R.-J. Zhu et \
                     al., SpikeGPT, TMLR 2024. Keys k and values v are its inputs; a step is a token, whatever dt",
            states: vec![
                state("out", "the output"),
                state("numerator", "weighted sum of past values, divided by exp(exponent)"),
                state("denominator", "sum of their weights, divided by exp(exponent)"),
                StateDef {
                    init: Some("exponentInit"),
                    ..state("exponent", "running maximum of the exponents, so that no weight overflows")
                },
            ],
            params: vec![
                ParamDef::new(
                    "decay",
                    "1",
                    Fallback::Value(-1.0),
                    "logarithm of the decay rate of past values per step",
                )
                .learnable(),
                ParamDef::new("bonus", "1", Fallback::Value(0.0), "added to the key of the current token")
                    .learnable(),
                // Below every key, and finite in f32 after any number of steps.
                ParamDef::new("exponentInit", "1", Fallback::Value(-1e38), "exponent at the start"),
            ],
            ports: vec!["key", "value"],
            learned: &["decay", "bonus"],
            ..Definition::default()
        }
    }

    fn derive<L: Scalar>(_: &Settings, p: &Named<L>) -> Named<L> {
        Named::default().with("rate", p.get("decay").exp()).with("bonus", p.get("bonus"))
    }

    fn step<L: Scalar>(_: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (key, value) = (ports[0], ports[1]);
        let [numerator, denominator] = ["numerator", "denominator"].map(|name| states.get(name));
        // The exponent is only a scale that cancels in results, so no gradient flows through it.
        let exponent = states.get("exponent").detach();
        let weigh = |old: L, new: L| {
            let most = old.max(new).detach();
            ((old - most).exp(), (new - most).exp(), most)
        };
        let (before, now, _) = weigh(exponent, key + c.get("bonus"));
        let out = numerator.mul_add(before, now * value) / denominator.mul_add(before, now);
        let (before, now, exponent) = weigh(exponent - c.get("rate"), key);
        let numerator = numerator.mul_add(before, now * value);
        let denominator = denominator.mul_add(before, now);
        Stepped { states: vec![out, numerator, denominator, exponent], spike: None }
    }
}
