//! Makes the plan, unit by unit in the order of work: shapes are inferred on the way.

use super::description::{Description, NodeSpec};
use super::edges::{Edges, Reading};
use super::operation::{MapPlan, Operation, is_public};
use super::plan::{Feed, LayerPlan, Plan, ProjectionKind, ProjectionPlan, Source, Unit, check_size};
use super::shape::{Shape, Sliding};
use super::temporal::Temporal;
use crate::dynamics::Bound;
use crate::dynamics::names::unknown;
use crate::error::{Error, Result};
use crate::train::init::Initialiser;
use std::collections::HashMap;

pub(super) struct Builder<'a> {
    description: &'a Description,
    edges: &'a Edges<'a>,
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

    pub fn build(mut self, order: &[Vec<usize>], index: &HashMap<&str, usize>) -> Result<Plan> {
        for group in order {
            match (&self.description.nodes[group[0]], &group[..]) {
                (NodeSpec::Dynamics { .. }, _) => self.layers(group)?,
                (_, &[node]) => self.became[node] = Some(self.map(node)?),
                _ => {}
            }
        }
        let output = index.get(self.description.output.as_str()).and_then(|&i| self.became[i]);
        let Some(output) = output.and_then(Source::layer) else {
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

    /// The source of a reading by `reader`, whose node has become something.
    fn source(&self, reading: &Reading, reader: Option<usize>) -> Result<Source> {
        let Some(node) = reading.source else { return Ok(Source::Input) };
        let source = self.became[node].unwrap_or(Source::Input);
        let Some(layer) = source.layer() else { return Ok(source) };
        let plan = &self.layers[layer];
        let Some(state) = reading.state else {
            return Ok(match plan.bound.returned {
                Some(state) if reader == Some(layer) => Source::State(layer, state),
                _ => source,
            });
        };
        let names = || plan.bound.states.iter().map(|state| state.name);
        match names().position(|name| name == state) {
            Some(state) => Ok(Source::State(layer, state)),
            None => Err(unknown(&format!("state of {}", plan.name), state, names())),
        }
    }

    /// Populations that run together: first all of them, so that they can read one another.
    fn layers(&mut self, group: &[usize]) -> Result<()> {
        let first = self.layers.len();
        for &node in group {
            let NodeSpec::Dynamics { name, neurons, dynamics } = &self.description.nodes[node] else {
                continue;
            };
            check_size(&format!("{name}.neurons"), *neurons)?;
            let bound = Bound::new(dynamics, *neurons, self.description.dt).map_err(|e| at_layer(name, e))?;
            let plan = LayerPlan {
                name: name.clone(),
                neurons: *neurons,
                shape: Shape::flat(*neurons),
                bound,
                feeds: vec![],
                feedback: vec![],
                remembered: false,
                looked_at: false,
            };
            self.became[node] = Some(plan.output(self.layers.len()));
            self.layers.push(plan);
        }
        for (layer, &node) in (first..).zip(group) {
            self.feeds(layer, node, first)?;
        }
        for layer in first..self.layers.len() {
            for feed in self.layers[layer].feedback.clone() {
                self.check_image_feedback(&feed, layer)?;
                match feed.source {
                    Source::Spikes(l) => self.layers[l].remembered |= feed.delayed,
                    Source::State(l, state) => self.layers[l].looked_at |= state == 0,
                    Source::Input | Source::Map(_) => {}
                }
            }
        }
        self.order.push(Unit::Layers { first, count: group.len() });
        Ok(())
    }

    /// What enters one population; members of its loop are numbered from `first`.
    fn feeds(&mut self, layer: usize, node: usize, first: usize) -> Result<()> {
        let NodeSpec::Dynamics { name, neurons, .. } = &self.description.nodes[node] else { return Ok(()) };
        let edges = self.edges;
        for reading in edges.readings(&self.description.nodes, node) {
            let projection = reading.through.and_then(|node| self.slot[node]);
            let source = self.source(&reading, Some(layer))?;
            let inside = source.layer().is_some_and(|l| l >= first);
            if source.layer() == Some(layer) && projection.is_none() {
                return Err(Error::invalid(
                    "edges",
                    format!("[\"{name}\", \"{name}\"]"),
                    "a projection between a population and itself",
                ));
            }
            let ports = self.ports(layer, reading.ports, source)?;
            let entering = self.shape(source);
            let source = match projection {
                Some(j) if matches!(self.projections[j].kind, ProjectionKind::Conv { .. }) => source,
                Some(j) => {
                    let from = self.name(source);
                    check_shape(
                        &self.projections[j].name,
                        self.projections[j].inputs,
                        entering.elements(),
                        from,
                    )?;
                    self.cut(j, name, *neurons, ports.len())?;
                    self.flat(source)
                }
                None => {
                    check_shape(name, *neurons * ports.len(), entering.elements(), self.name(source))?;
                    let channels = entering.channels / ports.len();
                    if self.layers[layer].feeds.is_empty() && entering.channels == channels * ports.len() {
                        self.layers[layer].shape = Shape { channels, ..entering };
                    }
                    match ports.len() {
                        1 => source,
                        _ => self.as_map(source),
                    }
                }
            };
            let feeds = ports.into_iter().enumerate().map(|(part, port)| Feed {
                projection,
                part,
                port,
                source,
                delayed: reading.delayed,
            });
            match inside {
                true => self.layers[layer].feedback.extend(feeds),
                false => self.layers[layer].feeds.extend(feeds),
            }
        }
        if self.layers[layer].feeds.is_empty()
            && self.layers[layer].feedback.iter().all(|f| f.source.layer() == Some(layer))
        {
            return Err(Error::invalid(
                format!("{name}: number of incoming edges"),
                0,
                "at least one source",
            ));
        }
        Ok(())
    }

    /// The ports that an edge enters: those that it names, or those of the model.
    fn ports(&self, layer: usize, names: &[String], source: Source) -> Result<Vec<usize>> {
        let LayerPlan { name, bound, .. } = &self.layers[layer];
        if names.is_empty() {
            let itself = source.layer() == Some(layer);
            return Ok(if itself { &bound.returning } else { &bound.entering }.clone());
        }
        let mut ports = Vec::new();
        for port in names {
            match bound.ports.iter().position(|known| known == port) {
                Some(i) if ports.contains(&i) => {
                    return Err(Error::invalid(
                        format!("edges: ports of {name}"),
                        format!("{names:?}"),
                        "each port once",
                    ));
                }
                Some(i) => ports.push(i),
                None => return Err(unknown(&format!("port of {name}"), port, bound.ports.iter().copied())),
            }
        }
        Ok(ports)
    }

    /// Cuts the outputs of a projection into one part for each port.
    fn cut(&mut self, projection: usize, layer: &str, neurons: usize, parts: usize) -> Result<()> {
        let plan = &mut self.projections[projection];
        let outputs = plan.outputs * plan.parts;
        if outputs != neurons * parts {
            let expected = match parts {
                1 => format!("[{neurons}]"),
                _ => format!("[{}], {neurons} for each of {parts} ports", neurons * parts),
            };
            return Err(mismatch(layer, expected, format!("[{outputs}] from {}", plan.name)));
        }
        (plan.outputs, plan.parts) = (neurons, parts);
        Ok(())
    }

    /// A convolution within a loop gives the image of the population that it feeds.
    fn check_image_feedback(&mut self, feed: &Feed, layer: usize) -> Result<()> {
        let Some(j) = feed.projection else { return Ok(()) };
        let ProjectionPlan { name, kind: ProjectionKind::Conv { channels, sliding, line, .. }, .. } =
            &self.projections[j]
        else {
            return Ok(());
        };
        let (from, to) = (self.shape(feed.source), self.layers[layer].shape);
        let size = sliding.output(name, from.size)?;
        let rank = if *line { 2 } else { 3 };
        let parts = self.layers[layer].feedback.iter().filter(|other| other.projection == Some(j)).count();
        if from.rank != rank || *channels != [from.channels, parts * to.channels] || size != to.size {
            let got = format!("a convolution of {channels:?} channels that gives {size:?} pixels");
            let expected = match parts {
                1 => format!("one from {from} to {to}"),
                _ => format!("one from {from} to {parts} times the channels of {to}"),
            };
            return Err(mismatch(name, expected, got));
        }
        Ok(())
    }

    /// A source that is no map as the values of one.
    fn as_map(&mut self, source: Source) -> Source {
        if let Source::Map(_) = source {
            return source;
        }
        let (shape, name) = (self.shape(source), format!("{}.flat", self.name(source)));
        let flat = Shape::flat(shape.elements());
        self.push(MapPlan::new(name, Operation::Flatten, None, vec![source], vec![shape], flat))
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
        if let (Operation::Flatten, [source @ (Source::Input | Source::Spikes(_) | Source::State(..))]) =
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
        let edges = self.edges;
        let mut sources = Vec::new();
        for reading in edges.readings(&self.description.nodes, node) {
            // A fused projection is none of a map's sources: it would not be fused then.
            debug_assert!(reading.source.is_none_or(|node| self.became[node].is_some()));
            let source = self.source(&reading, None)?;
            sources.push(match spec {
                NodeSpec::Dense { .. } | NodeSpec::OneToOne { .. } => self.flat(source),
                _ => source,
            });
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
            NodeSpec::OneToOne { neurons, parts, .. } => {
                check_shape(&name, *neurons, first.elements(), &from)?;
                if *parts != 1 {
                    let expected = "1, unless it feeds a population";
                    return Err(Error::invalid(format!("{name}.parts"), parts, expected));
                }
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
            NodeSpec::MatrixProduct { rows, inner, columns, .. } => {
                let (rows, inner, columns) = (*rows, *inner, *columns);
                for (size, what) in [(rows, "rows"), (inner, "inner"), (columns, "columns")] {
                    check_size(&format!("{name}.{what}"), size)?;
                }
                for (source, [height, width]) in entering.iter().zip([[rows, inner], [inner, columns]]) {
                    check_shape(&name, height.saturating_mul(width), source.elements(), &from)?;
                }
                (
                    Operation::MatrixProduct { sizes: [rows, inner, columns] },
                    Shape::flat(rows.saturating_mul(columns)),
                )
            }
            NodeSpec::Inhibition { .. } => {
                if let Some(other) = entering.iter().find(|&&shape| shape != first) {
                    return Err(mismatch(&name, format!("{first} as from {from}"), other));
                }
                (Operation::Inhibition, first)
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
            parts: 1,
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
            parts: 1,
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
                parts: 1,
                bias: *bias,
                initial: initial.clone(),
                initial_bias: initial_bias.clone(),
                trainable: *trainable,
                delay: delay.clone(),
            })
        }
        NodeSpec::OneToOne { name, neurons, parts, initial, trainable } => {
            check_size(&format!("{name}.neurons"), *neurons)?;
            check_size(&format!("{name}.parts"), *parts)?;
            check_size(&format!("{name}: weights"), neurons.saturating_mul(*parts))?;
            Some(ProjectionPlan {
                name: name.clone(),
                kind: ProjectionKind::OneToOne,
                inputs: *neurons,
                outputs: *neurons,
                parts: *parts,
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
                parts: 1,
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
                parts: 1,
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
