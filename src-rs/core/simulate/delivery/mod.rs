//! Rows of static synapses: construction from the wiring, storage, delivery of spikes.

pub mod arena;
pub mod calendar;
pub mod dense_rows;
pub mod paged_calendar;
pub mod ring;
pub mod row_builder;
pub mod row_chunk;
pub mod rows;
pub mod storage;
pub mod units;
pub mod wide_rows;
