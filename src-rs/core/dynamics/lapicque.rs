//! Lapicque's neuron: a resistor and a capacitor, by forward Euler.

use super::current;
use super::definition::{Definition, Fallback, Neuron, ParamDef, Range, Stepped};
use super::libraries;
use super::membrane;
use super::names::Named;
use super::settings::{Param, Settings};
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

pub struct Lapicque;

impl Neuron for Lapicque {
    fn definition() -> Definition {
        let mut params = vec![
            ParamDef::new("r", "", Fallback::Absent, "resistance").range(Range::Positive),
            ParamDef::new("c", "", Fallback::Absent, "capacitance").range(Range::Positive),
            ParamDef::new("beta", "1", Fallback::Absent, "exp(-timeStep / (r c)), instead of r, c or both")
                .range(Range::OpenUnit),
            ParamDef::new("timeStep", "", Fallback::Absent, "time step in units of r c; default dt")
                .range(Range::Positive),
        ];
        params.extend(membrane::params(Fallback::Value(0.0)));
        Definition {
            key: "lapicque",
            title: "Lapicque's leaky integrate-and-fire",
            equation: "r c dv/dt = -v + r x",
            update: "v[t] = (1 - timeStep / (r c)) v[t-1] + timeStep / c x[t] - s[t-1] vThreshold; s[t] = 1 \
                     if v[t] > vThreshold else 0",
            source: "L. Lapicque 1907; J. K. Eshraghian et al., Proc. IEEE 111(9), 2023, section II; \
                     snnTorch 1.0.0 Lapicque",
            states: vec![membrane::state(), membrane::refractory_state()],
            params,
            alternatives: vec![membrane::REFRACTORY_ALTERNATIVES],
            options: membrane::options(),
            presets: vec![libraries::snntorch(
                &[("zeroKeepsInput", "false")],
                &[("timeStep", Fallback::Value(1.0))],
                "Lapicque. reset_mechanism=\"zero\" drops the input of the step",
            )],
            ..Definition::spiking()
        }
    }

    fn validate(s: &mut Settings) -> Result<()> {
        if s.param("timeStep").is_none() {
            s.replace("", "timeStep", vec![s.dt]);
        }
        complete(s)?;
        membrane::check(s)
    }

    fn derive<L: Scalar>(s: &Settings, p: &Named<L>) -> Named<L> {
        let (r, c, step) = (p.get("r"), p.get("c"), p.get("timeStep"));
        let beta = L::one() - step / (r * c);
        membrane::derive(s, p, beta, Named::default().with("gain", step / c).with("drift", L::zero()))
    }

    fn step<L: Scalar>(s: &Settings, c: &Named<L>, states: &Named<L>, ports: &[L]) -> Stepped<L> {
        let fired = membrane::fire(s, c, states, current::drive(c, ports[0]));
        Stepped { states: fired.states([]), spike: Some(fired.spike) }
    }
}

/// Computes r and c if beta is given instead of one of them or, with r = 1, instead of both.
fn complete(s: &mut Settings) -> Result<()> {
    let given = |name| s.param(name).cloned();
    match (given("r"), given("c"), given("beta")) {
        (Some(_), Some(_), Some(beta)) => {
            return Err(Error::invalid("beta", beta.values[0], "nothing, because r and c are given"));
        }
        (Some(_), Some(_), None) => {}
        (_, _, None) => return Err(Error::invalid("r", "nothing", "r and c, or beta, to be given")),
        (Some(r), None, Some(beta)) => {
            let c = each(&other(s, &beta), &r.values, |rc, r| rc / r);
            s.replace("beta", "c", c);
        }
        (None, Some(c), Some(beta)) => {
            let r = each(&other(s, &beta), &c.values, |rc, c| rc / c);
            s.replace("beta", "r", r);
        }
        (None, None, Some(beta)) => {
            let rc = other(s, &beta);
            s.replace("beta", "r", vec![1.0]);
            s.replace("", "c", rc);
        }
    }
    let values = |name| s.param(name).map_or(vec![], |param| param.values.clone());
    let rc = each(&values("r"), &values("c"), |r, c| r * c);
    match each(&rc, &values("timeStep"), |rc, step| rc - step).iter().position(|&left| left < 0.0) {
        Some(_) => Err(Error::invalid("timeStep", values("timeStep")[0], "at most r c")),
        None => Ok(()),
    }
}

/// r c, computed from beta.
fn other(s: &Settings, beta: &Param) -> Vec<f64> {
    let step = s.param("timeStep").map_or(vec![s.dt], |param| param.values.clone());
    each(&beta.values, &step, |beta, step| -step / libm::log(beta))
}

/// `f` of each pair; a single value is combined with all values of the other list.
fn each(a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let at = |x: &[f64], i: usize| if x.len() == 1 { x[0] } else { x[i] };
    (0..a.len().max(b.len())).map(|i| f(at(a, i), at(b, i))).collect()
}
