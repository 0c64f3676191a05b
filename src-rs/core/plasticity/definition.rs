//! The declaration of a rule: its tables, the traces that it reads, and functions generic over [`Scalar`] that define the
//! effect of an event on a synapse.

use lapicque_base::error::{Error, Result};
use lapicque_dynamics::definition::{Definition, OptionDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

/// The side whose spikes a trace follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Pre,
    Post,
}

/// The effect of a spike on a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// Adds 1: every spike counts.
    Add,
    /// Sets it to 1: only the last spike counts.
    Set,
}

/// An exponentially decaying trace of one neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceDef {
    pub name: &'static str,
    pub side: Side,
    /// The parameter that holds its time constant in ms.
    pub tau: &'static str,
    pub jump: Jump,
}

/// A value of the target that a rule reads at the end of every step: a state, or a low-pass filter of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SightDef {
    pub name: &'static str,
    /// A previously declared sight, or a state of the target's model.
    pub of: &'static str,
    /// The parameter that holds the filter's time constant in ms; `None`: the state itself.
    pub tau: Option<&'static str>,
    /// The parameter that holds the delay in ms after which the value is seen.
    pub delay: Option<&'static str>,
    /// Two parameters: a value, and the number of ms after a spike of the target during which it replaces the state.
    pub clamped: Option<[&'static str; 2]>,
}

/// A synapse at an event.
pub struct Event<'a, L> {
    /// Its variables after the previous event.
    pub states: &'a Named<L>,
    /// Current traces, without the jump of this event.
    pub traces: &'a Named<L>,
    /// Values of the target.
    pub sights: &'a Named<L>,
    /// Time since the previous event in ms; for the first event, since time 0.
    pub elapsed: L,
}

impl<L: Scalar> Event<'_, L> {
    pub fn state(&self, name: &str) -> L {
        self.states.get(name)
    }

    pub fn trace(&self, name: &str) -> L {
        self.traces.get(name)
    }

    pub fn sight(&self, name: &str) -> L {
        self.sights.get(name)
    }
}

/// A synapse after a spike of its source.
pub struct Sent<L> {
    /// Its variables in declared order.
    pub states: Vec<L>,
    /// The weight with which the spike arrives at the target.
    pub transmitted: L,
}

/// A synapse model.
pub trait Rule {
    /// The tables. Their states are the variables of a synapse, the weight `w` first.
    fn definition() -> Definition;

    /// Checks and completes settings beyond what the tables express.
    fn validate(settings: &mut Settings) -> Result<()> {
        let _ = settings;
        Ok(())
    }

    fn traces(settings: &Settings) -> Vec<TraceDef> {
        let _ = settings;
        vec![]
    }

    /// Coefficients of the events, from parameters and `dt`. Called once per bind, in f64.
    fn derive<L: Scalar>(settings: &Settings, params: &Named<L>) -> Named<L>;

    /// A spike of the source.
    fn pre<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Sent<L>;

    /// A spike of the target; `None` if it changes nothing.
    fn post<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    fn sights(settings: &Settings) -> Vec<SightDef> {
        let _ = settings;
        vec![]
    }

    /// The end of a step of the target; `None` if steps change nothing. Applied before spikes that reach the synapse in the
    /// same step.
    fn step<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    /// Above 0 for sights of steps that change something; `None`: all steps do.
    fn acts<L: Scalar>(settings: &Settings, coefs: &Named<L>, sights: &Named<L>) -> Option<L> {
        let _ = (settings, coefs, sights);
        None
    }

    /// A spike of the modulator, for example of dopamine neurons; `None` if it changes nothing.
    fn modulated<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    /// The variables after `elapsed` ms without an event; `None` if they do not change.
    fn relax<L: Scalar>(
        settings: &Settings,
        coefs: &Named<L>,
        states: &Named<L>,
        elapsed: L,
    ) -> Option<Vec<L>> {
        let _ = (settings, coefs, states, elapsed);
        None
    }
}

/// For rules with traces: whether spikes of source and target that reach the synapse at the same time see each other in the
/// traces.
pub const COINCIDENCE: OptionDef = OptionDef {
    name: "coincidence",
    values: &["neither", "pre-first", "post-first", "both"],
    meaning: "spikes of source and target at the same time: neither affects the other, the first affects the second, \
              or each affects the other",
};

/// For rules with traces: how many spikes a trace counts.
pub const PAIRING: OptionDef = OptionDef {
    name: "pairing",
    values: &["all-to-all", "nearest"],
    meaning: "a spike pairs with all earlier spikes of the other side, or only with the last one",
};

/// How exponentials decay.
pub const DECAY: OptionDef = OptionDef {
    name: "decay",
    values: &["exact", "euler"],
    meaning: "exp(-dt / tau) per step, or 1 - dt / tau",
};

/// The jump of traces that the option [`PAIRING`] selects.
pub fn jump(settings: &Settings) -> Jump {
    if settings.is("pairing", "nearest") { Jump::Set } else { Jump::Add }
}

/// `w` within the bounds of the parameters `wMin` and `wMax`.
pub fn clip<L: Scalar>(coefs: &Named<L>, w: L) -> L {
    w.max(coefs.get("wMin")).min(coefs.get("wMax"))
}

/// Checks that `wMax` is above `wMin`.
pub fn check_bounds(settings: &Settings) -> Result<()> {
    let value = |name: &str| settings.param(name).map_or(0.0, |param| param.values[0]);
    let (low, high) = (value("wMin"), value("wMax"));
    match low < high {
        true => Ok(()),
        false => Err(Error::invalid("wMax", high, format!("a number above wMin, {low}"))),
    }
}
