//! What a network is, as plain data, and the plan that runs it.

pub mod description;
pub mod plan;

pub use description::{Description, NodeSpec, Precision};
pub use plan::{Feed, LayerPlan, Plan, ProjectionKind, ProjectionPlan, Source};
