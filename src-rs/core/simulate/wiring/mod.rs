//! Connection rules: which neurons are connected, with what weight and delay, sampled source by source.

pub mod by_distance;
pub mod delays;
pub mod formula;
pub mod in_degree;
pub mod neighbors;
pub mod outgoing;
pub mod pairs;
pub mod quantized;
pub mod route;
pub mod rules;
pub mod source_row;
