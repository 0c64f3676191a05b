//! Exact integration of a leaky membrane driven by a synaptic current over one step, and the common spike and reset of such
//! neurons.
//!
//! S. Rotter, M. Diesmann, "Exact digital simulation of time-invariant linear systems with
//! applications to neuronal modeling", Biol. Cybern. 81, 1999.

use super::definition::{Fallback, ParamDef, Range, Sign, Signs, StateDef};
use super::names::Named;
use super::settings::Settings;
use lapicque_expr::Scalar;

/// Parameters of membrane and refractory period; each model adds those of its synapses.
pub fn params() -> Vec<ParamDef> {
    use Fallback::{Same, Value};
    let potential = |name, fallback, meaning| ParamDef::new(name, "mV", fallback, meaning);
    vec![
        ParamDef::new("c", "pF", Value(250.0), "membrane capacitance").range(Range::Positive),
        potential("vLeak", Value(-70.0), "potential towards which v decays"),
        potential("vThreshold", Value(-55.0), "potential at and above which a spike is emitted"),
        potential("vReset", Value(-70.0), "potential after a spike").below("vThreshold"),
        potential("vInit", Same("vLeak"), "potential at the start"),
        ParamDef::new("tauRef", "ms", Value(2.0), "refractory period, rounded to whole steps")
            .range(Range::NotNegative),
        ParamDef::new("iBias", "pA", Value(0.0), "constant current").neutral(0.0),
    ]
}

pub fn synaptic_time(name: &'static str, value: f64, meaning: &'static str) -> ParamDef {
    ParamDef::new(name, "ms", Fallback::Value(value), meaning).range(Range::Positive)
}

/// The ports of a neuron with two kinds of synapses; the input of each is positive.
pub const PORTS: [&str; 3] = ["excitatory", "inhibitory", "current"];

/// The signs of weights at the first two ports, for conductances and for currents.
pub const CONDUCTANCES: Signs = &[("excitatory", Sign::Conductance), ("inhibitory", Sign::Conductance)];
pub const CURRENTS: Signs = &[("inhibitory", Sign::Inhibition)];

pub fn voltage() -> StateDef {
    StateDef::new("v", "mV", "membrane potential").init("vInit")
}

pub fn refractory() -> StateDef {
    StateDef::new("refractory", "steps", "steps for which v still rests")
}

/// The change of a membrane in one step: it keeps the fraction `left` of its distance from rest.
pub struct Propagator<L> {
    left: L,
    h: L,
    tau: L,
    c: L,
}

impl<L: Scalar> Propagator<L> {
    pub fn new(s: &Settings, p: &Named<L>) -> Self {
        let (h, tau) = (L::constant(s.dt), p.get("tauMem"));
        Propagator { left: (-(h / tau)).exp(), h, tau, c: p.get("c") }
    }

    /// The coefficients of membrane and reset.
    pub fn derive(&self, s: &Settings, p: &Named<L>) -> Named<L> {
        let charge = self.tau / self.c * (L::one() - self.left);
        Named::default()
            .with("left", self.left)
            .with("charge", charge)
            .with("drift", (L::one() - self.left) * p.get("vLeak") + charge * p.get("iBias"))
            .with("vThreshold", p.get("vThreshold"))
            .with("vReset", p.get("vReset"))
            .with("refractorySteps", steps(s, p))
    }

    /// The change of v in mV in a step, from a current of 1 pA at its start that decays with `tau_syn`.
    pub fn exponential(&self, tau_syn: L) -> L {
        let x = self.difference(tau_syn);
        let series = polynomial(x, &[1.0, -1.0 / 2.0, 1.0 / 6.0, -1.0 / 24.0, 1.0 / 120.0]);
        let closed = (L::one() - (-x).exp()) / apart(x);
        self.h / self.c * self.left * close(x).select(series, closed)
    }

    /// The change of v in mV in a step, from a current that is 0 at its start, rises with 1 pA/ms and decays with `tau_syn`:
    /// the other part of the alpha function.
    pub fn rising(&self, tau_syn: L) -> L {
        let x = self.difference(tau_syn);
        let series = polynomial(x, &[1.0 / 2.0, -1.0 / 3.0, 1.0 / 8.0, -1.0 / 30.0, 1.0 / 144.0]);
        let closed = (L::one() - (-x).exp() * (L::one() + x)) / apart(x).square();
        self.h.square() / self.c * self.left * close(x).select(series, closed)
    }

    /// The difference of the decays of current and membrane over a step.
    fn difference(&self, tau_syn: L) -> L {
        self.h * (self.tau - tau_syn) / (self.tau * tau_syn)
    }
}

/// Whether the time constants are so close that the closed forms lose their digits.
fn close<L: Scalar>(x: L) -> L {
    L::constant(0.01).greater(x.abs())
}

/// `x`, replaced near 0 so that it can be a divisor.
fn apart<L: Scalar>(x: L) -> L {
    close(x).select(L::one(), x)
}

fn polynomial<L: Scalar>(x: L, coefficients: &[f64]) -> L {
    coefficients.iter().rev().fold(L::zero(), |sum, &c| sum.mul_add(x, L::constant(c)))
}

/// The refractory period rounded to steps: 2 ms in steps of 0.1 ms are 20.
pub fn steps<L: Scalar>(s: &Settings, p: &Named<L>) -> L {
    (p.get("tauRef") / L::constant(s.dt) + L::constant(0.5)).floor()
}

/// The decay factor of a synaptic variable per step.
pub fn decay<L: Scalar>(s: &Settings, tau: L) -> L {
    (-(L::constant(s.dt) / tau)).exp()
}

/// v, its refractory counter and the spike after a step that would charge v to `charged`.
pub fn fire<L: Scalar>(c: &Named<L>, states: &Named<L>, charged: L) -> (L, L, L) {
    let left = states.get("refractory").detach();
    let resting = left.greater(L::zero());
    let v = resting.select(states.get("v"), charged);
    let spike = resting.select(L::zero(), (v - c.get("vThreshold")).spike(false));
    let v = spike.select(c.get("vReset"), v);
    let counted = (left - resting).max(L::zero());
    (v, spike.detach().select(c.get("refractorySteps"), counted).detach(), spike)
}
