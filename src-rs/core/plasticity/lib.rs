//! Synapse models: short-term plasticity and learning rules. A rule is one file, declared and listed below: a table, and
//! the effect of spikes of source and target on a synapse.
//!
//! Traces belong to neurons: exponentials that jump at spikes. A synapse's variables change only at its events, and between
//! them by a closed form, so nothing here is computed at every step. This crate does not know networks, delays, partitions or
//! threads.

mod bind;
mod combined;
mod custom;
pub mod definition;
mod event;
mod slow;
pub mod synapse;

mod bcm;
mod clopath;
mod inhibitory_stdp;
mod oja;
mod reward_stdp;
mod stdp;
mod synaptic_scaling;
mod triplet_stdp;
mod tsodyks_markram;

use lapicque_dynamics::model_json;
use serde_json::{Value, json};

pub use bind::{Bound, Sight, SightOf, Trace, Variable, up_to};
pub use definition::{Jump, Side};
pub use event::EventKernel;

macro_rules! rules {
    ($($file:ident::$rule:ident),* $(,)?) => {
        /// All rules.
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

/// Describes every rule with its variables, parameters, options and presets. Types and documentation are generated from it.
pub fn describe() -> Value {
    json!({ "synapses": RULES.iter().map(|rule| model_json(&(rule.definition)())).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests;
