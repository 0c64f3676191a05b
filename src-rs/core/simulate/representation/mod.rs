//! How numbers, synapses and neurons are kept in memory in either precision.

pub mod accumulators;
pub mod bit_rows;
pub mod exact_sum;
pub mod indices;
pub mod numbering;
pub mod precision;
pub mod spike;
pub mod synapse_format;
pub mod tiles;
pub mod unit;
