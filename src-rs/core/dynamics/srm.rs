//! Spike response model: the potential as a sum of kernels, run as recurrences.

use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Range, StateDef, Stepped};
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub struct Srm;

impl Neuron for Srm {
    fn definition() -> Definition {
        use Fallback::Value;
        let shared = ["compare", "detachReset"];
        let mut options = vec![OptionDef {
            name: "kernel",
            values: &["alpha", "double-exponential", "exponential"],
            meaning: "response of v to an input, s ms after it: (s / tauSyn) exp(1 - s / tauSyn), or tauMem / (tauMem \
                      - tauSyn) (exp(-s / tauMem) - exp(-s / tauSyn)), or exp(-s / tauMem); 0 at s = 0",
        }];
        options.extend(membrane::options().into_iter().filter(|option| shared.contains(&option.name)));
        let time = |name, value, meaning| {
            ParamDef::new(name, "ms", Value(value), meaning).range(Range::Positive).learnable()
        };
        Definition {
            key: "srm",
            title: "spike response model",
            equation: "v(t) = sum over inputs of w epsilon(t - t_in) + sum over own spikes of eta(t - t_out); eta(s) = \
                       etaInit vThreshold exp(-s / tauEta)",
            update: "psp[t] = left psp[t-1] + gain iSyn[t-1]; iSyn[t] = leftSyn iSyn[t-1] + x[t]; v[t] = psp[t] + \
                     exp(-dt / tauEta) eta[t-1]; s[t] = 1 if v[t] > vThreshold else 0; eta[t] = exp(-dt / tauEta) \
                     eta[t-1] + s[t] etaInit vThreshold; left, leftSyn and gain are those that make the sum exact",
            source: "W. Gerstner, Phys. Rev. E 51, 1995; W. Gerstner, W. Kistler, Spiking Neuron Models, 2002, \
                     section 4.2 (SRM0)",
            states: vec![
                StateDef { init: None, ..membrane::state() },
                StateDef::new("iSyn", "", "input through the first exponential"),
                StateDef::new("psp", "", "sum of the responses to inputs"),
                StateDef::new("eta", "", "sum of the responses to own spikes"),
            ],
            params: vec![
                time("tauSyn", 5.0, "time constant of the rise; of alpha the only one"),
                time("tauMem", 10.0, "time constant of the decay; not of alpha"),
                time("tauEta", 10.0, "time constant of the refractoriness"),
                ParamDef::new(
                    "etaInit",
                    "1",
                    Value(-1.0),
                    "refractoriness just after a spike, in thresholds",
                )
                .learnable(),
                membrane::threshold(),
                membrane::grade(),
            ],
            options,
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        if s.is("kernel", "double-exponential") {
            let values = |name| s.param(name).map_or(vec![], |param| param.values.clone());
            let (rise, decay) = (values("tauSyn"), values("tauMem"));
            let at = |x: &[f64], i: usize| if x.len() == 1 { x[0] } else { x[i] };
            let n = rise.len().max(decay.len());
            if let Some(i) = (0..n).find(|&i| at(&rise, i) == at(&decay, i)) {
                let expected = "another time constant than tauMem (where they are equal the kernel is alpha)";
                return Err(Error::invalid("tauSyn", at(&rise, i), expected));
            }
        }
        Ok(())
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let dt = L::constant(s.dt);
        let tau = |name: &str| p.get(name).max(L::constant(s.dt * 1e-6));
        let left = |name: &str| (-(dt / tau(name))).exp();
        let (decay, synapse, gain) = match s.option("kernel") {
            "double-exponential" => {
                let (slow, fast) = (left("tauMem"), left("tauSyn"));
                let gain = tau("tauMem") / (tau("tauMem") - tau("tauSyn")) * (slow - fast);
                (slow, fast, gain)
            }
            // The input of a single step is stored until it is used.
            "exponential" => (left("tauMem"), L::zero(), left("tauMem")),
            _ => {
                let left = left("tauSyn");
                (left, left, dt / tau("tauSyn") * L::constant(std::f64::consts::E) * left)
            }
        };
        Named::default()
            .with("left", decay)
            .with("leftSyn", synapse)
            .with("gain", gain)
            .with("leftEta", left("tauEta"))
            .with("etaInit", p.get("etaInit") * p.get("vThreshold"))
            .with("vThreshold", p.get("vThreshold"))
            .with("gradedSpikes", p.get("gradedSpikes"))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let synapse = states.get("iSyn");
        let psp = synapse.mul_add(c.get("gain"), states.get("psp") * c.get("left"));
        let synapse = synapse.mul_add(c.get("leftSyn"), ports[0]);
        let eta = states.get("eta") * c.get("leftEta");
        let v = psp + eta;
        let spike = (v - c.get("vThreshold")).spike(s.is("compare", ">"));
        let reset_spike = if s.flag("detachReset") { spike.detach() } else { spike };
        let eta = reset_spike.mul_add(c.get("etaInit"), eta);
        Stepped { states: vec![v, synapse, psp, eta], spike: Some(spike * c.get("gradedSpikes")) }
    }
}
