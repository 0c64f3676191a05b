//! Decay of a quantity per step, given as a factor or as a time constant.

use super::definition::{Fallback, OptionDef, ParamDef, Range};
use super::names::Named;
use super::settings::Settings;
use lapicque_base::error::{Error, Result};
use lapicque_expr::Scalar;

/// A decay by `factor` or, alternatively, by the time constant `tau`.
#[derive(Clone, Copy)]
pub struct Decay {
    pub factor: &'static str,
    pub tau: &'static str,
}

pub const MEMBRANE: Decay = Decay { factor: "beta", tau: "tauMem" };
pub const SYNAPSE: Decay = Decay { factor: "alpha", tau: "tauSyn" };

pub fn method() -> OptionDef {
    OptionDef {
        name: "method",
        values: &["exact", "euler"],
        meaning: "how a time constant becomes a factor per step: exp(-dt/tau) or 1 - dt/tau",
    }
}

pub fn params(which: Decay) -> [ParamDef; 2] {
    let membrane = which.factor == MEMBRANE.factor;
    let (factor, tau, nir) = if membrane {
        ("decay factor of v per step", "membrane time constant", "tau")
    } else {
        ("decay factor of iSyn per step", "synaptic time constant", "tau_syn")
    };
    [
        ParamDef::new(which.factor, "1", Fallback::Absent, factor).range(Range::Unit).learnable(),
        ParamDef::new(which.tau, "ms", Fallback::Absent, tau).range(Range::Positive).learnable().nir(nir),
    ]
}

/// `x` clamped to `[low, high]`; no gradient flows from outside.
pub fn clamp<L: Scalar>(x: L, low: f64, high: f64) -> L {
    x.min(L::constant(high)).max(L::constant(low))
}

impl Decay {
    /// The factor per step, within [0, 1].
    pub fn factor<L: Scalar>(self, s: &Settings, p: &Named<L>) -> L {
        match p.find(self.factor) {
            Some(factor) => clamp(factor, 0.0, 1.0),
            None => {
                let ratio = self.ratio(s, p);
                if s.is("method", "euler") { clamp(L::one() - ratio, 0.0, 1.0) } else { (-ratio).exp() }
            }
        }
    }

    /// dt / tau. For a decay given as a factor, the tau that the method would convert to that factor.
    pub fn ratio<L: Scalar>(self, s: &Settings, p: &Named<L>) -> L {
        match p.find(self.factor) {
            Some(_) if s.is("method", "euler") => L::one() - self.factor(s, p),
            Some(_) => -self.factor(s, p).ln(),
            None => L::constant(s.dt) / self.tau(s, p),
        }
    }

    /// The time constant in ms. A learned one below a millionth of dt counts as that.
    pub fn tau<L: Scalar>(self, s: &Settings, p: &Named<L>) -> L {
        match p.find(self.tau) {
            Some(tau) => tau.max(L::constant(s.dt * 1e-6)),
            None => L::constant(s.dt) / self.ratio(s, p),
        }
    }

    /// Euler's method requires a fixed time constant of at least one step.
    pub fn check(self, s: &Settings) -> Result<()> {
        match s.param(self.tau) {
            Some(tau) if s.is("method", "euler") && !tau.learn => {
                match tau.values.iter().find(|&&x| x < s.dt) {
                    Some(x) => {
                        let expected = format!("at least dt ({} ms) with method \"euler\"", s.dt);
                        Err(Error::invalid(self.tau, x, expected))
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }
}
