//! Dense products and attention.

pub mod attention;
pub mod dense_rows;
pub mod gemm;
