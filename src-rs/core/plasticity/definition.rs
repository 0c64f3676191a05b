//! What a rule's file declares: its tables, the traces it reads, and functions written once over
//! [`Scalar`] that say what an event does to a synapse.

use lapicque_base::error::{Error, Result};
use lapicque_dynamics::definition::{Definition, OptionDef, StateDef};
use lapicque_dynamics::names::Named;
use lapicque_dynamics::settings::Settings;
use lapicque_expr::Scalar;

/// Whose spikes a trace follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Pre,
    Post,
}

/// What a spike does to a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// Adds 1: every spike counts.
    Add,
    /// Sets it to 1: only the last spike counts.
    Set,
}

/// An exponential of one neuron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TraceDef {
    pub name: &'static str,
    pub side: Side,
    /// The parameter that holds its time constant in ms.
    pub tau: &'static str,
    pub jump: Jump,
}

/// Something of the target that a rule sees at the end of every step: a state, or a low-pass filter of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SightDef {
    pub name: &'static str,
    /// A sight declared before, or a state of the target's model.
    pub of: &'static str,
    /// The parameter that holds the filter's time constant in ms; without it the state is seen as it is.
    pub tau: Option<&'static str>,
    /// The parameter that holds how old in ms what is seen is.
    pub delay: Option<&'static str>,
    /// The parameters that hold a value, and for how many ms from a spike of the target it is seen in place of
    /// the state.
    pub held: Option<[&'static str; 2]>,
}

/// A synapse at an event.
pub struct Event<'a, L> {
    /// Its variables after the event before this one.
    pub states: &'a Named<L>,
    /// Traces now, without the jump that the event itself makes.
    pub traces: &'a Named<L>,
    /// What is seen of the target.
    pub sights: &'a Named<L>,
    /// Time since the event before this one in ms; at the first one since time 0.
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

    /// The variables that take part under these settings; all declared ones unless said otherwise.
    fn states(settings: &Settings) -> Vec<StateDef> {
        let _ = settings;
        Self::definition().states
    }

    /// What the tables cannot say.
    fn settle(settings: &mut Settings) -> Result<()> {
        let _ = settings;
        Ok(())
    }

    fn traces(settings: &Settings) -> Vec<TraceDef> {
        let _ = settings;
        vec![]
    }

    /// Numbers that the events need, from parameters and `dt`. Once per bind, in f64.
    fn derive<L: Scalar>(settings: &Settings, params: &Named<L>) -> Named<L>;

    /// A spike of the source.
    fn pre<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Sent<L>;

    /// A spike of the target; `None` when it changes nothing.
    fn post<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    fn sights(settings: &Settings) -> Vec<SightDef> {
        let _ = settings;
        vec![]
    }

    /// A step of the target, which ends with what is seen; `None` when steps change nothing. Before what
    /// spikes do that are at the synapse at the same time.
    fn step<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    /// Above 0 for what is seen at steps that change something; all do when `None`.
    fn acts<L: Scalar>(settings: &Settings, coefs: &Named<L>, sights: &Named<L>) -> Option<L> {
        let _ = (settings, coefs, sights);
        None
    }

    /// A spike of the modulator, as of dopamine; `None` when it changes nothing.
    fn modulated<L: Scalar>(settings: &Settings, coefs: &Named<L>, event: &Event<L>) -> Option<Vec<L>> {
        let _ = (settings, coefs, event);
        None
    }

    /// What becomes of the variables in `elapsed` ms without an event; `None` when nothing does.
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

/// Of rules with traces: whether spikes of source and target that meet at the synapse at the same time
/// see one another in the traces.
pub const COINCIDENCE: OptionDef = OptionDef {
    name: "coincidence",
    values: &["neither", "pre-first", "post-first", "both"],
    meaning: "spikes of source and target that meet at the same time: neither sees the other, the one that comes \
              first is seen by the other, or each sees the other",
};

/// Of rules with traces: how many spikes a trace counts.
pub const PAIRING: OptionDef = OptionDef {
    name: "pairing",
    values: &["all-to-all", "nearest"],
    meaning: "a spike pairs with all earlier ones of the other side, or with the last one alone",
};

/// How exponentials decay.
pub const DECAY: OptionDef = OptionDef {
    name: "decay",
    values: &["exact", "euler"],
    meaning: "exp(-dt / tau) a step, or 1 - dt / tau",
};

/// The trace's jump that the option [`PAIRING`] says.
pub fn jump(settings: &Settings) -> Jump {
    if settings.is("pairing", "nearest") { Jump::Set } else { Jump::Add }
}

/// `w` within the bounds of the parameters `wMin` and `wMax`.
pub fn clip<L: Scalar>(coefs: &Named<L>, w: L) -> L {
    w.max(coefs.get("wMin")).min(coefs.get("wMax"))
}

/// The bounds of the weight must leave room.
pub fn check_bounds(settings: &Settings) -> Result<()> {
    let value = |name: &str| settings.param(name).map_or(0.0, |param| param.values[0]);
    let (low, high) = (value("wMin"), value("wMax"));
    match low < high {
        true => Ok(()),
        false => Err(Error::invalid("wMax", high, format!("a number above wMin, {low}"))),
    }
}
