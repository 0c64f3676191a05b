//! The description of a network as plain data, and the plan from which it runs.

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
