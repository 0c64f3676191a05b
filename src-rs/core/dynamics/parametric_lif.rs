//! LIF whose time constant is learned through a logistic function.

use super::current;
use super::definition::{Definition, Fallback, Neuron, OptionDef, ParamDef, Range, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct ParametricLif;

impl Neuron for ParametricLif {
    fn definition() -> Definition {
        let mut options = vec![OptionDef {
            name: "inputScale",
            values: &["dt-over-tau", "weight"],
            meaning: "coefficient on the input: r sigmoid(w), or r alone",
        }];
        options.extend(membrane::options());
        let mut params = vec![
            ParamDef::new("w", "1", Fallback::Absent, "1 / tau = sigmoid(w), tau in steps").learnable(),
            ParamDef::new("tauInit", "steps", Fallback::Value(2.0), "start value of tau; becomes w")
                .range(Range::AboveOne),
            current::resistance(),
            current::leak(),
        ];
        params.extend(membrane::params(Fallback::Same("vLeak")));
        Definition {
            key: "parametric-lif",
            title: "parametric leaky integrate-and-fire",
            equation: "tau dv/dt = (vLeak - v) + r x, 1 / tau = sigmoid(w)",
            update: "v[t] = v[t-1] + (r x[t] + vLeak - v[t-1]) sigmoid(w) - s[t-1] vThreshold; s[t] = 1 if \
                     v[t] > vThreshold else 0",
            source: "W. Fang et al., Incorporating learnable membrane time constant, ICCV 2021; \
                     SpikingJelly 2.0.0 ParametricLIFNode",
            states: vec![membrane::state(), membrane::refractory_state()],
            params,
            alternatives: vec![&["w", "tauInit"], membrane::REFRACTORY_ALTERNATIVES],
            options,
            learned: &["w"],
            presets: vec![libraries::spikingjelly(
                &[],
                &[("vLeak", Fallback::Same("vReset"))],
                "ParametricLIFNode. decay_input=False is inputScale \"weight\", v_reset=None is reset \
                 \"subtract\"; v decays towards vReset",
            )],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        if let Some(tau) = s.param("tauInit") {
            let w = tau.values.iter().map(|tau| -libm::log(tau - 1.0)).collect();
            s.replace("tauInit", "w", w);
        }
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let share = p.get("w").sigmoid();
        let scale = if s.is("inputScale", "weight") { L::one() } else { share };
        let charge = Named::default().with("gain", p.get("r") * scale).with("drift", share * p.get("vLeak"));
        membrane::derive(s, p, share.not(), charge)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fired = membrane::fire(s, c, states, current::drive(c, ports[0]));
        Stepped { states: fired.states([]), spike: Some(fired.spike) }
    }
}
