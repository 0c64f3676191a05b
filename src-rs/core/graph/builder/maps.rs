//! Layers between populations: what each does, from its description, and the shape that it gives.

use super::projections::projection_plan;
use super::{Builder, mismatch};
use crate::map_plan::MapPlan;
use crate::plan::{Source, Unit, check_size};
use crate::registered_node::RegisteredNode;
use lapicque_base::error::{Error, Result};
use lapicque_operations::{OperationKind, Shape, Site};

impl Builder<'_> {
    pub(super) fn map(&mut self, node: usize, spec: &RegisteredNode) -> Result<Source> {
        let (name, definition) = (&spec.name, &spec.operation.definition);
        let edges = self.edges;
        let mut sources = Vec::new();
        for reading in edges.readings(&self.description.nodes, node) {
            // A fused projection is never a source of a map; otherwise it would not be fused.
            debug_assert!(reading.source.is_none_or(|node| self.node_sources[node].is_some()));
            let source = self.source(&reading, None)?;
            sources.push(if definition.takes_flat { self.flat(source) } else { source });
        }
        if let Some(expected) = definition.reads_input
            && sources[0] != Source::Input
        {
            return Err(Error::invalid(name, format!("one after {}", self.name(sources[0])), expected));
        }
        let input_shapes: Vec<Shape> = sources.iter().map(|&source| self.shape(source)).collect();
        let named: Vec<(Shape, &str)> =
            input_shapes.iter().copied().zip(sources.iter().map(|&source| self.name(source))).collect();
        let site = Site { layer: name, settings: &spec.settings, dt: self.description.dt, sources: &named };
        let planned = spec.operation.plan(&site)?;
        check_size(&format!("{name}: elements"), planned.shape.elements())?;
        if let Some(weights) = planned.weights {
            self.slot[node] = Some(self.projections.len());
            self.projections.push(projection_plan(name, weights)?);
        }
        self.check_sequence(name, planned.kind)?;
        let (kind, shape) = (planned.kind, planned.shape);
        let mut map = MapPlan::new(name.clone(), kind, self.slot[node], sources, input_shapes, shape);
        map.registered = planned.own;
        Ok(self.push(map))
    }

    /// All layers that require a sequence length must require the same.
    fn check_sequence(&self, name: &str, operation: OperationKind) -> Result<()> {
        let Some(steps) = operation.whole() else { return Ok(()) };
        let other = self.maps.iter().find_map(|map| Some((&map.name, map.operation.whole()?)));
        match other {
            Some((other, expected)) if expected != steps => {
                Err(mismatch(name, format!("{expected} steps as of {other}"), steps))
            }
            _ => Ok(()),
        }
    }

    /// Converts a source that is not a map to a map.
    pub(super) fn as_map(&mut self, source: Source) -> Source {
        if let Source::Map(_) = source {
            return source;
        }
        let (shape, name) = (self.shape(source), format!("{}.flat", self.name(source)));
        let flat = Shape::flat(shape.elements());
        self.push(MapPlan::new(name, OperationKind::Flatten, None, vec![source], vec![shape], flat))
    }

    fn push(&mut self, map: MapPlan) -> Source {
        self.order.push(Unit::Map(self.maps.len()));
        self.maps.push(map);
        Source::Map(self.maps.len() - 1)
    }

    /// The source in public order, through an additional map if it is an image. If a flattening map already reads in that
    /// order, it is skipped.
    pub(super) fn flat(&mut self, source: Source) -> Source {
        let Source::Map(m) = source else { return source };
        if let (OperationKind::Flatten, [source @ (Source::Input | Source::Spikes(_) | Source::State(..))]) =
            (self.maps[m].operation, &self.maps[m].sources[..])
        {
            return *source;
        }
        let (shape, name) = (self.maps[m].shape, format!("{}.flat", self.maps[m].name));
        if shape.is_public() {
            return source;
        }
        let flat = Shape::flat(shape.elements());
        self.push(MapPlan::new(name, OperationKind::Flatten, None, vec![source], vec![shape], flat))
    }
}
