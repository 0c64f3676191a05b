//! What mixes time holds back.

use crate::storage::geometry::Geometry;
use lapicque_graph::MapPlan;

/// What goes from one step to the next over all tiles: of each sample the rows that are still to come, `[reach][element]`, or the
/// number of steps so far.
pub(crate) fn pending(plan: &MapPlan, g: &Geometry) -> usize {
    g.tiles * g.tile * plan.carried()
}
