//! What training needs beside the executor: initial weights, losses with their
//! gradients, rate regularisers.

pub mod init;
pub mod loss;
pub mod step;
