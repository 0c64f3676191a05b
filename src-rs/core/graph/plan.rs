//! From a description to an order of work: every population becomes a layer with the projections
//! that feed it and those that feed its own spikes of the step before back to it.

use super::description::{Description, NodeSpec};
use crate::dynamics::Bound;
use crate::error::{Error, Result};
use crate::train::init::Initialiser;
use std::collections::HashMap;

/// More neurons in one population or inputs to one projection than any buffer index can hold.
const MAX_SIZE: usize = 1 << 24;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProjectionKind {
    Dense,
    OneToOne,
}

#[derive(Debug, Clone)]
pub struct ProjectionPlan {
    pub name: String,
    pub kind: ProjectionKind,
    pub inputs: usize,
    pub outputs: usize,
    pub bias: bool,
    pub initial: Initialiser,
    pub initial_bias: Initialiser,
    pub trainable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Input,
    Layer(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed {
    /// `None`: the source's values enter unchanged.
    pub projection: Option<usize>,
    pub source: Source,
}

pub struct LayerPlan {
    pub name: String,
    pub neurons: usize,
    pub bound: Bound,
    pub feeds: Vec<Feed>,
    /// Projections that carry this layer's spikes of the previous step back to it.
    pub feedback: Vec<usize>,
}

pub struct Plan {
    pub input_size: usize,
    pub dt: f64,
    pub projections: Vec<ProjectionPlan>,
    /// In the order in which they run: a layer's sources come before it.
    pub layers: Vec<LayerPlan>,
    pub output: usize,
}

impl Plan {
    /// For each layer whether another reads its values, which then must be kept for a whole segment:
    /// layers run one after the other, and only spikes are always kept.
    pub fn read_as_values(&self) -> Vec<bool> {
        let mut read: Vec<bool> = vec![false; self.layers.len()];
        for feed in self.layers.iter().flat_map(|layer| &layer.feeds) {
            if let Source::Layer(source) = feed.source {
                read[source] |= !self.layers[source].bound.spiking;
            }
        }
        read
    }

    pub fn new(description: &Description) -> Result<Plan> {
        if !(description.dt.is_finite() && description.dt > 0.0) {
            return Err(Error::invalid("dt", description.dt, "a positive number of ms"));
        }
        check_size("input.size", description.input.size)?;
        let mut index = HashMap::new();
        for (i, node) in description.nodes.iter().enumerate() {
            if node.name() == "input" || node.name().is_empty() {
                return Err(Error::invalid(
                    "node name",
                    format!("\"{}\"", node.name()),
                    "a name other than \"input\" or \"\"",
                ));
            }
            if index.insert(node.name(), i).is_some() {
                return Err(Error::invalid("node name", format!("\"{}\"", node.name()), "a name used once"));
            }
        }
        let edges = Edges::new(description, &index)?;
        let order = edges.order(description)?;
        Builder { description, edges: &edges, order: &order }.build(&index)
    }
}

fn check_size(name: &str, size: usize) -> Result<()> {
    if size == 0 || size > MAX_SIZE {
        return Err(Error::invalid(name, size, format!("a whole number from 1 to {MAX_SIZE}")));
    }
    Ok(())
}

/// Edges by node index; `None` is the network's input.
struct Edges {
    incoming: Vec<Vec<Option<usize>>>,
}

impl Edges {
    fn new(description: &Description, index: &HashMap<&str, usize>) -> Result<Self> {
        let find = |name: &str| -> Result<Option<usize>> {
            if name == "input" {
                return Ok(None);
            }
            index.get(name).copied().map(Some).ok_or_else(|| Error::UnknownName {
                kind: "node".into(),
                name: name.into(),
                did_you_mean: None,
            })
        };
        let mut incoming = vec![Vec::new(); description.nodes.len()];
        for (from, to) in &description.edges {
            let to = find(to)?.ok_or_else(|| {
                Error::invalid("edges", format!("[\"{from}\", \"input\"]"), "an edge to a node")
            })?;
            incoming[to].push(find(from)?);
        }
        Ok(Edges { incoming })
    }

    /// The population behind `node`, looking through one projection.
    fn population(&self, nodes: &[NodeSpec], node: usize) -> Result<(Option<usize>, Option<usize>)> {
        if matches!(nodes[node], NodeSpec::Dynamics { .. }) {
            return Ok((None, Some(node)));
        }
        match self.incoming[node][..] {
            [source] => {
                if let Some(s) = source
                    && !matches!(nodes[s], NodeSpec::Dynamics { .. })
                {
                    return Err(Error::Unsupported {
                        feature: format!(
                            "the projection {} directly behind the projection {}",
                            nodes[node].name(),
                            nodes[s].name()
                        ),
                        format: "the clocked executor".into(),
                    });
                }
                Ok((Some(node), source))
            }
            ref all => Err(Error::invalid(
                format!("{}: number of incoming edges", nodes[node].name()),
                all.len(),
                "exactly one source for a projection",
            )),
        }
    }

    /// Populations in topological order; a population's edge to itself does not count.
    fn order(&self, description: &Description) -> Result<Vec<usize>> {
        let nodes = &description.nodes;
        let populations: Vec<usize> =
            (0..nodes.len()).filter(|&i| matches!(nodes[i], NodeSpec::Dynamics { .. })).collect();
        let mut done: Vec<usize> = Vec::new();
        while done.len() < populations.len() {
            let mut next = None;
            'search: for &p in populations.iter().filter(|p| !done.contains(p)) {
                for &edge in &self.incoming[p] {
                    let source = match edge {
                        None => None,
                        Some(node) => self.population(nodes, node)?.1,
                    };
                    if source.is_some_and(|s| s != p && !done.contains(&s)) {
                        continue 'search;
                    }
                }
                next = Some(p);
                break;
            }
            match next {
                Some(p) => done.push(p),
                None => {
                    return Err(Error::Unsupported {
                        feature: "a cycle through more than one population".into(),
                        format: "the clocked executor".into(),
                    });
                }
            }
        }
        Ok(done)
    }
}

struct Builder<'a> {
    description: &'a Description,
    edges: &'a Edges,
    order: &'a [usize],
}

impl Builder<'_> {
    fn build(&self, index: &HashMap<&str, usize>) -> Result<Plan> {
        let nodes = &self.description.nodes;
        let mut projections = Vec::new();
        let mut slot = vec![usize::MAX; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            if let Some(projection) = projection_plan(node)? {
                slot[i] = projections.len();
                projections.push(projection);
            }
        }
        let mut used = vec![false; projections.len()];
        let mut layers: Vec<LayerPlan> = Vec::new();
        let mut layer_of = vec![usize::MAX; nodes.len()];
        for &p in self.order {
            let NodeSpec::Dynamics { name, neurons, dynamics } = &nodes[p] else { continue };
            check_size(&format!("{name}.neurons"), *neurons)?;
            let bound = Bound::new(dynamics, *neurons, self.description.dt).map_err(|e| at_layer(name, e))?;
            if bound.ports.len() > 1 {
                return Err(Error::Unsupported {
                    feature: format!("{name}: a neuron with the ports {}", bound.ports.join(", ")),
                    format: "a layer of a model".into(),
                });
            }
            let mut layer =
                LayerPlan { name: name.clone(), neurons: *neurons, bound, feeds: vec![], feedback: vec![] };
            for &edge in &self.edges.incoming[p] {
                let (through, source) = match edge {
                    None => (None, None),
                    Some(node) => self.edges.population(nodes, node)?,
                };
                let projection = through.map(|node| slot[node]);
                let source_size = source.map_or(self.description.input.size, |s| node_outputs(&nodes[s]));
                let source_name = source.map_or("input", |s| nodes[s].name());
                let delivered = match projection {
                    None => source_size,
                    Some(j) => {
                        used[j] = true;
                        check_shape(&projections[j].name, projections[j].inputs, source_size, source_name)?;
                        projections[j].outputs
                    }
                };
                let via = projection.map_or(source_name.to_string(), |j| projections[j].name.clone());
                check_shape(name, *neurons, delivered, &via)?;
                match (projection, source) {
                    (Some(j), Some(s)) if s == p => layer.feedback.push(j),
                    (None, Some(s)) if s == p => {
                        return Err(Error::invalid(
                            "edges",
                            format!("[\"{name}\", \"{name}\"]"),
                            "a projection between a population and itself",
                        ));
                    }
                    _ => layer.feeds.push(Feed {
                        projection,
                        source: source.map_or(Source::Input, |s| Source::Layer(layer_of[s])),
                    }),
                }
            }
            if layer.feeds.is_empty() {
                return Err(Error::invalid(
                    format!("{name}: number of incoming edges"),
                    0,
                    "at least one source",
                ));
            }
            layer_of[p] = layers.len();
            layers.push(layer);
        }
        for layer in &layers {
            let sources = layer.feeds.iter().filter_map(|feed| match feed.source {
                Source::Layer(source) => Some(&layers[source]),
                Source::Input => None,
            });
            let itself = (!layer.feedback.is_empty()).then_some(layer);
            sources.chain(itself).try_for_each(check_ungraded)?;
        }
        if let Some(unused) = used.iter().position(|u| !u) {
            return Err(Error::invalid(
                format!("{}: number of outgoing edges", projections[unused].name),
                0,
                "an edge to a population (a network ends with a population: lif(), li(), …)",
            ));
        }
        let output = index.get(self.description.output.as_str()).map(|&i| layer_of[i]);
        let output = match output {
            Some(layer) if layer != usize::MAX => layer,
            _ => {
                return Err(Error::UnknownName {
                    kind: "output population".into(),
                    name: self.description.output.clone(),
                    did_you_mean: layers.last().map(|l| l.name.clone()),
                });
            }
        };
        Ok(Plan {
            input_size: self.description.input.size,
            dt: self.description.dt,
            projections,
            layers,
            output,
        })
    }
}

fn projection_plan(node: &NodeSpec) -> Result<Option<ProjectionPlan>> {
    Ok(match node {
        NodeSpec::Dense { name, r#in, out, bias, initial, initial_bias, trainable } => {
            check_size(&format!("{name}.in"), *r#in)?;
            check_size(&format!("{name}.out"), *out)?;
            Some(ProjectionPlan {
                name: name.clone(),
                kind: ProjectionKind::Dense,
                inputs: *r#in,
                outputs: *out,
                bias: *bias,
                initial: initial.clone(),
                initial_bias: initial_bias.clone(),
                trainable: *trainable,
            })
        }
        NodeSpec::OneToOne { name, neurons, initial, trainable } => {
            check_size(&format!("{name}.neurons"), *neurons)?;
            Some(ProjectionPlan {
                name: name.clone(),
                kind: ProjectionKind::OneToOne,
                inputs: *neurons,
                outputs: *neurons,
                bias: false,
                initial: initial.clone(),
                initial_bias: initial.clone(),
                trainable: *trainable,
            })
        }
        NodeSpec::Dynamics { .. } => None,
    })
}

fn node_outputs(node: &NodeSpec) -> usize {
    match node {
        NodeSpec::Dense { out, .. } => *out,
        NodeSpec::OneToOne { neurons, .. } | NodeSpec::Dynamics { neurons, .. } => *neurons,
    }
}

fn check_shape(layer: &str, expected: usize, got: usize, from: &str) -> Result<()> {
    if expected == got {
        return Ok(());
    }
    Err(Error::ShapeMismatch {
        layer: layer.into(),
        expected: format!("[{expected}]"),
        got: format!("[{got}] from {from}"),
    })
}

/// Spikes travel as bits: one that others read is worth 1.
fn check_ungraded(source: &LayerPlan) -> Result<()> {
    let grade = source.bound.params.iter().find(|param| param.name == "gradedSpikes");
    match grade.and_then(|param| param.values.iter().find(|&&x| x != 1.0)) {
        Some(&x) => {
            let expected = "1 where other neurons read the spikes (scale the weights instead)";
            Err(Error::invalid(format!("{}.gradedSpikes", source.name), x, expected))
        }
        None => Ok(()),
    }
}

/// Puts the layer's name in front of a parameter's.
fn at_layer(layer: &str, error: Error) -> Error {
    match error {
        Error::InvalidParameter { name, value, expected } => {
            Error::InvalidParameter { name: format!("{layer}.{name}"), value, expected }
        }
        Error::ShapeMismatch { layer: inner, expected, got } => {
            Error::ShapeMismatch { layer: format!("{layer}.{inner}"), expected, got }
        }
        other => other,
    }
}
