//! The description of a network as plain data, and the plan from which it runs.

mod builder;
pub mod description;
mod edges;
pub mod fusions;
mod operation;
pub mod plan;
mod registered_node;
mod temporal;

pub use description::{
    DelaySpec, Description, Edge, NodeSpec, NormStatistics, Pooling, Precision, TimeReduction,
};
pub use fusions::{Fusions, MapUse};
pub use lapicque_operations::{Shape, Sliding, init, legendre};
pub use operation::{FixedNorm, MapPlan, NormSteps, Operation};
pub use plan::{Feed, LayerPlan, Plan, ProjectionKind, ProjectionPlan, Source, Unit};
pub use registered_node::RegisteredNode;
pub use temporal::Temporal;
