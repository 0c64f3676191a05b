//! Values that operations carry over to later steps.

use crate::storage::geometry::Geometry;
use lapicque_graph::MapPlan;

/// Number of values that are carried from one step to the next, over all tiles: per sample the rows that are still to
/// come, `[reach][element]`, or the number of steps so far.
pub(crate) fn pending(plan: &MapPlan, g: &Geometry) -> usize {
    g.tiles * g.tile * plan.carried()
}
