//! The description of a network as plain data, and the plan from which it runs.
//!
//! **Ports.** A neuron has one or several ports. An edge selects a port by its name, or is split over all ports: a dense
//! projection of `ports × n` outputs is stored as one weight matrix per port, and each is an ordinary dense projection. A
//! population passes on spikes, as bits, or values: the output of neurons whose spikes are graded or that do not spike,
//! and otherwise the state that the edge names. Values cost a dense product where spikes cost additions.
//!
//! **The plan.** Each population becomes a layer, with the sources of each of its ports, from outside its loop and from
//! within. Everything else becomes an operation; one that stores its output is a *map*. After the fusions ([`fusions`])
//! the plan is only read.

mod builder;
pub mod description;
mod edges;
pub mod fusions;
mod map_plan;
pub mod plan;
mod registered_node;

pub use description::{Description, Edge, NodeSpec};
pub use fusions::{Fusions, MapUse};
pub use lapicque_base::Precision;
pub use lapicque_operations::{
    Attention, BatchNorm, Dropout, Filter, FixedNorm, Mixture, NormSteps, OperationKind, Pool, Pooling,
    Shape, Sliding, Temporal, TimeReduction, init, legendre,
};
pub use map_plan::MapPlan;
pub use plan::{Feed, LayerPlan, Plan, ProjectionKind, ProjectionPlan, Source, Unit};
pub use registered_node::RegisteredNode;
