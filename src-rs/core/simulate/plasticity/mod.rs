//! Rows of plastic synapses: spike histories, lazy updates by the rules, growth.

pub mod by_age;
pub mod by_target;
pub mod event_log;
pub mod event_rounds;
pub mod growth;
pub mod history;
pub mod learning;
pub mod lookup_cache;
pub mod observed_states;
pub mod plastic;
pub mod plastic_row;
pub mod plastic_rows;
pub mod row_loops;
pub mod row_work;
pub mod rule_programs;
