//! A run: min-delay epochs on all threads, and its recording.

pub mod adapt;
pub mod epochs;
pub mod recorded_means;
pub mod recording;
pub mod replay;
pub mod restructure;
pub mod run;
mod worker;
