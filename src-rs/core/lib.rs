//! The engine of lapicque. Two concepts structure it:
//!
//! - **Dynamics**: what one neuron does from one time step to the next ([`dynamics`]).
//! - **Operation**: a layer without neurons, such as a dense layer, a convolution or a pool ([`operations`]; the numeric kernels are in
//!   [`projection`]).
//!
//! A [`graph::Description`] is a graph of both. An [`exec::Network`] is such a graph with weights, ready to run. Large sparse networks of spiking
//! neurons are a [`simulate::Simulation`], networks of small integers an [`integer::IntegerNetwork`].
//!
//! Each room is a crate, so that what it may know is what its `Cargo.toml` names; here they have one name.

pub use lapicque_analysis as analysis;
pub use lapicque_base::{AnyReals, Control, Error, Precision, Real, Result, SimdLevel};
pub use lapicque_base::{control, error, memory, operation_counts, real, rng, settings, simd, workers};
pub use lapicque_code as code;
pub use lapicque_dynamics as dynamics;
pub use lapicque_event_sensors as event_sensors;
pub use lapicque_event_transforms as event_transforms;
pub use lapicque_events as events;
pub use lapicque_exec as exec;
pub use lapicque_expr as expr;
pub use lapicque_files as files;
pub use lapicque_graph as graph;
pub use lapicque_hdf5 as hdf5;
pub use lapicque_integer as integer;
pub use lapicque_journal as journal;
pub use lapicque_machine as machine;
pub use lapicque_many as many;
pub use lapicque_morphology as morphology;
pub use lapicque_operations as operations;
pub use lapicque_plasticity as plasticity;
pub use lapicque_projection as projection;
pub use lapicque_search as search;
pub use lapicque_simulate as simulate;
pub use lapicque_tensor as tensor;
pub use lapicque_train as train;
