//! What training needs beside the executor: initial weights, losses with their gradients, rate
//! regularisers, optimisers and learning-rate schedules.

pub mod batch;
pub mod by_hand;
mod leaving;
pub mod loss;
mod moderate;
mod online;
pub mod optimizer;
pub mod schedule;
mod statistics;
pub mod step;
pub mod tensors;
pub mod update;
