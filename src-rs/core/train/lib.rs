//! Training, apart from the executor: initial weights, losses with their gradients, rate regularizers, optimizers and
//! learning-rate schedules.

mod any_training;
pub mod batch;
pub mod by_hand;
pub mod decision;
pub mod declared;
mod emitted;
pub mod loss;
mod moderate;
pub mod moments;
mod online;
pub mod optimizer;
mod over_samples;
mod pass;
mod readout;
pub mod schedule;
mod statistics;
pub mod step;
pub mod tensors;
mod traced;
pub mod update;
mod work_loss;

pub use any_training::{AnyBatch, AnyGiven, AnyTraining};
pub use traced::TracedLoss;
