//! The alpha neuron in snnTorch's two-exponential form.

use super::decay::{MEMBRANE, SYNAPSE, method, params as decay_params};
use super::definition::{Definition, Fallback, Neuron, OptionDef, StateDef, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub struct Alpha;

impl Neuron for Alpha {
    fn definition() -> Definition {
        let kept = ["compare", "detachReset"];
        let mut options = vec![
            method(),
            OptionDef {
                name: "reset",
                values: &["value", "subtract", "none"],
                meaning: "value: all three states start again at 0; subtract: as snnTorch has it, \
                          vThreshold off synExc, synInh to 0, and the old synInh added to v",
            },
        ];
        options.extend(membrane::options().into_iter().filter(|option| kept.contains(&option.name)));
        let mut params = decay_params(SYNAPSE).to_vec();
        params.extend(decay_params(MEMBRANE));
        let kept = ["vThreshold", "gradedSpikes"];
        let shared = membrane::params(Fallback::Value(0.0)).into_iter();
        params.extend(shared.filter(|param| kept.contains(&param.name)));
        let synapse = |name, meaning| StateDef::new(name, "", meaning);
        Definition {
            key: "alpha",
            title: "alpha neuron as the difference of two exponentials",
            equation: "v = tau (synExc + synInh), tau = ln(alpha) / (ln(beta) - ln(alpha)) + 1",
            update: "synExc[t] = alpha synExc[t-1] + x[t]; synInh[t] = beta synInh[t-1] - x[t]; v[t] = tau \
                     (synExc[t] + synInh[t]); where v[t-1] > vThreshold the reset; s[t] = 1 if v[t] > \
                     vThreshold else 0",
            source: "snnTorch 1.0.0 Alpha; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, appendix",
            states: vec![
                StateDef { init: None, ..membrane::state() },
                synapse("synExc", "rising part: decays by alpha"),
                synapse("synInh", "falling part: decays by beta"),
            ],
            params,
            alternatives: vec![&["alpha", "tauSyn"], &["beta", "tauMem"]],
            options,
            presets: vec![libraries::snntorch(&[], &[], "Alpha, with its oddities under reset \"subtract\"")],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        MEMBRANE.check(s)?;
        SYNAPSE.check(s)?;
        let fixed = |name: &str| s.param(name).filter(|param| !param.learn);
        for name in ["alpha", "beta"] {
            let ends = fixed(name).and_then(|param| param.values.iter().find(|&&x| x <= 0.0 || x >= 1.0));
            if let Some(x) = ends {
                return Err(Error::invalid(name, x, "a number between 0 and 1"));
            }
        }
        for (slow, fast) in [("alpha", "beta"), ("tauSyn", "tauMem")] {
            if let (Some(slow), Some(fast)) = (fixed(slow), fixed(fast)) {
                let at = |values: &[f64], i: usize| if values.len() == 1 { values[0] } else { values[i] };
                let n = slow.values.len().max(fast.values.len());
                if let Some(i) = (0..n).find(|&i| at(&slow.values, i) <= at(&fast.values, i)) {
                    let expected = format!("more than {} ({})", fast.name, at(&fast.values, i));
                    return Err(Error::invalid(slow.name, at(&slow.values, i), expected));
                }
            }
        }
        Ok(())
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let (alpha, beta) = (SYNAPSE.factor(s, p), MEMBRANE.factor(s, p));
        let (slow, fast) = (alpha.ln(), beta.ln());
        Named::default()
            .with("alpha", alpha)
            .with("beta", beta)
            .with("tau", slow / (fast - slow) + L::one())
            .with("vThreshold", p.get("vThreshold"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let (old, old_inh, x) = (states.get("v"), states.get("synInh"), ports[0]);
        let threshold = c.get("vThreshold");
        let crosses = |v: L| (v - threshold).spike(s.is("compare", ">"));
        let fired = crosses(old);
        let fired = if s.flag("detachReset") { fired.detach() } else { fired };

        let exc = states.get("synExc").mul_add(c.get("alpha"), x);
        let inh = old_inh.mul_add(c.get("beta"), -x);
        let v = c.get("tau") * (exc + inh);
        let zeroed = |state: L| fired.select(L::zero(), state);
        let (v, exc, inh) = match s.option("reset") {
            "subtract" => (fired.mul_add(old_inh, v), exc - fired * threshold, zeroed(inh)),
            "value" => (zeroed(v), zeroed(exc), zeroed(inh)),
            _ => (v, exc, inh),
        };
        Stepped { states: vec![v, exc, inh], spike: Some(crosses(v) * c.get("gradedSpikes")) }
    }
}
