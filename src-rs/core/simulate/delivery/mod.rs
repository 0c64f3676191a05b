//! Rows of static synapses: built from the wiring, stored, and delivered when spikes arrive.

pub mod arena;
pub mod calendar;
pub mod dense_rows;
pub mod paged_calendar;
pub mod row_builder;
pub mod row_chunk;
pub mod rows;
pub mod storage;
pub mod units;
pub mod wide_rows;
