//! Runs a plan step by step over `[time, batch, neuron]`, forward and backward. It knows
//! populations, projections and time; it does not know any model by name.

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
pub use tape::input;
pub use tape::layer_tape::LayerTape;
pub use tape::workspace::Workspace;
