//! Synapses that change: short-term plasticity and learning rules. A rule is one file and one word in
//! the list below: a table, and what becomes of a synapse at a spike of its source or of its target.
//!
//! Traces belong to neurons: exponentials that jump at spikes. A synapse's own variables change only at
//! its events, and between them by a closed form; nothing here is computed at every step. This room
//! does not know of networks, delays, partitions or threads.

mod bind;
mod combined;
mod custom;
pub mod definition;
mod event;
mod slow;
pub mod synapse;

use lapicque_dynamics::model_json;
use serde_json::{Value, json};

pub use bind::{Bound, Sight, SightOf, Trace, Variable, up_to};
pub use definition::{Jump, Side};
pub use event::EventKernel;

macro_rules! rules {
    ($($file:ident::$rule:ident),* $(,)?) => {
        $(mod $file;)*
        /// Every rule there is.
        pub const RULES: &[bind::Registered] = &[$(bind::Registered::of::<$file::$rule>()),*];
    };
}

rules![
    tsodyks_markram::TsodyksMarkram,
    stdp::Stdp,
    triplet_stdp::TripletStdp,
    inhibitory_stdp::InhibitoryStdp,
    oja::Oja,
    bcm::Bcm,
    reward_stdp::RewardStdp,
    synaptic_scaling::SynapticScaling,
    clopath::Clopath,
];

/// Every rule with its variables, parameters, options and presets, from which types and documentation
/// are generated.
pub fn describe() -> Value {
    json!({ "synapses": RULES.iter().map(|rule| model_json(&(rule.definition)())).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests;
