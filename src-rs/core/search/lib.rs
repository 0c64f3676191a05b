//! Parameter search of studies: what may vary ([`space`]), what to try next ([`sampler`]), what to give up ([`prune`]), and what has
//! been found ([`pareto`], [`importance`]).
//!
//! A proposal is a pure function of the space, the options, the study's seed, the trial's number, the finished trials that it may
//! know in their order, and the trials that are under way. Samplers keep caches of it only.

pub mod decode;
pub mod domain;
mod draws;
mod field;
pub mod importance;
pub mod normal;
pub mod pareto;
pub mod prune;
pub mod sampler;
pub mod search;
pub mod space;
mod tree;
pub mod trial;

pub use search::Search;
pub use space::Space;
pub use trial::{Direction, State, Trial};
