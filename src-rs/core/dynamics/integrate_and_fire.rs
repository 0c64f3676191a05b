//! Integrate-and-fire without a leak.

use super::current;
use super::definition::{Definition, Fallback, Neuron, OptionDef, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::Result;
use lapicque_expr::Scalar;

pub struct IntegrateAndFire;

impl Neuron for IntegrateAndFire {
    fn definition() -> Definition {
        let mut options = vec![OptionDef {
            name: "inputScale",
            values: &["weight", "dt"],
            meaning: "coefficient on the input: r alone, or r dt",
        }];
        options.extend(membrane::options());
        let mut params = vec![current::resistance()];
        params.extend(membrane::params(Fallback::Value(0.0)));
        let at_reset = [("vInit", Fallback::Same("vReset"))];
        Definition {
            key: "if",
            title: "integrate-and-fire",
            equation: "dv/dt = r x",
            update: "v[t] = v[t-1] + gain x[t] - s[t-1] vThreshold; s[t] = 1 if v[t] > vThreshold else 0",
            source: "J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II, with beta = 1",
            states: vec![membrane::state(), membrane::refractory_state()],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            options,
            presets: vec![
                libraries::snntorch(&[], &[], "Leaky with beta = 1"),
                libraries::spikingjelly(&[], &at_reset, "IFNode. v starts at vReset"),
                libraries::norse(&[], &at_reset, "IAFCell"),
                libraries::nir(&[("inputScale", "dt")], &[], "IF, with r per ms"),
            ],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let scale = if s.is("inputScale", "dt") { L::constant(s.dt) } else { L::one() };
        let charge = Named::default().with("gain", p.get("r") * scale).with("drift", L::zero());
        membrane::derive(s, p, L::one(), charge)
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fired = membrane::fire(s, c, states, current::drive(c, ports[0]));
        Stepped { states: fired.states([]), spike: Some(fired.spike) }
    }
}
