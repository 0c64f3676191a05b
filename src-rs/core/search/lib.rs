//! Parameter search of studies: the space ([`space`]), proposals ([`sampler`]), pruning ([`prune`]), and evaluation
//! ([`pareto`], [`importance`]).
//!
//! A proposal is a pure function of the space, the options, the study's seed, the trial's number, the finished trials
//! that it may use, in their order, and the running trials. Samplers only cache values of it.

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
