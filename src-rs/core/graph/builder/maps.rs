//! Layers between populations: what each does, from its description, and the shape that it gives.

use super::projections::weights_plan;
use super::{Builder, check_shape, mismatch};
use crate::description::NodeSpec;
use crate::map_plan::MapPlan;
use crate::plan::{ProjectionKind, ProjectionPlan, Source, Unit, check_size};
use crate::registered_node::RegisteredNode;
use lapicque_base::error::{Error, Result};
use lapicque_operations::{OperationKind, Shape, Site, Temporal};

impl Builder<'_> {
    pub(super) fn map(&mut self, node: usize) -> Result<Source> {
        let spec = &self.description.nodes[node];
        let name = spec.name().to_string();
        let edges = self.edges;
        let mut sources = Vec::new();
        for reading in edges.readings(&self.description.nodes, node) {
            // A fused projection is never a source of a map; otherwise it would not be fused.
            debug_assert!(reading.source.is_none_or(|node| self.became[node].is_some()));
            let source = self.source(&reading, None)?;
            sources.push(match spec {
                NodeSpec::Dense { .. } | NodeSpec::OneToOne { .. } => self.flat(source),
                NodeSpec::Registered(spec) if spec.operation.definition.takes_flat => self.flat(source),
                _ => source,
            });
        }
        let entering: Vec<Shape> = sources.iter().map(|&source| self.shape(source)).collect();
        let from = sources.first().map_or("", |&source| self.name(source)).to_string();
        let first = entering.first().copied().unwrap_or(self.input);
        let (operation, shape) = match spec {
            NodeSpec::Registered(spec) => return self.registered(node, spec, sources, entering),
            NodeSpec::Dense { r#in, out, delay, .. } => {
                check_shape(&name, *r#in, first.elements(), &from)?;
                let operation = match delay {
                    None => OperationKind::Dense,
                    Some(delay) => {
                        let dt = self.description.dt;
                        OperationKind::Temporal(Temporal::delays(&name, delay.max, dt, delay.trainable)?)
                    }
                };
                (operation, Shape::flat(*out))
            }
            NodeSpec::OneToOne { neurons, parts, .. } => {
                check_shape(&name, *neurons, first.elements(), &from)?;
                if *parts != 1 {
                    let expected = "1, unless it feeds a population";
                    return Err(Error::invalid(format!("{name}.parts"), parts, expected));
                }
                (OperationKind::OneToOne, first)
            }
            NodeSpec::Conv { r#in, out, groups, kernel, .. } => {
                let Some(&ProjectionPlan { kind: ProjectionKind::Conv { sliding, .. }, .. }) =
                    self.slot[node].map(|j| &self.projections[j])
                else {
                    return Ok(Source::Input);
                };
                let axes = kernel.len();
                if first.rank != axes + 1 || first.channels != *r#in {
                    let sizes = if axes == 1 { "width" } else { "height, width" };
                    return Err(mismatch(
                        &name,
                        format!("[{in}, {sizes}]", in = r#in),
                        format!("{first} from {from}"),
                    ));
                }
                let size = sliding.output(&name, first.size)?;
                (OperationKind::Conv { sliding, groups: *groups }, Shape { channels: *out, size, ..first })
            }
            NodeSpec::Dynamics { .. } => return Ok(Source::Input),
        };
        check_size(&format!("{name}: elements"), shape.elements())?;
        self.check_sequence(&name, operation)?;
        Ok(self.push(MapPlan::new(name, operation, self.slot[node], sources, entering, shape)))
    }

    /// A registered operation: its definition has the shape rule.
    fn registered(
        &mut self,
        node: usize,
        spec: &RegisteredNode,
        sources: Vec<Source>,
        entering: Vec<Shape>,
    ) -> Result<Source> {
        let name = &spec.name;
        if let Some(expected) = spec.operation.definition.reads_input
            && sources[0] != Source::Input
        {
            return Err(Error::invalid(name, format!("one after {}", self.name(sources[0])), expected));
        }
        let named: Vec<(Shape, &str)> =
            entering.iter().copied().zip(sources.iter().map(|&source| self.name(source))).collect();
        let site = Site { layer: name, settings: &spec.settings, sources: &named };
        let planned = spec.operation.plan(&site)?;
        check_size(&format!("{name}: elements"), planned.shape.elements())?;
        if let Some(weights) = planned.weights {
            self.slot[node] = Some(self.projections.len());
            self.projections.push(weights_plan(name, weights)?);
        }
        self.check_sequence(name, planned.kind)?;
        let (kind, shape) = (planned.kind, planned.shape);
        let mut map = MapPlan::new(name.clone(), kind, self.slot[node], sources, entering, shape);
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
