//! What training needs beside the executor: losses with their gradients, rate regularisers.

pub mod loss;
