//! Neuron models: what one neuron does from one time step to the next. A model is one file, declared and listed below.
//! This crate does not know batches, time, threads or layers.

mod aeif;
pub mod bind;
mod channel_rates;
pub mod current;
pub mod custom;
mod cutoff;
pub mod decay;
mod defaults;
pub mod definition;
mod derivation;
mod describe;
mod events;
mod exact_integration;
mod integration;
mod libraries;
mod lowering;
pub mod membrane;
pub mod names;
pub mod registry;
mod relations;
mod representable;
pub mod settings;
mod sub_step_coefs;
pub mod surrogate;
mod upstroke;

mod adex;
mod aeif_cond_exp;
mod aeif_psc_exp;
mod alif;
mod alpha;
mod coba_lif;
mod cuba_li;
mod cuba_lif;
mod delta_lif;
mod eif;
mod gated_leaky;
mod gif;
mod hh_cond_exp_traub;
mod hh_psc_alpha;
mod hodgkin_huxley;
mod iaf_cond_alpha;
mod iaf_cond_exp;
mod iaf_psc_alpha;
mod iaf_psc_exp;
mod iaf_psc_exp_shared;
mod integrate_and_fire;
mod izhikevich;
mod klif;
mod lapicque;
mod li;
mod lif;
mod multi_level_lif;
mod parametric_lif;
mod qif;
mod rate_unit;
mod resonate_and_fire;
mod sgru;
mod sigmoid_gate;
mod slstm;
mod spiking_gru;
mod spiking_lstm;
mod srm;
mod tc_lif;
mod token_shift;
mod two_compartment;
mod wkv;

pub use bind::{Bound, BoundParam, NoiseInfo, StateInfo};
pub use custom::check as check_custom;
pub use describe::describe;
pub use describe::model_json;
pub use events::spike_times;
pub use lowering::{Adaptive, Rolled};
pub use surrogate::{surrogate_derivative, surrogate_primitive};

macro_rules! models {
    ($($file:ident::$model:ident),* $(,)?) => {
        /// All neuron models.
        pub const MODELS: &[registry::Model] = &[$(registry::Model::of::<$file::$model>()),*];
    };
}

models![
    lif::Lif,
    integrate_and_fire::IntegrateAndFire,
    cuba_lif::CubaLif,
    alpha::Alpha,
    lapicque::Lapicque,
    parametric_lif::ParametricLif,
    alif::Alif,
    coba_lif::CobaLif,
    klif::Klif,
    delta_lif::DeltaLif,
    qif::Qif,
    eif::Eif,
    adex::Adex,
    gif::Gif,
    izhikevich::Izhikevich,
    resonate_and_fire::ResonateAndFire,
    hodgkin_huxley::HodgkinHuxley,
    srm::Srm,
    iaf_psc_exp::IafPscExp,
    iaf_psc_exp_shared::IafPscExpShared,
    iaf_psc_alpha::IafPscAlpha,
    iaf_cond_exp::IafCondExp,
    iaf_cond_alpha::IafCondAlpha,
    hh_cond_exp_traub::HhCondExpTraub,
    hh_psc_alpha::HhPscAlpha,
    aeif_cond_exp::AeifCondExp,
    aeif_psc_exp::AeifPscExp,
    two_compartment::TwoCompartment,
    multi_level_lif::MultiLevelLif,
    tc_lif::TcLif,
    gated_leaky::GatedLeaky,
    slstm::Slstm,
    spiking_lstm::SpikingLstm,
    sgru::Sgru,
    spiking_gru::SpikingGru,
    li::Li,
    cuba_li::CubaLi,
    token_shift::TokenShift,
    wkv::Wkv,
    sigmoid_gate::SigmoidGate,
    rate_unit::RateUnit,
];

#[cfg(test)]
mod tests;
