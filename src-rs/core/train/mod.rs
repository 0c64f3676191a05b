//! What training needs beside the executor: initial weights, losses with their
//! gradients, rate regularisers.

pub mod batch;
pub mod by_hand;
pub mod init;
pub mod loss;
pub mod step;
pub mod tensors;
pub mod update;
