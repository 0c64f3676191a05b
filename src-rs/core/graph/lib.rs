//! What a network is, as plain data, and the plan that runs it.

mod builder;
pub mod description;
mod edges;
pub mod init;
pub mod legendre;
mod operation;
pub mod plan;
pub mod shape;
mod temporal;

pub use description::{
    DelaySpec, Description, Edge, NodeSpec, NormStatistics, Pooling, Precision, TimeReduction,
};
pub use operation::{FixedNorm, MapPlan, NormOver, NormSteps, Operation};
pub use plan::{Feed, LayerPlan, MapUse, Plan, ProjectionKind, ProjectionPlan, Source, Unit};
pub use shape::{Shape, Sliding};
pub use temporal::Temporal;
