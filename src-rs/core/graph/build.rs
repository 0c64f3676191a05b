//! Makes the plan, unit by unit in the order of work: shapes are inferred on the way.

use super::description::{Description, NodeSpec};
use super::edges::Edges;
use super::operation::{MapPlan, Operation, is_public};
use super::plan::{Feed, LayerPlan, Plan, ProjectionKind, ProjectionPlan, Source, Unit, check_size};
use super::shape::{Shape, Sliding};
use super::temporal::Temporal;
use crate::dynamics::Bound;
use crate::error::{Error, Result};
use crate::train::init::Initialiser;
use std::collections::HashMap;

pub(super) struct Builder<'a> {
    description: &'a Description,
    edges: &'a Edges,
    input: Shape,
    projections: Vec<ProjectionPlan>,
    /// The projection of each node that has weights.
    slot: Vec<Option<usize>>,
    layers: Vec<LayerPlan>,
    maps: Vec<MapPlan>,
    order: Vec<Unit>,
    /// What each node became.
    became: Vec<Option<Source>>,
}

impl<'a> Builder<'a> {
    pub fn new(description: &'a Description, edges: &'a Edges) -> Result<Self> {
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
            became: vec![None; nodes.len()],
        };
        // In the order of the description: it decides the random numbers of the initial weights.
        for (i, node) in nodes.iter().enumerate() {
            if let Some(projection) = projection_plan(node)? {
                builder.slot[i] = Some(builder.projections.len());
                builder.projections.push(projection);
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

    pub fn build(mut self, order: &[usize], index: &HashMap<&str, usize>) -> Result<Plan> {
        for &node in order {
            let unit = match &self.description.nodes[node] {
                NodeSpec::Dynamics { .. } => self.layer(node)?,
                _ => self.map(node)?,
            };
            self.became[node] = Some(unit);
        }
        let fed = self.layers.iter().flat_map(|layer| layer.feeds.iter().map(|feed| feed.source));
        let read = fed.chain(self.maps.iter().flat_map(|map| map.sources.iter().copied()));
        for source in read {
            if let Source::Layer(l) = source {
                check_ungraded(&self.layers[l])?;
            }
        }
        for layer in self.layers.iter().filter(|layer| !layer.feedback.is_empty()) {
            check_spiking(layer)?;
            check_ungraded(layer)?;
        }
        let output = index.get(self.description.output.as_str()).and_then(|&i| self.became[i]);
        let Some(Source::Layer(output)) = output else {
            return Err(Error::UnknownName {
                kind: "output population".into(),
                name: self.description.output.clone(),
                did_you_mean: self.layers.last().map(|l| l.name.clone()),
            });
        };
        Ok(Plan {
            input_size: self.description.input.size,
            dt: self.description.dt,
            projections: self.projections,
            layers: self.layers,
            maps: self.maps,
            order: self.order,
            output,
        })
    }

    /// What a node (or the input) became; a population that is being made is `own`.
    fn source(&self, node: Option<usize>, own: Source) -> Source {
        node.map_or(Source::Input, |node| self.became[node].unwrap_or(own))
    }

    fn shape(&self, source: Source) -> Shape {
        match source {
            Source::Input => self.input,
            Source::Layer(l) => self.layers[l].shape,
            Source::Map(m) => self.maps[m].shape,
        }
    }

    fn name(&self, source: Source) -> &str {
        match source {
            Source::Input => "input",
            Source::Layer(l) => &self.layers[l].name,
            Source::Map(m) => &self.maps[m].name,
        }
    }

    fn layer(&mut self, node: usize) -> Result<Source> {
        let NodeSpec::Dynamics { name, neurons, dynamics } = &self.description.nodes[node] else {
            return Ok(Source::Input);
        };
        check_size(&format!("{name}.neurons"), *neurons)?;
        let bound = Bound::new(dynamics, *neurons, self.description.dt).map_err(|e| at_layer(name, e))?;
        if bound.ports.len() > 1 {
            return Err(Error::Unsupported {
                feature: format!("{name}: a neuron with the ports {}", bound.ports.join(", ")),
                format: "a layer of a model".into(),
            });
        }
        let own = Source::Layer(self.layers.len());
        let (mut feeds, mut feedback) = (vec![], vec![]);
        let mut shape = Shape::flat(*neurons);
        for &edge in &self.edges.incoming[node] {
            let (through, behind) = self.edges.behind(&self.description.nodes, edge);
            let projection = through.and_then(|node| self.slot[node]);
            let source = self.source(behind, own);
            if source == own && projection.is_none() {
                return Err(Error::invalid(
                    "edges",
                    format!("[\"{name}\", \"{name}\"]"),
                    "a projection between a population and itself",
                ));
            }
            let entering = if source == own { Shape::flat(*neurons) } else { self.shape(source) };
            let source = match projection {
                Some(j) if matches!(self.projections[j].kind, ProjectionKind::Conv { .. }) => source,
                Some(j) => {
                    let plan = &self.projections[j];
                    let from = if source == own { name } else { self.name(source) };
                    check_shape(&plan.name, plan.inputs, entering.elements(), from)?;
                    check_shape(name, *neurons, plan.outputs, &plan.name)?;
                    self.flat(source)
                }
                None => {
                    check_shape(name, *neurons, entering.elements(), self.name(source))?;
                    if feeds.is_empty() {
                        shape = entering;
                    }
                    source
                }
            };
            match projection {
                Some(j) if source == own => feedback.push(j),
                _ => feeds.push(Feed { projection, source }),
            }
        }
        if feeds.is_empty() {
            return Err(Error::invalid(
                format!("{name}: number of incoming edges"),
                0,
                "at least one source",
            ));
        }
        for &j in &feedback {
            self.check_image_feedback(j, shape)?;
        }
        self.order.push(Unit::Layer(self.layers.len()));
        self.layers.push(LayerPlan { name: name.clone(), neurons: *neurons, shape, bound, feeds, feedback });
        Ok(own)
    }

    /// A convolution that feeds a population's spikes back to it gives the image that it reads.
    fn check_image_feedback(&self, projection: usize, shape: Shape) -> Result<()> {
        let ProjectionPlan { name, kind, .. } = &self.projections[projection];
        let ProjectionKind::Conv { channels, sliding, line, .. } = kind else { return Ok(()) };
        let size = sliding.output(name, shape.size)?;
        let rank = if *line { 2 } else { 3 };
        if shape.rank != rank || *channels != [shape.channels; 2] || size != shape.size {
            let got = format!("a convolution of {channels:?} channels that gives {size:?} pixels");
            return Err(mismatch(name, format!("one from {shape} to {shape}"), got));
        }
        Ok(())
    }

    fn push(&mut self, map: MapPlan) -> Source {
        self.order.push(Unit::Map(self.maps.len()));
        self.maps.push(map);
        Source::Map(self.maps.len() - 1)
    }

    /// The source in the public order, through a map of its own where it is a map of an image. What a
    /// flattening map reads in that order already is read past it.
    fn flat(&mut self, source: Source) -> Source {
        let Source::Map(m) = source else { return source };
        if let (Operation::Flatten, [source @ (Source::Input | Source::Layer(_))]) =
            (self.maps[m].operation, &self.maps[m].sources[..])
        {
            return *source;
        }
        let (shape, name) = (self.maps[m].shape, format!("{}.flat", self.maps[m].name));
        if is_public(shape) {
            return source;
        }
        let flat = Shape::flat(shape.elements());
        self.push(MapPlan::new(name, Operation::Flatten, None, vec![source], vec![shape], flat))
    }

    fn map(&mut self, node: usize) -> Result<Source> {
        let spec = &self.description.nodes[node];
        let name = spec.name().to_string();
        let mut sources: Vec<Source> =
            self.edges.incoming[node].iter().map(|&edge| self.source(edge, Source::Input)).collect();
        for (&edge, source) in self.edges.incoming[node].iter().zip(&mut sources) {
            // A fused projection is none of a map's sources: it would not be fused then.
            debug_assert!(edge.is_none_or(|node| self.became[node].is_some()));
            if matches!(spec, NodeSpec::Dense { .. } | NodeSpec::OneToOne { .. }) {
                *source = self.flat(*source);
            }
        }
        let entering: Vec<Shape> = sources.iter().map(|&source| self.shape(source)).collect();
        let from = sources.first().map_or("", |&source| self.name(source)).to_string();
        let first = entering.first().copied().unwrap_or(self.input);
        let affine = |shape: Shape| ProjectionKind::Affine(shape);
        let (operation, shape) = match spec {
            NodeSpec::Dense { r#in, out, delay, .. } => {
                check_shape(&name, *r#in, first.elements(), &from)?;
                let operation = match delay {
                    None => Operation::Dense,
                    Some(delay) => {
                        let dt = self.description.dt;
                        Operation::Temporal(Temporal::delays(&name, delay.max, dt, delay.trainable)?)
                    }
                };
                (operation, Shape::flat(*out))
            }
            NodeSpec::OneToOne { neurons, .. } => {
                check_shape(&name, *neurons, first.elements(), &from)?;
                (Operation::OneToOne, first)
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
                (
                    Operation::Conv { sliding, groups: *groups },
                    Shape { channels: *out, size, rank: first.rank },
                )
            }
            NodeSpec::Pool { pooling, kernel, stride, padding, .. } => {
                let ones = vec![1; kernel.len()];
                let sliding = Sliding::new(&name, kernel, [stride, padding, &ones], None)?;
                if first.rank != kernel.len() + 1 {
                    let sizes = if kernel.len() == 1 { "width" } else { "height, width" };
                    return Err(mismatch(
                        &name,
                        format!("[channels, {sizes}]"),
                        format!("{first} from {from}"),
                    ));
                }
                for axis in 0..2 {
                    if 2 * sliding.padding[axis] > sliding.kernel[axis] {
                        let expected = "at most half of the kernel";
                        return Err(Error::invalid(
                            format!("{name}.padding"),
                            format!("{padding:?}"),
                            expected,
                        ));
                    }
                }
                let size = sliding.output(&name, first.size)?;
                (Operation::Pool { pooling: *pooling, sliding }, Shape { size, ..first })
            }
            NodeSpec::Flatten { .. } => (Operation::Flatten, Shape::flat(first.elements())),
            NodeSpec::Concat { .. } => {
                let same = |shape: &&Shape| (shape.rank, shape.size) != (first.rank, first.size);
                if let Some(other) = entering.iter().find(same) {
                    return Err(mismatch(&name, format!("the pixels of {first} from {from}"), other));
                }
                let channels = entering.iter().map(|shape| shape.channels).sum();
                (Operation::Concat, Shape { channels, ..first })
            }
            NodeSpec::Add { .. } => {
                if let Some(other) = entering.iter().find(|&&shape| shape != first) {
                    return Err(mismatch(&name, format!("{first} as from {from}"), other));
                }
                (Operation::Add, first)
            }
            NodeSpec::Multiply { .. } => {
                let fits = |shape: &Shape| {
                    *shape == first || (shape.channels, shape.pixels()) == (first.channels, 1)
                };
                if let Some(other) = entering.iter().find(|shape| !fits(shape)) {
                    let expected = format!("{first} as from {from}, or one pixel of its channels");
                    return Err(mismatch(&name, expected, other));
                }
                (Operation::Multiply, first)
            }
            NodeSpec::Attention { heads, scale, .. } => self.attention(&name, *heads, *scale, &sources)?,
            NodeSpec::Dropout { rate, .. } => {
                if !(0.0..1.0).contains(rate) {
                    return Err(Error::invalid(format!("{name}.rate"), rate, "a number from 0 to below 1"));
                }
                (Operation::Dropout { rate: *rate }, first)
            }
            NodeSpec::LayerNorm { epsilon, affine: learned, trainable, .. } => {
                positive(&format!("{name}.epsilon"), *epsilon)?;
                if *learned {
                    self.affine(node, &name, affine(first), first.elements(), *trainable);
                }
                (Operation::LayerNorm { epsilon: *epsilon }, first)
            }
            NodeSpec::BatchNorm { epsilon, momentum, affine: learned, scale, trainable, .. } => {
                positive(&format!("{name}.epsilon"), *epsilon)?;
                positive(&format!("{name}.scale"), *scale)?;
                if !(0.0..=1.0).contains(momentum) {
                    return Err(Error::invalid(format!("{name}.momentum"), momentum, "a number from 0 to 1"));
                }
                if *learned {
                    let each = affine(Shape::flat(first.channels));
                    self.affine(node, &name, each, first.channels, *trainable);
                }
                let (epsilon, momentum, scale) = (*epsilon, *momentum, *scale);
                (Operation::BatchNorm { epsilon, momentum, scale }, first)
            }
            NodeSpec::Embedding { size, .. } => {
                if sources[0] != Source::Input {
                    return Err(Error::Unsupported {
                        feature: format!("the embedding {name} of anything but the input"),
                        format: "the clocked executor".into(),
                    });
                }
                if first.elements() != 1 {
                    return Err(mismatch(
                        &name,
                        "[1]: the number of a row".into(),
                        format!("{first} from {from}"),
                    ));
                }
                (Operation::Embedding, Shape::flat(*size))
            }
            NodeSpec::Filter { length, each, bias, initial, initial_bias, trainable, .. } => {
                let temporal = Temporal::filter(&name, *length, *each)?;
                let kernels = if *each { first.channels } else { 1 };
                self.over_time(node, &name, [*length, kernels], *bias, [initial, initial_bias], *trainable);
                (Operation::Temporal(temporal), first)
            }
            NodeSpec::Mixture { steps, order, bias, initial, initial_bias, trainable, .. } => {
                let temporal = Temporal::mixture(&name, *steps, *order)?;
                self.over_time(node, &name, [*steps, *steps], *bias, [initial, initial_bias], *trainable);
                (Operation::Temporal(temporal), first)
            }
            NodeSpec::Dynamics { .. } => return Ok(Source::Input),
        };
        check_size(&format!("{name}: elements"), shape.elements())?;
        Ok(self.push(MapPlan::new(name, operation, self.slot[node], sources, entering, shape)))
    }

    /// Queries and keys have the same channels, keys and values the same tokens.
    fn attention(
        &self,
        name: &str,
        heads: usize,
        scale: f64,
        sources: &[Source],
    ) -> Result<(Operation, Shape)> {
        let [q, k, v] = [0, 1, 2].map(|i| self.shape(sources[i]));
        for (source, shape, expected) in [
            (sources[1], k, Shape { channels: q.channels, ..k }),
            (sources[2], v, Shape { channels: v.channels, ..k }),
        ] {
            if shape != expected {
                return Err(mismatch(
                    name,
                    expected.to_string(),
                    format!("{shape} from {}", self.name(source)),
                ));
            }
        }
        if heads == 0 || !q.channels.is_multiple_of(heads) || !v.channels.is_multiple_of(heads) {
            let expected = format!("a common divisor of {} and {} channels", q.channels, v.channels);
            return Err(Error::invalid(format!("{name}.heads"), heads, expected));
        }
        positive(&format!("{name}.scale"), scale)?;
        Ok((Operation::Attention { heads, scale }, Shape { channels: v.channels, ..q }))
    }

    /// Weights over time, of a shape that only now is known.
    fn over_time(
        &mut self,
        node: usize,
        name: &str,
        [inputs, outputs]: [usize; 2],
        bias: bool,
        [initial, initial_bias]: [&Initialiser; 2],
        trainable: bool,
    ) {
        self.slot[node] = Some(self.projections.len());
        self.projections.push(ProjectionPlan {
            name: name.into(),
            kind: ProjectionKind::Time,
            inputs,
            outputs,
            bias,
            initial: initial.clone(),
            initial_bias: initial_bias.clone(),
            trainable,
            delay: None,
        });
    }

    /// Factors of 1 and offsets of 0, of a shape that only now is known.
    fn affine(&mut self, node: usize, name: &str, kind: ProjectionKind, size: usize, trainable: bool) {
        self.slot[node] = Some(self.projections.len());
        self.projections.push(ProjectionPlan {
            name: name.into(),
            kind,
            inputs: size,
            outputs: size,
            bias: true,
            initial: Initialiser::Constant { value: 1.0 },
            initial_bias: Initialiser::Zeros {},
            trainable,
            delay: None,
        });
    }
}

fn projection_plan(node: &NodeSpec) -> Result<Option<ProjectionPlan>> {
    Ok(match node {
        NodeSpec::Dense { name, r#in, out, bias, initial, initial_bias, trainable, delay } => {
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
                delay: delay.clone(),
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
                delay: None,
            })
        }
        NodeSpec::Conv {
            name,
            r#in,
            out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            output_padding,
            bias,
            initial,
            initial_bias,
            trainable,
        } => {
            check_size(&format!("{name}.in"), *r#in)?;
            check_size(&format!("{name}.out"), *out)?;
            let sliding = Sliding::new(name, kernel, [stride, padding, dilation], output_padding.as_deref())?;
            if *groups == 0 || !r#in.is_multiple_of(*groups) || !out.is_multiple_of(*groups) {
                let expected = format!("a common divisor of {in} and {out} channels", in = r#in);
                return Err(Error::invalid(format!("{name}.groups"), groups, expected));
            }
            let channels = [*r#in, *out];
            let line = kernel.len() == 1;
            Some(ProjectionPlan {
                name: name.clone(),
                kind: ProjectionKind::Conv { channels, sliding, groups: *groups, line },
                inputs: *r#in,
                outputs: *out,
                bias: *bias,
                initial: initial.clone(),
                initial_bias: initial_bias.clone(),
                trainable: *trainable,
                delay: None,
            })
        }
        NodeSpec::Embedding { name, count, size, initial, trainable } => {
            check_size(&format!("{name}.count"), count.saturating_sub(1))?;
            check_size(&format!("{name}.size"), *size)?;
            Some(ProjectionPlan {
                name: name.clone(),
                kind: ProjectionKind::Table,
                inputs: *count,
                outputs: *size,
                bias: false,
                initial: initial.clone(),
                initial_bias: initial.clone(),
                trainable: *trainable,
                delay: None,
            })
        }
        _ => None,
    })
}

fn positive(name: &str, value: f64) -> Result<()> {
    match value.is_finite() && value > 0.0 {
        true => Ok(()),
        false => Err(Error::invalid(name, value, "a positive number")),
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

/// What is fed back are spikes.
fn check_spiking(layer: &LayerPlan) -> Result<()> {
    if layer.bound.spiking {
        return Ok(());
    }
    let expected = "no recurrence: its neurons have no spikes to feed back";
    Err(Error::invalid(format!("{}.recurrent", layer.name), "a projection to itself", expected))
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
