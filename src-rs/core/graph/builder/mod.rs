//! Builds the plan, unit by unit in execution order; shapes are inferred on the way.

mod maps;
mod parallel;
mod populations;
mod projections;

use super::description::{Description, NodeSpec};
use super::edges::{Edges, Reading};
use super::fusions::Fusions;
use super::map_plan::MapPlan;
use super::plan::{LayerPlan, Plan, ProjectionPlan, Source, Unit};
use super::registered_node::RegisteredNode;
use lapicque_base::error::{Error, Result};
use lapicque_operations::Shape;
use projections::projection_plan;
use std::collections::HashMap;

pub(super) struct Builder<'a> {
    description: &'a Description,
    edges: &'a Edges<'a>,
    input: Shape,
    projections: Vec<ProjectionPlan>,
    /// By node: the index of its projection, if it has weights.
    slot: Vec<Option<usize>>,
    layers: Vec<LayerPlan>,
    maps: Vec<MapPlan>,
    order: Vec<Unit>,
    /// By node: the layer or map made of it.
    node_sources: Vec<Option<Source>>,
}

impl<'a> Builder<'a> {
    pub fn new(description: &'a Description, edges: &'a Edges<'a>) -> Result<Self> {
        let size = description.input.size;
        let input = match &description.input.shape {
            Some(sizes) => Shape::new("input.shape", sizes)?,
            None => Shape::flat(size),
        };
        if input.elements() != size {
            return Err(mismatch("input", format!("a shape of {size} channels"), input));
        }
        let nodes = &description.nodes;
        let mut builder = Builder {
            description,
            edges,
            input,
            projections: vec![],
            slot: vec![None; nodes.len()],
            layers: vec![],
            maps: vec![],
            order: vec![],
            node_sources: vec![None; nodes.len()],
        };
        // In the order of the description, because it determines the random numbers of the initial weights.
        for (i, node) in nodes.iter().enumerate() {
            if let NodeSpec::Registered(RegisteredNode { name, operation, settings }) = node
                && let Some(weights) = operation.weights(name, settings)?
            {
                builder.slot[i] = Some(builder.projections.len());
                builder.projections.push(projection_plan(name, weights)?);
            }
            if builder.edges.outgoing[i].is_empty() && !matches!(node, NodeSpec::Dynamics { .. }) {
                return Err(Error::invalid(
                    format!("{}: number of outgoing edges", node.name()),
                    0,
                    "an edge to a population (a network ends with a population: lif(), li(), …)",
                ));
            }
        }
        Ok(builder)
    }

    pub fn build(mut self, order: &[Vec<usize>], index: &HashMap<&str, usize>) -> Result<Plan> {
        for group in order {
            match (&self.description.nodes[group[0]], &group[..]) {
                (NodeSpec::Dynamics { .. }, _) => self.layers(group)?,
                (NodeSpec::Registered(spec), &[node]) => {
                    self.node_sources[node] = Some(self.map(node, spec)?)
                }
                _ => {}
            }
        }
        self.check_parallel_nodes()?;
        let output = index.get(self.description.output.as_str()).and_then(|&i| self.node_sources[i]);
        let Some(output) = output.and_then(Source::layer) else {
            let known = self.layers.iter().map(|l| &l.name);
            return Err(Error::unknown("output population", &self.description.output, known));
        };
        Ok(Plan {
            input_size: self.description.input.size,
            dt: self.description.dt,
            projections: self.projections,
            layers: self.layers,
            maps: self.maps,
            order: self.order,
            output,
            fusions: Fusions::default(),
        })
    }

    fn shape(&self, source: Source) -> Shape {
        match source {
            Source::Input => self.input,
            Source::Spikes(l) | Source::State(l, _) => self.layers[l].shape,
            Source::Map(m) => self.maps[m].shape,
        }
    }

    fn name(&self, source: Source) -> &str {
        match source {
            Source::Input => "input",
            Source::Spikes(l) | Source::State(l, _) => &self.layers[l].name,
            Source::Map(m) => &self.maps[m].name,
        }
    }

    /// The source of a reading by `reader`; the source's node has already been converted.
    fn source(&self, reading: &Reading, reader: Option<usize>) -> Result<Source> {
        let Some(node) = reading.source else { return Ok(Source::Input) };
        let source = self.node_sources[node].unwrap_or(Source::Input);
        let Some(layer) = source.layer() else { return Ok(source) };
        let plan = &self.layers[layer];
        let Some(state) = reading.state else {
            return Ok(match plan.bound.feedback_state {
                Some(state) if reader == Some(layer) => Source::State(layer, state),
                _ => source,
            });
        };
        let names = || plan.bound.states.iter().map(|state| state.name);
        match names().position(|name| name == state) {
            Some(state) => Ok(Source::State(layer, state)),
            None => Err(Error::unknown(&format!("state of {}", plan.name), state, names())),
        }
    }
}

fn mismatch(layer: &str, expected: String, got: impl ToString) -> Error {
    Error::ShapeMismatch { layer: layer.into(), expected, got: got.to_string() }
}

fn check_shape(layer: &str, expected: usize, got: usize, from: &str) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(mismatch(layer, format!("[{expected}]"), format!("[{got}] from {from}")))
}
