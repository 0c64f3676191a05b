//! Storage formats of numbers, synapses and neurons in both precisions.

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
