//! Populations whose steps are computed all at once: linear ones with feedback to themselves.

use super::Builder;
use crate::description::NodeSpec;
use crate::plan::{Feed, LayerPlan, ProjectionKind, Source};
use lapicque_base::error::{Error, Result};

impl Builder<'_> {
    /// Whether all steps of a population are computed at once, as its feedback requests.
    pub(super) fn is_parallel(&self, layer: usize, node: usize) -> Result<bool> {
        let nodes = &self.description.nodes;
        let through = self.edges.readings(nodes, node).filter_map(|reading| reading.through);
        let Some(requesting) = through.into_iter().find(|&through| self.requests_parallel(through)) else {
            return Ok(false);
        };
        let LayerPlan { bound, feeds, feedback, .. } = &self.layers[layer];
        let plain = |feed: &Feed| {
            let projection = feed.projection.map(|j| &self.projections[j]);
            projection.is_some_and(|p| p.kind == ProjectionKind::Dense && p.parts == 1 && !p.bias)
        };
        let ([feed], [recurrent]) = (&feeds[..], &feedback[..]) else {
            return Err(refused(&nodes[requesting]));
        };
        let itself =
            recurrent.source == Source::State(layer, 0) && recurrent.projection == self.slot[requesting];
        match bound.is_identity() && itself && plain(feed) && plain(recurrent) {
            true => Ok(true),
            false => Err(refused(&nodes[requesting])),
        }
    }

    /// Refuses the request on a projection that belongs to no population: it is a map and has no feedback.
    pub(super) fn check_parallel_nodes(&self) -> Result<()> {
        let nodes = &self.description.nodes;
        let without_population = |&i: &usize| self.requests_parallel(i) && !self.edges.is_fused(nodes, i);
        (0..nodes.len()).find(without_population).map_or(Ok(()), |i| Err(refused(&nodes[i])))
    }

    fn requests_parallel(&self, node: usize) -> bool {
        self.slot[node].is_some_and(|j| self.projections[j].parallel)
    }
}

fn refused(node: &NodeSpec) -> Error {
    let expected = "false, or the only feedback of a population whose state is its current (a rate unit, identity) and \
         which one dense projection feeds, both without bias";
    Error::invalid(format!("{}.parallel", node.name()), true, expected)
}
