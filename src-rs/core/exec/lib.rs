//! Runs a plan step by step over `[time, batch, neuron]`, forward and backward. It knows
//! populations, projections and time; it does not know any model by name.
//!
//! # How a batch is split
//!
//! - **Panels** of 64 neurons: all per-neuron buffers are `[panel][row][64]`; unused elements are zero, each row is whole
//!   cache lines.
//! - **Tiles** of up to 16 samples. One step of one panel of a tile is at most 1,024 elements, so states stay in the
//!   first-level cache while time advances. Rows are numbered `(tile, step, sample)`. A loop takes all panels of its
//!   populations in a tile, because each step needs the output of all of them of the previous step.
//! - **Blocks** of 256 rows within a tile: the rows that a product reads while one panel of weights is in cache.
//! - **Segments** of time. If `segment` is shorter than the sequence, the backward pass runs each segment forward again.
//!   The memory is that of one segment plus one state per boundary.
//! - **Chunks** of samples, so that the tape of a chunk stays near the size of a last-level cache. If a tile is too
//!   little work to be split into several tasks, a chunk has several tiles. Batch norm is the one barrier: it needs all
//!   rows of the batch before its first output, so its batch is one chunk.
//!
//! All splits follow from shapes and options, never from the number of threads.
//!
//! # The tape
//!
//! The forward pass keeps a tape: the states after each step, and spikes as bits. The adjoint program recomputes
//! everything else from the states before and after a step.

mod any_network;
mod any_session;
mod any_state;
mod backward;
mod batch;
mod forward;
mod instances;
mod network;
mod online_learning;
mod ops;
mod owned_input;
mod plan;
mod sessions;
mod storage;
mod tape;

pub use any_network::{AnyNetwork, ParameterInfo};
pub use any_session::AnySession;
pub use any_state::{AnyRecording, AnyRunOutput, AnyState};
pub use batch::{operations, outputs, pass, run};
#[doc(hidden)]
pub use instances::instances;
pub use network::compile::FileTensors;
pub use network::compiled::Network;
pub use network::state::{self, NetworkState};
pub use online_learning::online;
pub use owned_input::{InputNumbers, OwnedInput};
pub use plan::{estimate, online_plan};
pub use sessions::session;
pub use storage::input_kind::InputKind;
pub use storage::mode::Mode;
pub use storage::parameter::{self, MOMENTS, Parameter};
pub use storage::{geometry, packed, parallel};
pub use tape::active_counts::ActiveCounts;
pub use tape::gradients as injection;
pub use tape::input;
pub use tape::layer_tape::LayerTape;
pub use tape::unit_times::UnitTimes;
pub use tape::workspace::Workspace;
