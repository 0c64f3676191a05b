//! What training needs beside the executor: initial weights, losses with their
//! gradients, rate regularisers, optimiser settings, learning-rate schedules.

pub mod init;
pub mod loss;
pub mod optimizer;
pub mod schedule;
