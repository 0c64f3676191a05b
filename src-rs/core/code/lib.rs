//! Spike codes: what turns numbers into spikes and back. An encoder is one file, declared and listed below.
//!
//! Encoders compute in f32, as the data comes; every random draw is a function of (seed, stream,
//! index), so a spike does not depend on what else is encoded beside it or on threads.

pub mod bsa;
pub mod burst;
pub mod decode;
pub mod definition;
pub mod delta;
pub mod direct;
pub mod draws;
pub mod forward;
mod hsa;
pub mod latency;
pub mod numpy_rng;
pub mod phase;
pub mod poisson;
pub mod population;
pub mod rank_order;
mod raster;
pub mod rate;
pub mod reconstruct;
mod registry;
pub mod targets;

#[cfg(test)]
mod tests;

pub use raster::Raster;
pub use registry::{describe, encode};

macro_rules! encoders {
    ($($file:ident::$Encoder:ident),* $(,)?) => {
        /// Every encoder there is.
        const ENCODERS: &[registry::Entry] = &[$(registry::Entry::of::<$file::$Encoder>()),*];
    };
}

encoders![
    rate::RateCode,
    rate::RateProbabilities,
    poisson::PoissonCode,
    latency::Latency,
    latency::LatencyTimes,
    delta::Delta,
    direct::Direct,
    rank_order::RankOrder,
    phase::Phase,
    burst::BurstCode,
    population::PopulationCode,
    forward::StepForward,
    forward::MovingWindow,
    bsa::Bsa,
    hsa::Hsa,
];
