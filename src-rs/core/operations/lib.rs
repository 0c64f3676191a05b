//! Operations of layered networks: layers without neurons. An operation is one file, declared and listed below. From
//! the file follow its form in descriptions and files, checks, the TypeScript function with its types, the
//! documentation, and the tests that loop over all operations. This room does not know graphs, batches, tapes or
//! threads.
//!
//! An operation takes `[row][element]` and returns values `[row][element]`. Most have no state, and each row is computed
//! on its own; the exceptions are batch norm in training and the operations over time. The `Definition` states
//! parameters, documentation and cases; `plan` is the shape rule and gives the weights. `graph` reads and writes its
//! nodes by the definition, and `exec` runs its kernels over batches, sessions and backward (`ops/registered.rs`). The
//! gradient of its weights is cut into pieces; one thread sums a piece over all rows, ascending.
//!
//! Some operations are computed by kernels in the time loops of `exec`, because they are fused with what is before or
//! behind them. Their file implements `Layer` in place of `Operation`: `plan` returns an [`OperationKind`], which
//! `ops/forward.rs` and `ops/backward.rs` of `exec` match (`pool.rs`, `dropout.rs`). All else follows from the
//! definition. A layer with several functions lists a `Factory` for each, with the parameter that it decides (`preset`).
//! What a definition cannot say, such as a check of two options together or a kernel that is a function, stays in a short
//! TypeScript function that calls `operationNode` (`by_hand`). Dense and one-to-one projections and convolutions can be
//! summed directly into the currents of the populations that read them: `fusing` of their file says when,
//! `graph/fusions.rs` decides it for a network, and `WeightUse` says which kernels use the weights.
//!
//! Images are stored pixel by pixel with their channels contiguous, because kernels vectorize over channels. The public
//! order, and that of neurons, is torch's `[channels, height, width]`; values that only populations read are transposed
//! once, row by row. An operation on a constant input is computed once for all steps. In the backward pass the gradients
//! from all readers of an output are summed in a fixed order; the sum overwrites the stored output.

pub mod definition;
pub mod delays;
mod describe;
mod factors;
pub mod init;
pub mod legendre;
pub mod operation;
mod operation_kind;
pub mod registry;
pub mod settings;
pub mod shape;
mod temporal;

mod add;
mod attention;
mod batch_norm;
mod concat;
mod conv;
mod conv3d;
mod dense;
mod dropout;
mod embedding;
mod filter;
mod flatten;
mod inhibition;
mod layer_norm;
mod matrix_product;
mod mixture;
mod multiply;
mod one_to_one;
mod pool;
mod rms_norm;
mod slice;
mod time_reduction;
mod traced;
mod unflatten;

pub use attention::Attention;
pub use batch_norm::{BatchNorm, FixedNorm, NormSteps};
pub use definition::Definition;
pub use delays::Delays;
pub use describe::describe;
pub use dropout::Dropout;
pub use filter::Filter;
pub use mixture::Mixture;
pub use operation::{BackwardInput, Gradients, KernelContext, Rows, Site, Wanted, WeightUse, Weights};
pub use operation_kind::OperationKind;
pub use pool::{Pool, Pooling};
pub use registry::{Fusing, Kernels, PlannedLayer, Prepared, Registered, kernels};
pub use settings::Settings;
pub use shape::{Shape, Sliding, TensorShape};
pub use temporal::Temporal;
pub use time_reduction::TimeReduction;

pub use lapicque_tensor::Cost;

use std::sync::LazyLock;

macro_rules! operations {
    ($($file:ident::$operation:ident),* $(,)?) => {
        /// All operations.
        pub static OPERATIONS: LazyLock<Vec<Registered>> =
            LazyLock::new(|| vec![$(Registered::of::<$file::$operation>()),*]);
    };
}

operations![
    dense::Dense,
    one_to_one::OneToOne,
    conv::Conv,
    pool::Pool,
    flatten::Flatten,
    unflatten::Unflatten,
    dropout::Dropout,
    batch_norm::BatchNorm,
    embedding::Embedding,
    filter::Filter,
    mixture::Mixture,
    time_reduction::TimeReduction,
    attention::Attention,
    add::Add,
    concat::Concat,
    multiply::Multiply,
    matrix_product::MatrixProduct,
    inhibition::Inhibition,
    layer_norm::LayerNorm,
    rms_norm::RmsNorm,
    slice::Slice,
    conv3d::Conv3d,
    traced::Traced,
];

/// The operation with this name in descriptions.
pub fn operation(kind: &str) -> Option<&'static Registered> {
    OPERATIONS.iter().find(|operation| operation.definition.kind == kind)
}

#[cfg(test)]
mod tests;
